"""The shop's phone: take a code, see what was sold, keep the shelf, agree to a statement."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.core.photos import MAX_PHOTO_BYTES
from gongzhi.mall import actions, exchange, queries, store
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.mall.buying import me
from gongzhi.web.mall.files import spreadsheet
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
    sheet = Sheet()
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "code")
        try:
            made = actions.redeem(
                merchant_id=merchant_id, code=sheet["code"], by=me(request), at=timezone.now()
            )
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
        "waiting": [s for s in queries.statements(merchant_id) if s["state"] == "sent"],
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
    }  # fmt: skip
    return render(request, "mall/shop.html", context, status=sheet.status)


@never_cache
@login_required
def code(request: Asked, token: str) -> HttpResponse:
    """What a square code opens on the shop's phone: what it is for, and one button to take it."""
    at = timezone.now()
    row, sheet = queries.coded(request.viewer, token, at), Sheet()
    if request.method == "POST":
        try:
            made = actions.redeem(merchant_id=row["merchant_id"], code=token, by=me(request), at=at)
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
    context = {"shop": shop, "order": row, "sheet": sheet}
    return render(request, "mall/sold.html", context, status=sheet.status)


@never_cache
@login_required
def offers(request: Asked, merchant_id: int) -> HttpResponse:
    """The shelf, and something new on it."""
    shop, sheet = queries.shop_for(request.viewer, merchant_id), Sheet({"key": uuid4().hex})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "name", "about", "kind", "price", "points", "stock")
        try:
            actions.offer(
                merchant_id=merchant_id, name=sheet["name"], about=sheet["about"],
                kind=sheet["kind"], price_fen=fen(sheet["price"], "price"),
                points=sheet.whole("points") or 0, stock=_stock(sheet), by=me(request),
                at=timezone.now(), key=sheet["key"][:80] or None, picture=_photo(request),
            )  # fmt: skip
        except Refused as refusal:
            sheet.wrong(refusal)
        else:
            messages.success(request, _("已上架。"))
            return HttpResponseRedirect(request.path)
    context = {"shop": shop, "rows": queries.shop_offers(merchant_id), "sheet": sheet}
    return render(request, "mall/offers.html", context, status=sheet.status)


def _photo(request: Asked) -> bytes | None:
    """The photo that came along, if any; too large ones are refused before they are read."""
    file = request.FILES.get("picture")
    if file is None:
        return None
    if (file.size or 0) > MAX_PHOTO_BYTES:
        raise BadInput("picture", "这张照片太大了，请换一张小一点的。")
    return bytes(file.read())


def _stock(sheet: Sheet) -> int:
    found = sheet.whole("stock")
    if found is None:
        raise BadInput("stock", "请填有多少件。")
    return found


@require_POST
@login_required
def stock(request: Asked, merchant_id: int, offer_id: int) -> HttpResponse:
    """More or fewer pieces; on or off the shelf."""
    queries.shop_for(request.viewer, merchant_id)
    if store.read("offer", offer_id)["merchant_id"] != merchant_id:
        raise NotFound("没有这样东西，可能已经下架。")
    sheet, at = Sheet.of(request.POST, "add", "open"), timezone.now()
    try:
        photo = _photo(request)
        if photo:
            actions.show_picture(offer_id=offer_id, picture=photo, by=me(request), at=at)
        actions.restock(
            offer_id=offer_id, add=sheet.whole("add") or 0, open=sheet.ticked("open"),
            by=me(request), at=at,
        )  # fmt: skip
    except Refused as refusal:
        messages.warning(request, _(refusal.words))
    else:
        messages.success(request, _("已改好。"))
    return HttpResponseRedirect(reverse("mall_offers", kwargs={"merchant_id": merchant_id}))


@never_cache
@login_required
def statements(request: Asked, merchant_id: int) -> HttpResponse:
    """The shop's statements."""
    shop = queries.shop_for(request.viewer, merchant_id)
    context = {"shop": shop, "rows": queries.statements(merchant_id)}
    return render(request, "mall/statements.html", context)


@never_cache
@login_required
def statement(request: Asked, statement_id: int) -> HttpResponse:
    """Line by line; agreeing to it makes a claim on the fund. `?as=xlsx` is the table.

    The operator and those who watch may read it, the shop alone agrees.
    """
    row, sheet = queries.statement_for(request.viewer, statement_id), Sheet()
    if request.GET.get("as") == "xlsx":
        return _table(request, row)
    if request.method == "POST":
        made, sheet = _agreed(request, statement_id)
        if made is not None:
            return HttpResponseRedirect(reverse("mall_claim", kwargs={"receivable_id": made}))
    context = {
        "statement": row, "sheet": sheet,
        "sells": any(s["id"] == row["merchant_id"] for s in queries.shops(request.viewer)),
    }  # fmt: skip
    return render(request, "mall/statement.html", context, status=sheet.status)


def _table(request: Asked, row: dict[str, Any]) -> HttpResponse:
    heads = ["时间", "商品", "种类", "积分", "每分（元）", "金额（元）", "说明"]
    rows = [
        [timezone.localtime(line["at"]), line["offer"],
         _("退回") if line["kind"] == "refund" else _("核销"), line["points"],
         line["rate_fen"] / 100, line["fen"] / 100, line["answer"]]
        for line in row["lines"]
    ]  # fmt: skip
    note = _("%(name)s第%(n)d张对账单：%(p)d积分，%(gross)s元，手续费%(fee)s元，应付%(net)s元") % {
        "name": row["merchant"], "n": row["number"], "p": row["points"],
        "gross": exchange.yuan(row["gross_fen"]), "fee": exchange.yuan(row["fee_fen"]),
        "net": exchange.yuan(row["net_fen"]),
    }  # fmt: skip
    name = f"{row['merchant']}-{row['number']}.xlsx"
    return spreadsheet(request.viewer.name, heads, rows, note, name)


def _agreed(request: Asked, statement_id: int) -> tuple[int | None, Sheet]:
    """The claim, new or made again after one was withdrawn; or the form with what is wrong."""
    sheet, at = Sheet.of(request.POST, "due_on", "late_why", "seen"), timezone.now()
    try:
        if request.POST.get("do") == "again":
            made = actions.make_claim(
                statement_id=statement_id, due_on=_day(sheet["due_on"]), why=sheet["late_why"],
                by=me(request), at=at,
            )  # fmt: skip
        else:
            made = actions.confirm_statement(
                statement_id=statement_id, by=me(request), at=at, seen_fen=sheet.whole("seen")
            )
    except Refused as refusal:
        if refusal.status == 404:
            raise
        sheet.wrong(refusal)
        return None, sheet
    messages.success(request, _("已确认，等出资方确认后付款。"))
    return made, sheet


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise BadInput("due_on", "请选到期日。") from None


@require_POST
@login_required
def dispute(request: Asked, line_id: int) -> HttpResponse:
    """This line is wrong."""
    row: dict[str, Any] = store.read("line", line_id)
    queries.shop_for(request.viewer, row["merchant_id"])
    try:
        actions.dispute_line(
            line_id=line_id, reason=request.POST.get("reason", ""), by=me(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refused as refusal:
        messages.warning(request, _(refusal.words))
    else:
        messages.success(request, _("记下了，这一行先不结算，运营单位会来核对。"))
    if row["statement_id"] is None:
        back = reverse("mall_statements", kwargs={"merchant_id": row["merchant_id"]})
    else:
        back = reverse("mall_statement", kwargs={"statement_id": row["statement_id"]})
    return HttpResponseRedirect(back)
