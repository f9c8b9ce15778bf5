"""The vote as the voter sees it: read, choose, confirm, keep the receipt, see the result."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core.errors import NotFound, Refused
from gongzhi.deliberation.ballots import actions, queries, rules
from gongzhi.web import listen, paging
from gongzhi.web.asked import Asked
from gongzhi.web.ballots import words
from gongzhi.web.public.qr import picture
from gongzhi.web.sheet import Sheet


@require_GET
@never_cache
@login_required
def listed(request: Asked) -> HttpResponse:
    """Votes I can take part in, then what was counted around me."""
    number = paging.number(request)
    found = queries.mine(request.viewer, timezone.now(), page=number)
    page = {
        "rows": found["rows"], "w": words,
        "pager": paging.pager(request, number, has_more=found["more"]),
    }  # fmt: skip
    return render(request, "ballots/votes.html", page)


@never_cache
def page(request: Asked, motion_id: int, sheet: Sheet | None = None, **more: Any) -> HttpResponse:
    """One vote: what it is about, the choice while it is open, the result once it is counted."""
    motion = queries.get(request.viewer, motion_id)
    shown = _shown(request, motion) | more
    shown["sheet"] = sheet or Sheet({"receipt": rules.receipt_code(), "seen": "0"})
    status = sheet.status if sheet else 200
    return render(request, "ballots/vote.html", shown, status=status)


def _shown(request: Asked, motion: dict[str, Any]) -> dict[str, Any]:
    now = timezone.now()
    voting = motion["state"] == "open" and motion["opens_at"] <= now < motion["closes_at"]
    return {
        "motion": motion, "w": words, "options": words.options(motion), "voting": voting,
        "over": motion["state"] == "open" and now >= motion["closes_at"],
        "result": motion["result"], "live": listen.address(request, f"motion:{motion['id']}"),
        "changing": False,
    }  # fmt: skip


def _sheet(request: Asked) -> Sheet:
    sheet = Sheet.of(request.POST, "receipt", "seen", "for")
    sheet.values["choice"] = "+".join(request.POST.getlist("choice"))[:200]
    return sheet


def _for(request: Asked, sheet: Sheet) -> int:
    """Whose vote this is: one's own, or of somebody one stands for in writing."""
    own = request.viewer.person_id
    assert own is not None  # login_required
    return sheet.whole("for") or own


@never_cache
@login_required
def confirm(request: Asked, motion_id: int) -> HttpResponse:
    """Say once more what is about to be cast. Nothing is written yet."""
    if request.method != "POST":
        return _back(motion_id)
    motion, sheet = queries.get(request.viewer, motion_id), _sheet(request)
    try:
        chosen = rules.choice_of(
            motion["method"], motion["options"], motion["most"], sheet["choice"].split("+")
            if sheet["choice"] else ()
        )  # fmt: skip
    except Refused as refusal:
        sheet.wrong(refusal)
        return page(request, motion_id, sheet, changing=sheet["seen"] not in ("", "0"))
    names = {row["person"]: row["name"] for row in motion["stands_for"]}
    shown = _shown(request, motion) | {
        "sheet": sheet, "chosen": chosen, "whose": names.get(_for(request, sheet), ""),
    }  # fmt: skip
    return render(request, "ballots/confirm.html", shown)


@never_cache
@login_required
def cast(request: Asked, motion_id: int) -> HttpResponse:
    """Cast it. The receipt is shown on the answer itself, so that no address ever carries it."""
    if request.method != "POST":
        return _back(motion_id)
    sheet, me = _sheet(request), request.viewer.person_id
    assert me is not None  # login_required
    chosen = sheet["choice"].split("+") if sheet["choice"] else ()
    try:
        voted = actions.vote(
            motion_id=motion_id, person_id=_for(request, sheet), choice=chosen,
            receipt=sheet["receipt"], seen=sheet.whole("seen") or 0, by=me, at=timezone.now(),
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        sheet.wrong(refusal)
        return page(request, motion_id, sheet)
    shown = {
        "motion": {"id": motion_id, "title": voted.title, "secret": voted.secret},
        "code": sheet["receipt"].upper(), "qr": "", "voted": voted,
        "live": listen.address(request, f"motion:{motion_id}"),
    }  # fmt: skip
    return render(request, "ballots/done.html", shown)


@never_cache
@login_required
def slip(request: Asked, motion_id: int) -> HttpResponse:
    """The receipt once more, for the printer, with a code a camera reads. Nothing is written."""
    if request.method != "POST":
        return _back(motion_id)
    motion, sheet = queries.get(request.viewer, motion_id), Sheet.of(request.POST, "receipt")
    rules.plain_code(sheet["receipt"])
    code = sheet["receipt"].upper()
    shown = _shown(request, motion) | {"code": code, "qr": picture(code)}
    return render(request, "ballots/done.html", shown)


@never_cache
@login_required
def change(request: Asked, motion_id: int) -> HttpResponse:
    """Of a secret vote only the receipt finds the ballot again; of an open one the roll does."""
    if request.method != "POST":
        return _back(motion_id)
    motion, sheet = queries.get(request.viewer, motion_id), Sheet.of(request.POST, "receipt", "for")
    if not motion["secret"]:
        sheet.values |= {"receipt": rules.receipt_code(), "seen": str(motion["version"])}
        return page(request, motion_id, sheet, changing=True)
    try:
        found = queries.by_receipt(motion_id, sheet["receipt"])
        if found is None:
            raise Refused("没有找到这张回执的票。", todo="请核对回执码。")
    except Refused as refusal:
        sheet.wrong(refusal)
        return page(request, motion_id, sheet, asking=True)
    sheet.values |= {"seen": str(found["version"])}
    return page(request, motion_id, sheet, changing=True)


@require_POST
@login_required
def stand_aside(request: Asked, motion_id: int) -> HttpResponse:
    """我要回避: a conflict of interest, declared by himself before he votes."""
    sheet, me = Sheet.of(request.POST, "reason"), request.viewer.person_id
    assert me is not None  # login_required
    queries.get(request.viewer, motion_id)
    try:
        actions.declare_conflict(
            motion_id=motion_id, person_id=me, reason=sheet["reason"], by=me, at=timezone.now()
        )
    except Refused as refusal:
        sheet.wrong(refusal)
        sheet.values |= {"receipt": rules.receipt_code(), "seen": "0"}
        return page(request, motion_id, sheet)
    messages.success(request, _("已记下您回避，这次不用投票。"))
    return _back(motion_id)


@require_GET
@never_cache
@login_required
def room(request: Asked, motion_id: int) -> HttpResponse:
    """The screen in the room: the question, who is there, the quorum, and the result at once."""
    motion = queries.get(request.viewer, motion_id)
    address = request.build_absolute_uri(reverse("vote", kwargs={"motion_id": motion_id}))
    shown = _shown(request, motion) | {"qr": picture(address), "address": address}
    if motion["state"] == "open":
        shown["turnout"] = queries.turnout(motion)
    return render(request, "ballots/room.html", shown)


def _back(motion_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("vote", kwargs={"motion_id": motion_id}))
