"""The host's desk: drafting, opening, counting hands, closing, saying what came of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.core.spoken import spoken
from gongzhi.deliberation.ballots import actions, owners, queries
from gongzhi.places.models import Place
from gongzhi.web import listen, paging
from gongzhi.web.asked import Asked
from gongzhi.web.ballots import words
from gongzhi.web.ballots.drafting import WEIGHTED, DraftForm
from gongzhi.web.public.qr import picture
from gongzhi.web.staff import frame
from gongzhi.web.staff.imports import EXCEL


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """Votes where I have a post, those under way first."""
    asked: Asked = request  # type: ignore[assignment]
    number = paging.number(asked)
    found = queries.desk(frame.viewer(request), page=number)
    page = {
        "title": _("表决"), "rows": found["rows"], "w": words,
        "pager": paging.pager(asked, number, has_more=found["more"]),
    }  # fmt: skip
    return render(request, "ballots/staff_votes.html", page)


@frame.staff_only
def new(request: HttpRequest) -> HttpResponse:
    """Draft a vote."""
    viewer = frame.viewer(request)
    form = DraftForm(request.POST or None, request.FILES or None, viewer=viewer)
    if request.method == "POST":
        made = form.attempt(lambda typed: form.propose(typed, by=viewer.person_id or 0))
        if made is not None:
            return _done(request, made, _("已起草。请核对一遍，再公布或开始投票。"))
    page = {"title": _("发起表决"), "form": form, "weighted": WEIGHTED}
    return render(request, "ballots/staff_new.html", page, status=form.status)


@frame.staff_only
def owners_table(request: HttpRequest) -> HttpResponse:
    """An empty owners' roll to fill in."""
    answer = HttpResponse(owners.template(), content_type=EXCEL)
    answer["Content-Disposition"] = frame.attachment("业主名单.xlsx")
    return answer


@frame.staff_only
def page(request: HttpRequest, motion_id: int, wrong: Refused | None = None) -> HttpResponse:
    """Everything that can be done with one vote now."""
    viewer = frame.viewer(request)
    motion = queries.get(viewer, motion_id)
    if not motion["runs"] and not motion["reads_papers"]:
        raise NotFound("没有这个表决，或者不归您主持。")
    asked: Asked = request  # type: ignore[assignment]
    now = frame.now()
    address = request.build_absolute_uri(reverse("vote", kwargs={"motion_id": motion_id}))
    shown = {
        "title": motion["title"], "motion": motion, "w": words, "address": address,
        "options": words.options(motion), "result": motion["result"], "typed": request.POST,
        "wrong": " ".join(filter(None, map(spoken, (wrong.words, wrong.todo)))) if wrong else "",
        "over": motion["state"] == "open" and now >= motion["closes_at"],
        "qr": picture(address), "live": listen.address(asked, f"motion:{motion_id}"),
        "suggested": (now + timedelta(days=7)).astimezone(SHANGHAI).strftime("%Y-%m-%dT18:00"),
    }  # fmt: skip
    if motion["state"] == "open":
        shown["turnout"] = queries.turnout(motion)
        shown["papers"] = queries.paper_readings(motion)
    if motion["state"] == "draft":
        shown["place"] = Place.objects.get(pk=motion["place_id"])
        shown["owners"] = queries.owners_listed(motion_id) if motion["weighted"] else None
    return render(request, "ballots/staff_vote.html", shown, status=wrong.status if wrong else 200)


@frame.staff_only
@frame.post_only
def step(request: HttpRequest, motion_id: int, verb: str) -> HttpResponse:
    """Announce, open, count hands, close, void, say what came of it."""
    known: dict[str, tuple[Callable[..., object], Callable[[HttpRequest], dict[str, Any]], str]] = {
        "announce": (actions.announce_motion, lambda _r: {}, _("已公布，从今天起算通知的天数。")),
        "open": (actions.open_motion, _opening, _("投票开始了。")),
        "hands": (actions.count_hands, _hands, _("举手人数已记下。")),
        "close": (actions.close_motion, lambda _r: {}, _("已计票，结果已经公开。")),
        "void": (
            actions.void_motion,
            lambda r: {"reason": r.POST.get("reason", "")},
            _("已作废。"),
        ),
        "use": (actions.say_use, _use, _("已说明，会一起公开。")),
    }
    if verb not in known:
        raise NotFound()
    viewer = frame.viewer(request)
    queries.get(viewer, motion_id)
    call, read, said = known[verb]
    try:
        call(motion_id=motion_id, by=viewer.person_id, at=frame.now(), **read(request))
    except Refused as refusal:
        return page(request, motion_id, refusal)
    return _done(request, motion_id, said)


def _opening(request: HttpRequest) -> dict[str, Any]:
    typed = request.POST.get("closes_at", "")
    until = None
    if typed:
        try:
            until = datetime.fromisoformat(typed[:19]).replace(tzinfo=SHANGHAI)
        except ValueError as wrong:
            raise BadInput("closes_at", _("时间写得不对。")) from wrong
    return {"closes_at": until, "adhoc": request.POST.get("adhoc", "")}


def _hands(request: HttpRequest) -> dict[str, Any]:
    counts = {
        name[6:]: _whole(str(value))
        for name, value in request.POST.items() if name.startswith("hands_")
    }  # fmt: skip
    return {"counts": counts}


def _whole(typed: str) -> int:
    if not typed.strip():
        return 0
    if not (typed.strip().isdecimal() and len(typed.strip()) < 7):
        raise BadInput("counts", _("举手的人数要写成不小于零的整数。"))
    return int(typed)


def _use(request: HttpRequest) -> dict[str, Any]:
    if request.POST.get("used") not in ("yes", "no"):
        raise BadInput("used", _("请选采纳了还是没有采纳。"))
    return {"used": request.POST["used"] == "yes", "reason": request.POST.get("reason", "")}


def _done(request: HttpRequest, motion_id: int, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(reverse("staff_vote", kwargs={"motion_id": motion_id}))
