"""The host's pages: open a round, put in statements, moderate with reasons, close."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.deliberation.meetings import queries as meetings
from gongzhi.deliberation.rounds import actions, permissions, queries, rules
from gongzhi.deliberation.rounds.models import Round, Statement
from gongzhi.web import listen, paging
from gongzhi.web.asked import Asked
from gongzhi.web.meetings import shared
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import frame

OPENING = ("key", "place", "question", "intro", "seeds", "electorate", "closes_at", "session")


@shared.staff_only
def listed(request: Asked) -> HttpResponse:
    """Rounds of the places of one's posts, and below them."""
    viewer, number = frame.viewer(request), paging.number(request)
    paths = [post.place_path for post in viewer.posts]
    found = queries.listed(paths, frame.now(), number, below=True)
    page = found | {
        "title": _("云协商"), "may_open": bool(permissions.host_posts(viewer)),
        "pager": paging.pager(request, number, has_more=found["more"]),
    }  # fmt: skip
    return render(request, "rounds/desk.html", page)


@shared.staff_only
def new(request: Asked) -> HttpResponse:
    """A question, who takes part, until when, the first statements."""
    viewer = frame.viewer(request)
    posts = permissions.host_posts(viewer)
    sessions = {row["id"]: row["title"] for row in meetings.desk(viewer, frame.now())}
    sheet = Sheet.of(request.POST, *OPENING)
    if request.method == "POST":
        try:
            made = actions.open_round(
                place_id=_chosen(sheet, [post.place_id for post in posts]),
                question=sheet["question"], intro=sheet["intro"], seeds=sheet["seeds"],
                electorate=sheet["electorate"], closes_at=_moment(sheet["closes_at"]),
                session_id=_session(sheet, sessions), viewer=viewer,
                at=frame.now(), key=sheet["key"] or None,
            )  # fmt: skip
            messages.success(request, _("已经开始。把链接发给大家，或贴到公开栏。"))
            return _to(made)
        except Refused as refusal:
            sheet.wrong(refusal)
    else:
        until = (frame.now().astimezone(SHANGHAI) + timedelta(days=7)).replace(hour=18, minute=0)
        sheet.values |= {"closes_at": until.strftime("%Y-%m-%dT%H:%M"), "electorate": "residents"}
    page = {
        "title": _("开一轮云协商"), "sheet": sheet, "posts": posts,
        "electorates": Round.Electorate.choices, "sessions": sessions,
    }  # fmt: skip
    return render(request, "rounds/new.html", page, status=sheet.status)


@shared.staff_only
def manage(request: Asked, round_id: int) -> HttpResponse:
    """What waits for the moderator, how far it is, the end."""
    return _page(request, round_id, Sheet())


@shared.staff_only
@shared.post_only
def seed(request: Asked, round_id: int) -> HttpResponse:
    """More statements of the host."""
    head, sheet = _head(request, round_id), Sheet.of(request.POST, "words")
    try:
        made = actions.seed(
            round_id=head["id"], words=sheet["words"], viewer=frame.viewer(request), at=frame.now()
        )
    except Refused as refusal:
        return _wrong(request, round_id, sheet, refusal)
    messages.success(request, _("加了%d条。") % made)
    return _to(round_id)


@shared.staff_only
@shared.post_only
def decide(request: Asked, statement_id: int) -> HttpResponse:
    """Let a statement in, or leave it out with a reason its author reads."""
    found = Statement.objects.filter(pk=statement_id).values("round_id").first()
    if found is None:
        raise NotFound("没有这一条观点。")
    round_id = found["round_id"]
    _head(request, round_id)
    sheet = Sheet.of(request.POST, "do", "rule", "reason")
    try:
        actions.decide(
            statement_id=statement_id, let_in=sheet["do"] == "in", rule=sheet["rule"],
            reason=sheet["reason"], viewer=frame.viewer(request), at=frame.now(),
        )  # fmt: skip
    except Refused as refusal:
        sheet.values["statement"] = str(statement_id)
        return _wrong(request, round_id, sheet, refusal)
    words = _("已放出。") if sheet["do"] == "in" else _("没有放出，理由已告诉提的人。")
    messages.success(request, words)
    return _to(round_id)


@shared.staff_only
@shared.post_only
def close(request: Asked, round_id: int) -> HttpResponse:
    """End it now: the picture freezes and hangs on the board."""
    _head(request, round_id)
    actions.close_round(round_id=round_id, viewer=frame.viewer(request), at=frame.now())
    messages.success(request, _("这一轮结束了，结果已经公布。"))
    return _to(round_id)


def _page(request: Asked, round_id: int, sheet: Sheet) -> HttpResponse:
    head, number = _head(request, round_id), paging.number(request)
    shown = request.GET.get("show", "waiting")
    shown = shown if shown in Statement.State.values else "waiting"
    found = queries.queue(round_id, number, shown)
    page: dict[str, Any] = found | {
        "title": head["question"], "head": head, "counts": queries.counts(round_id),
        "sheet": sheet, "policy": rules.POLICY, "shown": shown, "now": frame.now(),
        "states": Statement.State.choices, "electorates": dict(Round.Electorate.choices),
        "pager": paging.pager(request, number, has_more=found["more"]),
        "me": frame.viewer(request).person_id,
        "live": listen.address(request, f"round:{round_id}"),
    }  # fmt: skip
    return render(request, "rounds/manage.html", page, status=sheet.status)


def _head(request: Asked, round_id: int) -> dict[str, Any]:
    viewer = frame.viewer(request)
    head = queries.head(round_id, viewer, frame.now())
    if not permissions.hosts(viewer, head["place_path"]):
        raise NotFound("没有这一轮云协商，或者它不在您负责的地方。")
    return head


def _wrong(request: Asked, round_id: int, sheet: Sheet, refusal: Refused) -> HttpResponse:
    if refusal.status in (403, 404):
        raise refusal
    sheet.wrong(refusal)
    return _page(request, round_id, sheet)


def _chosen(sheet: Sheet, mine: list[int]) -> int:
    place = sheet.whole("place")
    if place not in mine:
        raise BadInput("place", "请选在哪里开。", todo="只能在您任职的地方开。")
    assert place is not None
    return place


def _session(sheet: Sheet, offered: Mapping[int, str]) -> int | None:
    chosen = sheet.whole("session")
    if chosen is not None and chosen not in offered:
        raise BadInput("session", "没有这次会，或者它已经散了。", todo="请从列出的会里选。")
    return chosen


def _moment(words: str) -> datetime:
    try:
        return datetime.strptime(words, "%Y-%m-%dT%H:%M").replace(tzinfo=SHANGHAI)
    except ValueError as wrong:
        raise BadInput("closes_at", "请选截止的日子和钟点。") from wrong


def _to(round_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("round_manage", kwargs={"round_id": round_id}))
