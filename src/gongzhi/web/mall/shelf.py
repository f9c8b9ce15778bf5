"""The shop's shelf on its phone: something new, more or fewer pieces, another photo, on or off."""

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
from gongzhi.mall import actions, queries, store
from gongzhi.web.asked import Asked
from gongzhi.web.mall.buying import me
from gongzhi.web.mall.shop import fen
from gongzhi.web.sheet import Sheet


@never_cache
@login_required
def offers(request: Asked, merchant_id: int) -> HttpResponse:
    """The shelf, and something new on it."""
    sheet = Sheet({"key": uuid4().hex})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "name", "about", "kind", "price", "points", "stock")
        try:
            actions.offer(
                merchant_id=merchant_id, name=sheet["name"], about=sheet["about"],
                kind=sheet["kind"], price_fen=fen(sheet["price"], "price"),
                points=sheet.whole("points") or 0, stock=_pieces(sheet, "stock"), by=me(request),
                at=timezone.now(), key=sheet["key"][:80] or None, picture=_photo(request),
            )  # fmt: skip
        except Refused as refusal:
            if refusal.status == 404:
                raise
            sheet.wrong(refusal)
        else:
            messages.success(request, _("已上架。"))
            return HttpResponseRedirect(request.path)
    return _shown(request, merchant_id, sheet, 0, Sheet())


def _shown(request: Asked, merchant_id: int, sheet: Sheet, which: int, of: Sheet) -> HttpResponse:
    """The shelf; `of` is what was typed about the offer `which`, if it was refused."""
    shop = queries.shop_for(request.viewer, merchant_id)
    context = {
        "shop": shop, "rows": queries.shop_offers(merchant_id), "sheet": sheet, "which": which,
        "of": of, "key": uuid4().hex, "mall": store.read("mall", shop["mall_id"]),
    }  # fmt: skip
    return render(request, "mall/offers.html", context, status=max(sheet.status, of.status))


def _photo(request: Asked) -> bytes | None:
    """The photo that came along, if any; too large ones are refused before they are read."""
    file = request.FILES.get("picture")
    if file is None:
        return None
    if (file.size or 0) > MAX_PHOTO_BYTES:
        raise BadInput("picture", "这张照片太大了，请换一张小一点的。")
    return bytes(file.read())


def _pieces(sheet: Sheet, name: str) -> int:
    """A number of pieces as typed; BadInput where it is none."""
    found = sheet.whole(name)
    if found is None:
        raise BadInput(name, "请填数字，例如 5。")
    return found


@require_POST
@login_required
def stock(request: Asked, merchant_id: int, offer_id: int) -> HttpResponse:
    """More or fewer pieces; on or off the shelf."""
    queries.shop_for(request.viewer, merchant_id)
    if store.read("offer", offer_id)["merchant_id"] != merchant_id:
        raise NotFound("没有这样东西，可能已经下架。")
    sheet, at = Sheet.of(request.POST, "key", "add", "open"), timezone.now()
    try:
        add, photo = _pieces(sheet, "add") if sheet["add"] else 0, _photo(request)
        if photo:
            actions.show_picture(offer_id=offer_id, picture=photo, by=me(request), at=at)
        actions.restock(
            offer_id=offer_id, add=add, open=sheet.ticked("open"), by=me(request), at=at,
            key=sheet["key"][:80] or None,
        )  # fmt: skip
    except Refused as refusal:
        sheet.wrong(refusal)
        return _shown(request, merchant_id, Sheet({"key": uuid4().hex}), offer_id, sheet)
    messages.success(request, _("已改好。"))
    return HttpResponseRedirect(reverse("mall_offers", kwargs={"merchant_id": merchant_id}))
