"""Paper ballots and the roll: who got one, and two readings that do not see each other."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.core.spoken import spoken
from gongzhi.deliberation.ballots import actions, queries
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.ballots import words
from gongzhi.web.staff import frame

SIZE = 60


def _motion(request: HttpRequest, motion_id: int) -> dict[str, Any]:
    motion = queries.get(frame.viewer(request), motion_id)
    if not motion["reads_papers"]:
        raise NotFound("没有这个表决，或者不归您经手。")
    return motion


@frame.staff_only
def roll(request: HttpRequest, motion_id: int) -> HttpResponse:
    """The roll: who is here, who got a paper, who has voted and which way; never what."""
    motion = _motion(request, motion_id)
    asked: Asked = request  # type: ignore[assignment]
    number, q = paging.number(asked), request.GET.get("q", "")[:30]
    found = queries.roll(motion_id, words=q, page=number, size=SIZE)
    page = {
        "title": _("名册"), "motion": motion, "rows": found["rows"], "q": q, "w": words,
        "pager": paging.pager(asked, number, has_more=found["more"]),
    }  # fmt: skip
    return render(request, "ballots/staff_roll.html", page)


@frame.staff_only
@frame.post_only
def mark(request: HttpRequest, motion_id: int) -> HttpResponse:
    """Tick who is in the room, or who gets a paper ballot."""
    _motion(request, motion_id)
    who = [int(one) for one in request.POST.getlist("person") if one.isdecimal() and len(one) < 19]
    asked: dict[str, Any] = {
        "motion_id": motion_id, "person_ids": who, "by": frame.viewer(request).person_id or 0,
        "at": frame.now(),
    }  # fmt: skip
    try:
        if request.POST.get("as") == "paper":
            given = actions.hand_out(**asked)
            said = _("发出%(n)d张纸质票。") % {"n": len(given["given"])}
            if given["refused"]:
                said += _("另有%(n)d人已经投过或要回避，没有发。") % {"n": len(given["refused"])}
        else:
            said = _("新签到%(n)d人。") % {"n": actions.sign_in_room(**asked)}
        messages.success(request, said)
    except Refused as refusal:
        messages.error(request, " ".join(map(spoken, (refusal.words, refusal.todo))))
    back = reverse("vote_roll", kwargs={"motion_id": motion_id})
    return redirect(f"{back}?page={paging.number(request)}")  # type: ignore[arg-type]


@frame.staff_only
def page(request: HttpRequest, motion_id: int) -> HttpResponse:
    """Enter the papers; what differs from the other reading is shown once both are in."""
    motion = _motion(request, motion_id)
    me = frame.viewer(request).person_id or 0
    wrong: Refused | None = None
    if request.method == "POST":
        try:
            said = _enter(request, motion, me)
        except Refused as refusal:
            wrong = refusal
        else:
            messages.success(request, said)
            return redirect(reverse("vote_papers", kwargs={"motion_id": motion_id}))
    asked: Asked = request  # type: ignore[assignment]
    number = paging.number(asked)
    found = queries.roll(motion_id, words=request.GET.get("q", "")[:30], page=number, size=SIZE)
    own = queries.own_reading(motion_id, me)
    shown = {
        "title": _("录纸质票"), "motion": motion, "own": own, "w": words,
        "options": words.options(motion), "rows": found["rows"], "q": request.GET.get("q", ""),
        "pager": paging.pager(asked, number, has_more=found["more"]),
        "readings": queries.paper_readings(motion), "typed": request.POST,
        "wrong": " ".join(filter(None, map(spoken, (wrong.words, wrong.todo)))) if wrong else "",
    }  # fmt: skip
    return render(
        request, "ballots/staff_papers.html", shown, status=wrong.status if wrong else 200
    )


def _enter(request: HttpRequest, motion: dict[str, Any], me: int) -> str:
    if motion["secret"]:
        totals = {
            name[6:]: _whole(str(value))
            for name, value in request.POST.items() if name.startswith("total_")
        }  # fmt: skip
        actions.enter_totals(motion_id=motion["id"], totals=totals, by=me, at=frame.now())
        return str(_("张数已记下。"))
    papers = {
        int(name[6:]): [one for one in request.POST.getlist(name) if one and one != "invalid"]
        for name in request.POST
        if name.startswith("paper_") and name[6:].isdecimal() and request.POST.get(name)
    }
    if not papers:
        raise BadInput("paper", _("还没有录任何一张票。"))
    done = actions.enter_paper(motion_id=motion["id"], papers=papers, by=me, at=frame.now())
    said = ngettext("录了%(n)d张票。", "录了%(n)d张票。", len(done["read"])) % {
        "n": len(done["read"])
    }
    if done["set_aside"]:
        said += _("有%(n)d人签到册上记着已经用别的方式投过，这些纸质票不计。") % {
            "n": len(done["set_aside"])
        }
    return str(said)


def _whole(typed: str) -> int:
    if not typed.strip():
        return 0
    if not (typed.strip().isdecimal() and len(typed.strip()) < 7):
        raise BadInput("totals", _("张数要写成不小于零的整数。"))
    return int(typed)
