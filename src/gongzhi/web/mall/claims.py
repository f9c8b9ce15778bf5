"""Claims on the fund, for those who hold, owe or finance them. No money runs through here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.mall import actions, permissions, queries, store
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.mall.buying import acting, me
from gongzhi.web.mall.files import sent
from gongzhi.web.mall.shop import fen
from gongzhi.web.sheet import Sheet

TYPED = ("do", "parts", "financier", "price", "registration", "cash", "taker", "reason")


@never_cache
@login_required
def listed(request: Asked) -> HttpResponse:
    """What one's organisations hold, owe or are asked to finance."""
    orgs = acting(request)
    if not orgs:
        raise NotFound("这里给商户、出资单位和金融机构用。")
    found = queries.claims_of(orgs, timezone.now(), page=paging.number(request))
    pager = paging.pager(request, found["page"], has_more=found["more"])
    context = {"rows": found["rows"], "pager": pager, "funded": queries.funded(orgs)}
    return render(request, "mall/claims.html", context)


@never_cache
@login_required
def page(request: Asked, receivable_id: int) -> HttpResponse:
    """One claim, its path, and what may be done with it now."""
    at = timezone.now()
    row, sheet = queries.claim(request.viewer, receivable_id, at), Sheet()
    if request.method == "POST":
        sheet = Sheet.of(request.POST, *TYPED)
        try:
            _do(request, row, sheet, at)
        except Refused as refusal:
            sheet.wrong(refusal)
        else:
            messages.success(request, _("办好了。"))
            return HttpResponseRedirect(request.path)
    open_mine = row["state"] == "open" and row["mine"]
    context = {
        "claim": row, "sheet": sheet, "financiers": queries.financiers(at) if open_mine else [],
        "takers": queries.takers(row["mall_id"], row["holder_id"], at) if open_mine else [],
    }  # fmt: skip
    return render(request, "mall/claim.html", context, status=sheet.status)


@never_cache
@login_required
def file(request: Asked, receivable_id: int, message_id: int) -> HttpResponse:
    """A notice of assignment or what goes to the register, for those who see the claim."""
    return sent(queries.file(request.viewer, receivable_id, message_id, timezone.now()))


Doing = Callable[[dict[str, Any], Sheet, dict[str, Any]], object]

_DOINGS: dict[str, Doing] = {
    "confirm": lambda r, s, w: actions.confirm_claim(receivable_id=r["id"], **w),
    "withdraw": lambda r, s, w: actions.withdraw_claim(receivable_id=r["id"], **w),
    "split": lambda r, s, w: actions.split(
        receivable_id=r["id"], parts_fen=_parts(s["parts"]), **w
    ),
    "assign": lambda r, s, w: actions.assign(
        receivable_id=r["id"], taker_id=s.whole("taker") or 0, reason=s["reason"], **w
    ),
    "ask": lambda r, s, w: actions.ask_financing(
        receivable_id=r["id"], financier_id=s.whole("financier") or 0, **w
    ),
    "offer": lambda r, s, w: actions.offer_financing(
        financing_id=r["financing"] or 0, price_fen=fen(s["price"], "price"), **w
    ),
    "accept": lambda r, s, w: actions.accept_financing(financing_id=r["financing"] or 0, **w),
    "decline": lambda r, s, w: actions.decline_financing(financing_id=r["financing"] or 0, **w),
    "draw": lambda r, s, w: actions.draw_down(
        financing_id=r["financing"] or 0, registration=s["registration"],
        cash_reference=s["cash"], **w
    ),
}  # fmt: skip


def _do(request: Asked, row: dict[str, Any], sheet: Sheet, at: datetime) -> None:
    """The one step asked for; BadInput where there is none such."""
    if sheet["do"] not in _DOINGS:
        raise BadInput("do", "请选要办的事。")
    _DOINGS[sheet["do"]](row, sheet, {"by": me(request), "at": at})


def _parts(typed: str) -> list[int]:
    """ "300+200.50" or one a line, in fen; BadInput."""
    cut = typed.replace("＋", "+").replace("\n", "+").replace("，", "+").replace(" ", "+")
    return [fen(part, "parts") for part in cut.split("+") if part.strip()][:21]


@never_cache
@login_required
def pledge(request: Asked, mall_id: int) -> HttpResponse:
    """The funder promises more, by a document."""
    mall = store.read("mall", mall_id)
    if not permissions.acts_in(request.viewer, "funder", mall["funder_id"]):
        raise NotFound("没有这个商城。")
    sheet = Sheet({"key": uuid4().hex})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "amount", "document")
        try:
            actions.pledge(
                mall_id=mall_id, amount_fen=fen(sheet["amount"], "amount"),
                document=sheet["document"], by=me(request), at=timezone.now(),
                key=sheet["key"][:80] or None,
            )  # fmt: skip
        except Refused as refusal:
            sheet.wrong(refusal)
        else:
            messages.success(request, _("已记下，公开页上看得到。"))
            return HttpResponseRedirect(request.path)
    totals = queries.open_totals(mall, timezone.now())
    context = {"mall": mall, "totals": totals, "sheet": sheet}
    return render(request, "mall/pledge.html", context, status=sheet.status)
