"""The operator's desk: shops, statements, clearing days; the public side founds and looks on."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.mall import actions, permissions, queries, store
from gongzhi.mall.actions.shops import Contract
from gongzhi.mall.models import Merchant
from gongzhi.people.models import Organisation
from gongzhi.web import paging
from gongzhi.web.staff import frame

MOST_BYTES = 1_000_000


class MallForm(frame.Form):
    """A new mall: where, who runs it, who pays."""

    place = forms.ChoiceField(label=gettext_lazy("在哪里"))
    name = forms.CharField(label=gettext_lazy("商城名称"), max_length=40)
    operator = forms.ChoiceField(
        label=gettext_lazy("运营单位"), help_text=gettext_lazy("不能是政府部门或村（居）委会。")
    )
    funder = forms.ChoiceField(label=gettext_lazy("出资单位"))

    def __init__(self, viewer: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posts = {p.place_id: p for p in viewer.posts if p.role in permissions.FOUND}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            (str(place), post.place_name) for place, post in posts.items()
        ]
        found = organisations([post.place_path for post in posts.values()])
        self.fields["operator"].choices = self.fields["funder"].choices = found  # type: ignore[attr-defined]


class RateForm(frame.Form):
    """What a point is worth from a day on."""

    fen = forms.IntegerField(label=gettext_lazy("每分积分抵多少分钱"), min_value=1, max_value=1000)
    from_on = forms.DateField(label=gettext_lazy("从哪天起"), widget=frame.Day())
    basis = forms.CharField(label=gettext_lazy("哪次会议定的（公开）"), max_length=200)


class MerchantForm(frame.Form):
    """A shop's licence, contract and bank account."""

    organisation = forms.ChoiceField(label=gettext_lazy("单位"))
    credit_code = forms.CharField(
        label=gettext_lazy("统一社会信用代码"), max_length=20,
        help_text=gettext_lazy("营业执照上的18位代码。"),
    )  # fmt: skip
    category = forms.ChoiceField(
        label=gettext_lazy("类别"), choices=Merchant.Category.choices, widget=forms.RadioSelect
    )
    contract_from = forms.DateField(label=gettext_lazy("合同从"), widget=frame.Day())
    contract_to = forms.DateField(label=gettext_lazy("合同到"), widget=frame.Day())
    bank = forms.CharField(label=gettext_lazy("开户银行"), max_length=60)
    bank_account = forms.CharField(label=gettext_lazy("银行账号"), max_length=40)
    fee_bp = forms.IntegerField(
        label=gettext_lazy("手续费（万分之几）"), min_value=0, max_value=3000, initial=0
    )

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = choices  # type: ignore[attr-defined]


class ReceiptForm(frame.Form):
    """The bank's receipt."""

    file = forms.FileField(label=gettext_lazy("银行回执（CSV）"))


def organisations(paths: list[str]) -> list[tuple[str, str]]:
    """Organisations of these places and below, by name; at most five hundred."""
    found: dict[int, str] = {}
    for path in paths[:10]:
        rows = Organisation.objects.filter(place__path__startswith=path).order_by("name")
        found.update(rows.values_list("id", "name")[:500])
    return [(str(number), name) for number, name in found.items()]


def _me(request: HttpRequest) -> int:
    found = frame.viewer(request).person_id
    assert found is not None  # staff_only
    return found


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """The malls one runs or watches."""
    viewer = frame.viewer(request)
    context = {
        "title": _("积分商城"), "rows": queries.malls(viewer),
        "may_new": any(p.role in permissions.FOUND for p in viewer.posts),
    }  # fmt: skip
    return render(request, "mall/desk.html", context)


@frame.staff_only
def new(request: HttpRequest) -> HttpResponse:
    """Found a mall."""
    viewer = frame.viewer(request)
    if not any(p.role in permissions.FOUND for p in viewer.posts):
        raise NotAllowed("开办商城和公布兑换比例，由村（社区）两委或镇（街道）来做。")
    form = MallForm(viewer, request.POST or None)
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.found(
                place_id=int(typed["place"]), name=typed["name"],
                operator_id=int(typed["operator"]), funder_id=int(typed["funder"]),
                by=_me(request), at=frame.now(),
            )
        )  # fmt: skip
        if made is not None:
            return redirect("mall_run", mall_id=made)
    context = {"title": _("开办积分商城"), "form": form}
    return render(request, "mall/form.html", context, status=form.status)


@frame.staff_only
def page(request: HttpRequest, mall_id: int) -> HttpResponse:
    """Where the mall stands."""
    return _page(request, queries.mall_for(frame.viewer(request), mall_id), ReceiptForm())


def _page(request: HttpRequest, mall: dict[str, Any], form: ReceiptForm) -> HttpResponse:
    found = queries.batches(mall["id"], page=frame.number(request, "page", 1))
    context = {
        "title": mall["name"], "mall": mall, "form": form,
        "totals": queries.open_totals(mall, frame.now()),
        "merchants": queries.merchants(mall["id"]), "disputes": queries.disputes(mall["id"]),
        "batches": found["rows"], "problems": queries.audit(mall["id"]),
        "pager": paging.Pager(found["page"], found["more"], ""),
    }  # fmt: skip
    return render(request, "mall/run.html", context, status=form.status)


