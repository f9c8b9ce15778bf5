"""The shop's phone: take a code, see what was sold, give it back."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.mall import actions, exchange, queries
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.mall.buying import me
from gongzhi.web.sheet import Sheet


def fen(typed: str, field: str) -> int:
    """Yuan as typed, in fen; BadInput beside the field."""
    try:
        return exchange.fen(typed.replace("元", "").strip() or "0")
    except BadInput:
        raise BadInput(field, "请填金额，例如 12 或 12.50。") from None


@never_cache
@login_required
def shops(request: Asked) -> HttpResponse:
    """The shops one works in; the only one opens at once."""
    rows = queries.shops(request.viewer)
    if not rows:
        raise NotFound("您还没有在哪家商户任职。", todo="请商城运营单位登记。")
    if len(rows) == 1:
        return HttpResponseRedirect(reverse("mall_shop", kwargs={"merchant_id": rows[0]["id"]}))
    return render(request, "mall/shops.html", {"rows": rows})


@never_cache
@login_required
def page(request: Asked, merchant_id: int) -> HttpResponse:
    """Type or scan the code; below, what was taken. Nothing here says who bought."""
    shop = queries.shop_for(request.viewer, merchant_id)
    sheet = Sheet({"key": uuid4().hex})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "code")
        try:
            made = actions.redeem(
                merchant_id=merchant_id, code=sheet["code"], by=me(request), at=timezone.now(),
                key=sheet["key"],
            )  # fmt: skip
        except Refused as refusal:
            sheet.wrong(refusal)
            sheet.errors = {"code": next(iter(sheet.errors.values()))}
        else:
            return HttpResponseRedirect(
                reverse("mall_sold", kwargs={"merchant_id": merchant_id, "order_id": made})
            )
    found = queries.shop_orders(merchant_id, page=paging.number(request))
    context = {
        "shop": shop, "sheet": sheet, "rows": found["rows"],
        "returned": queries.returned_of(merchant_id), "debts": queries.debts_of(merchant_id),
        "waiting": [s for s in queries.statements(merchant_id) if s["state"] == "sent"],
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
    }  # fmt: skip
    return render(request, "mall/shop.html", context, status=sheet.status)


@never_cache
@login_required
def code(request: Asked, token: str) -> HttpResponse:
    """What a square code opens on the shop's phone: what it is for, and one button to take it."""
    at = timezone.now()
    row, sheet = queries.coded(request.viewer, token, at), Sheet({"key": uuid4().hex})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key")
        try:
            made = actions.redeem(
                merchant_id=row["merchant_id"], code=token, by=me(request), at=at,
                key=sheet["key"],
            )  # fmt: skip
        except Refused as refusal:
            sheet.wrong(refusal)
        else:
            way = {"merchant_id": row["merchant_id"], "order_id": made}
            return HttpResponseRedirect(reverse("mall_sold", kwargs=way))
    context = {"order": row, "sheet": sheet}
    return render(request, "mall/code.html", context, status=sheet.status)


@never_cache
@login_required
def sold(request: Asked, merchant_id: int, order_id: int) -> HttpResponse:
    """What to hand out and how much to take; giving it back."""
    shop = queries.shop_for(request.viewer, merchant_id)
    row, sheet = queries.shop_order(merchant_id, order_id), Sheet()
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "why")
        try:
            actions.refund(order_id=order_id, why=sheet["why"], by=me(request), at=timezone.now())
        except Refused as refusal:
            sheet.wrong(refusal)
        else:
            messages.success(request, _("已退，积分回到居民那里。"))
            return HttpResponseRedirect(request.path)
    debt = queries.debt_of(order_id) if row["state"] == "refunded" else None
    context = {"shop": shop, "order": row, "sheet": sheet, "debt": debt}
    return render(request, "mall/sold.html", context, status=sheet.status)
