"""Shops under contract and licensed financiers, as the operator and the public side keep them."""

from dataclasses import fields
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import NotAllowed
from gongzhi.mall import actions, queries
from gongzhi.mall.actions.contracts import Contract
from gongzhi.mall.models import Merchant
from gongzhi.web.mall.desk import ONLY_FOUNDERS, ONLY_OPERATOR, me, operated, organisations
from gongzhi.web.staff import frame

DOINGS = {"suspend": "suspended", "resume": "active", "end": "ended"}


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
    document = forms.CharField(label=gettext_lazy("合同编号"), max_length=120)
    contract_from = forms.DateField(label=gettext_lazy("合同从"), widget=frame.Day())
    contract_to = forms.DateField(label=gettext_lazy("合同到"), widget=frame.Day())
    bank = forms.CharField(label=gettext_lazy("开户银行"), max_length=60)
    bank_account = forms.CharField(label=gettext_lazy("银行账号"), max_length=40)
    fee_bp = forms.IntegerField(
        label=gettext_lazy("手续费（万分之几）"), min_value=0, max_value=3000, initial=0
    )
    pay_days = forms.IntegerField(
        label=gettext_lazy("账期（确认对账单后几天付款）"), min_value=1, max_value=365, initial=1
    )

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = choices  # type: ignore[attr-defined]


class FinancierForm(frame.Form):
    """A bank or factor whose licence somebody has looked at."""

    organisation = forms.ChoiceField(label=gettext_lazy("单位"))
    licence = forms.CharField(label=gettext_lazy("金融许可证号"), max_length=40)
    valid_to = forms.DateField(label=gettext_lazy("许可证有效期到"), widget=frame.Day())
    bank = forms.CharField(label=gettext_lazy("收款的开户银行"), max_length=60)
    bank_account = forms.CharField(label=gettext_lazy("收款账号"), max_length=40)

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = choices  # type: ignore[attr-defined]


def _contract(typed: dict[str, Any]) -> Contract:
    names = [field.name for field in fields(Contract) if field.name != "organisation_id"]
    return Contract(int(typed["organisation"]), **{name: typed[name] for name in names})


@frame.staff_only
def admit(request: HttpRequest, mall_id: int) -> HttpResponse:
    """A shop joins."""
    mall = operated(request, mall_id)
    form = MerchantForm(organisations([mall["place_path"]]), request.POST or None)
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.admit(
                mall_id=mall_id, contract=_contract(typed), by=me(request), at=frame.now()
            )
        )
        if made is not None:
            messages.success(request, _("已登记。"))
            return redirect("mall_run", mall_id=mall_id)
    context = {"title": _("登记一家商户"), "form": form, "mall": mall}
    return render(request, "mall/form.html", context, status=form.status)


def _seen(request: HttpRequest, mall_id: int, merchant_id: int) -> tuple[dict[str, Any], ...]:
    mall = queries.mall_for(frame.viewer(request), mall_id)
    return mall, queries.merchant_of(mall_id, merchant_id)


@frame.staff_only
def page(request: HttpRequest, mall_id: int, merchant_id: int) -> HttpResponse:
    """A shop's contract, its story, and the steps the operator may take."""
    mall, merchant = _seen(request, mall_id, merchant_id)
    status, typed, error = 200, "", ""
    if request.method == "POST":
        if not mall["operates"]:
            raise NotAllowed(ONLY_OPERATOR)
        typed = request.POST.get("why", "")
        form = _StateForm(request.POST)
        done = form.did(
            lambda said: actions.set_merchant_state(
                merchant_id=merchant_id, state=DOINGS[said["do"]], why=said["why"],
                by=me(request), at=frame.now(),
            )
        )  # fmt: skip
        if done:
            messages.success(request, _("办好了。"))
            return redirect("mall_merchant", mall_id=mall_id, merchant_id=merchant_id)
        status, error = form.status, " ".join(str(w) for ws in form.errors.values() for w in ws)
    context = {
        "title": merchant["name"], "mall": mall, "merchant": merchant, "why": typed,
        "error": error, "categories": dict(Merchant.Category.choices),
        "states": dict(Merchant.State.choices),
    }  # fmt: skip
    return render(request, "mall/merchant.html", context, status=status)


class _StateForm(frame.Form):
    do = forms.ChoiceField(choices=[(name, name) for name in DOINGS])
    why = forms.CharField(label=gettext_lazy("原因"), max_length=200)


@frame.staff_only
def renew(request: HttpRequest, mall_id: int, merchant_id: int) -> HttpResponse:
    """Another year, other terms, another account; also for who comes back."""
    mall, merchant = _seen(request, mall_id, merchant_id)
    if not mall["operates"]:
        raise NotAllowed(ONLY_OPERATOR)
    choices = [(str(merchant["organisation_id"]), merchant["name"])]
    form = MerchantForm(choices, request.POST or None, initial=merchant)
    if request.method == "POST":
        done = form.did(
            lambda typed: actions.renew(
                merchant_id=merchant_id, contract=_contract(typed), by=me(request), at=frame.now()
            )
        )
        if done:
            messages.success(request, _("已登记。"))
            return redirect("mall_merchant", mall_id=mall_id, merchant_id=merchant_id)
    context = {"title": _("续签或改合同"), "form": form, "mall": mall}
    return render(request, "mall/form.html", context, status=form.status)


@frame.staff_only
def financiers(request: HttpRequest, mall_id: int) -> HttpResponse:
    """Who may finance claims: licensed, and looked at by the public side."""
    mall = queries.mall_for(frame.viewer(request), mall_id)
    form = None
    if mall["founds"]:
        places = [p.place_path for p in frame.viewer(request).posts if p.covers(mall["place_path"])]
        form = FinancierForm(organisations(places), request.POST or None)
    if request.method == "POST":
        if form is None:
            raise NotAllowed(ONLY_FOUNDERS)
        made = form.attempt(
            lambda typed: actions.license_financier(
                mall_id=mall_id, organisation_id=int(typed["organisation"]),
                licence=typed["licence"], valid_to=typed["valid_to"], bank=typed["bank"],
                bank_account=typed["bank_account"], by=me(request), at=frame.now(),
            )
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("已登记。"))
            return redirect("mall_financiers", mall_id=mall_id)
    context = {
        "title": _("金融机构"), "mall": mall, "form": form, "rows": queries.licences(),
        "today": frame.now().date(),
    }  # fmt: skip
    return render(request, "mall/financiers.html", context, status=form.status if form else 200)
