"""The public side and the operator: founding, the rate, the terms, where a mall stands."""

from dataclasses import fields
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import NotAllowed
from gongzhi.mall import actions, permissions, queries, rules, store
from gongzhi.mall.actions.shops import Terms
from gongzhi.people.models import Organisation
from gongzhi.web import paging
from gongzhi.web.staff import frame

ONLY_FOUNDERS = "开办商城和公布兑换比例，由村（社区）两委或镇（街道）来做。"
ONLY_OPERATOR = "商城由政府以外的运营单位来管，在机关任职的人不能兼办。"


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


class TermsForm(frame.Form):
    """What the mall allows; each number within what the rules allow."""

    percent = forms.IntegerField(label=gettext_lazy("积分最多抵价格的百分之几"))
    month = forms.IntegerField(label=gettext_lazy("每人每月最多抵多少积分"))
    code_minutes = forms.IntegerField(label=gettext_lazy("取货码几分钟内有效"))
    usual_months = forms.IntegerField(label=gettext_lazy("付款期限一般几个月"))
    most_months = forms.IntegerField(label=gettext_lazy("付款期限最长几个月"))
    basis = forms.CharField(label=gettext_lazy("哪次会议定的（公开）"), max_length=200)


class ReceiptForm(frame.Form):
    """The bank's receipt."""

    file = forms.FileField(label=gettext_lazy("银行回执（CSV）"))


class CutForm(frame.Form):
    """Up to which day a batch reaches."""

    cutoff = forms.DateField(label=gettext_lazy("结算到哪一天"), widget=frame.Day())


def organisations(paths: list[str]) -> list[tuple[str, str]]:
    """Organisations of these places and below, by name, none being chosen; at most 500 a place."""
    found: dict[int, str] = {}
    for path in paths[:10]:
        rows = Organisation.objects.filter(place__path__startswith=path).order_by("name")
        found.update(rows.values_list("id", "name")[:500])
    return [("", _("请选择")), *((str(number), name) for number, name in found.items())]


def me(request: HttpRequest) -> int:
    """Who is signed in."""
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
        raise NotAllowed(ONLY_FOUNDERS)
    form = MallForm(viewer, request.POST or None)
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.found(
                place_id=int(typed["place"]), name=typed["name"],
                operator_id=int(typed["operator"]), funder_id=int(typed["funder"]),
                by=me(request), at=frame.now(),
            )
        )  # fmt: skip
        if made is not None:
            return redirect("mall_run", mall_id=made)
    context = {"title": _("开办积分商城"), "form": form}
    return render(request, "mall/form.html", context, status=form.status)


@frame.staff_only
def page(request: HttpRequest, mall_id: int) -> HttpResponse:
    """Where the mall stands."""
    return shown(request, queries.mall_for(frame.viewer(request), mall_id), ReceiptForm())


def shown(
    request: HttpRequest, mall: dict[str, Any], form: ReceiptForm, cut: CutForm | None = None,
    told: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """The page of a mall, perhaps with a form that was refused; `told` a small one on it."""
    found = queries.batches(mall["id"], page=frame.number(request, "page", 1))
    cut = cut or CutForm(initial={"cutoff": store.day(frame.now())}, auto_id="cut_%s")
    context = {
        "title": mall["name"], "mall": mall, "form": form, "cut": cut,
        "totals": queries.open_totals(mall, frame.now()),
        "merchants": queries.merchants(mall["id"]), "disputes": queries.disputes(mall["id"]),
        "returned": queries.returned(mall["id"]), "debts": queries.debts(mall["id"]),
        "today": store.day(frame.now()),
        "batches": found["rows"],
        "problems": queries.audit(mall["id"]) if request.GET.get("check") == "1" else None,
        "pager": paging.Pager(found["page"], found["more"], ""), "told": told,
    }  # fmt: skip
    status = 422 if told else max(form.status, cut.status)
    return render(request, "mall/run.html", context, status=status)


@frame.staff_only
def rate(request: HttpRequest, mall_id: int) -> HttpResponse:
    """Publish what a point is worth."""
    mall = queries.mall_for(frame.viewer(request), mall_id)
    if not mall["founds"]:
        raise NotAllowed(ONLY_FOUNDERS)
    form = RateForm(request.POST or None)
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.publish_rate(
                mall_id=mall_id, fen=typed["fen"], from_on=typed["from_on"], basis=typed["basis"],
                by=me(request), at=frame.now(),
            )
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("已公布。"))
            return redirect("mall_run", mall_id=mall_id)
    context = {"title": _("公布抵扣比例"), "form": form, "mall": mall}
    return render(request, "mall/form.html", context, status=form.status)


@frame.staff_only
def terms(request: HttpRequest, mall_id: int) -> HttpResponse:
    """Change what the mall allows, by a decision; what was before stays on record."""
    mall = queries.mall_for(frame.viewer(request), mall_id)
    if not mall["founds"]:
        raise NotAllowed(ONLY_FOUNDERS)
    names = [field.name for field in fields(Terms)]
    form = TermsForm(request.POST or None, initial={name: mall[name] for name in names})
    if request.method == "POST":
        done = form.did(
            lambda typed: actions.set_terms(
                mall_id=mall_id, terms=Terms(**{name: typed[name] for name in names}),
                basis=typed["basis"], by=me(request), at=frame.now(),
            )
        )  # fmt: skip
        if done:
            messages.success(request, _("已公布。"))
            return redirect("mall_run", mall_id=mall_id)
    context = {
        "title": _("调整规则"), "form": form, "mall": mall,
        "source": rules.terms()["most"]["source"], "records": queries.records(mall_id, None),
    }  # fmt: skip
    return render(request, "mall/form.html", context, status=form.status)


def operated(request: HttpRequest, mall_id: int) -> dict[str, Any]:
    """The mall, if he runs it; NotFound for strangers, NotAllowed for overseers."""
    mall = queries.mall_for(frame.viewer(request), mall_id)
    if not mall["operates"]:
        raise NotAllowed(ONLY_OPERATOR)
    return mall