@frame.staff_only
def rate(request: HttpRequest, mall_id: int) -> HttpResponse:
    """Publish what a point is worth."""
    mall = queries.mall_for(frame.viewer(request), mall_id)
    if not mall["founds"]:
        raise NotAllowed("开办商城和公布兑换比例，由村（社区）两委或镇（街道）来做。")
    form = RateForm(request.POST or None)
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.publish_rate(
                mall_id=mall_id, fen=typed["fen"], from_on=typed["from_on"], basis=typed["basis"],
                by=_me(request), at=frame.now(),
            )
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("已公布。"))
            return redirect("mall_run", mall_id=mall_id)
    context = {"title": _("公布抵扣比例"), "form": form, "mall": mall}
    return render(request, "mall/form.html", context, status=form.status)


def _operated(request: HttpRequest, mall_id: int) -> dict[str, Any]:
    mall = queries.mall_for(frame.viewer(request), mall_id)
    if not mall["operates"]:
        raise NotAllowed("商城由政府以外的运营单位来管，在机关任职的人不能兼办。")
    return mall


@frame.staff_only
def admit(request: HttpRequest, mall_id: int) -> HttpResponse:
    """A shop joins."""
    mall = _operated(request, mall_id)
    form = MerchantForm(organisations([mall["place_path"]]), request.POST or None)
    if request.method == "POST":
        made = form.attempt(lambda typed: _admitted(request, mall_id, typed))
        if made is not None:
            messages.success(request, _("已登记。"))
            return redirect("mall_run", mall_id=mall_id)
    context = {"title": _("登记一家商户"), "form": form, "mall": mall}
    return render(request, "mall/form.html", context, status=form.status)


def _admitted(request: HttpRequest, mall_id: int, typed: dict[str, Any]) -> int:
    names = (
        "credit_code", "category", "contract_from", "contract_to", "bank", "bank_account", "fee_bp"
    )  # fmt: skip
    contract = Contract(int(typed["organisation"]), **{name: typed[name] for name in names})
    return actions.admit(mall_id=mall_id, contract=contract, by=_me(request), at=frame.now())


@frame.staff_only
@frame.post_only
def draw(request: HttpRequest, mall_id: int) -> HttpResponse:
    """A statement for one shop, up to today."""
    _operated(request, mall_id)
    shop = request.POST.get("merchant", "")
    number = int(shop) if shop.isascii() and shop.isdigit() and len(shop) < 16 else 0
    return _small(
        request, mall_id, _("对账单已发给商户。"),
        lambda: actions.draw_statement(
            merchant_id=number, to_on=store.day(frame.now()), by=_me(request), at=frame.now()
        ),
    )  # fmt: skip


def _small(request: HttpRequest, mall_id: int, words: str, call: Any) -> HttpResponse:
    """One step on the page of the mall; a refusal is told there."""
    try:
        call()
    except Refused as refusal:
        if refusal.status in {403, 404}:
            raise
        messages.warning(request, f"{_(refusal.words)}{_(refusal.todo) if refusal.todo else ''}")
    else:
        messages.success(request, words)
    return redirect("mall_run", mall_id=mall_id)


@frame.staff_only
@frame.post_only
def answer(request: HttpRequest, mall_id: int, line_id: int) -> HttpResponse:
    """The answer to a disputed line."""
    _operated(request, mall_id)
    return _small(
        request, mall_id, _("已答复。"),
        lambda: actions.answer_dispute(
            line_id=line_id, stands=request.POST.get("stands") == "1",
            answer=request.POST.get("answer", ""), by=_me(request), at=frame.now(),
        ),
    )  # fmt: skip


@frame.staff_only
@frame.post_only
def batch(request: HttpRequest, mall_id: int) -> HttpResponse:
    """A clearing day up to today."""
    _operated(request, mall_id)
    return _small(
        request, mall_id, _("这一批已生成，请把付款文件交给银行。"),
        lambda: actions.run_batch(
            mall_id=mall_id, cutoff=store.day(frame.now()), by=_me(request), at=frame.now()
        ),
    )  # fmt: skip


@frame.staff_only
@frame.post_only
def receipt(request: HttpRequest, mall_id: int) -> HttpResponse:
    """The bank's answer."""
    mall = _operated(request, mall_id)
    form = ReceiptForm(request.POST, request.FILES)
    made = form.attempt(lambda typed: _taken(request, mall_id, typed["file"]))
    if made is None:
        return _page(request, mall, form)
    messages.success(request, _("回执已记下，%(n)d笔有了结果。") % {"n": made})
    return redirect("mall_run", mall_id=mall_id)


def _taken(request: HttpRequest, mall_id: int, file: Any) -> int:
    if file.size > MOST_BYTES:
        raise BadInput("file", "文件太大了，最多1兆。")
    raw = file.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            body = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in body:
            break
        return actions.take_receipt(mall_id=mall_id, body=body, by=_me(request), at=frame.now())
    raise BadInput("file", "这个文件读不出来，请用银行给的原文件。")


@frame.staff_only
def file(request: HttpRequest, mall_id: int, message_id: int) -> HttpResponse:
    """A file for the bank, as it went out."""
    _operated(request, mall_id)
    row = queries.message(mall_id, message_id)
    answer = HttpResponse("\ufeff" + row["body"], content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = frame.attachment(row["name"])
    return answer
