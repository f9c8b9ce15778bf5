"""Moves of a matter: every verb has one address. Who may do what, the playbook decides."""

from functools import partial
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Body, Header, Router

from gongzhi.api.keys import Bearer, who
from gongzhi.api.schemas import (
    MOVES,
    REFUSALS,
    AnswerIn,
    AttendanceIn,
    CommentIn,
    ErrorOut,
    JoinedOut,
    Key,
    MovedOut,
    MoveIn,
    MoveName,
    Number,
    TallyIn,
)
from gongzhi.api.v1.answers import json
from gongzhi.core.errors import NotAllowed, NotFound, Stale
from gongzhi.matters import actions, queries
from gongzhi.matters.permissions import Sight
from gongzhi.matters.queries import sighted
from gongzhi.people.permissions import Viewer
from gongzhi.playbooks.moves import Attendance, Tally, Verb

router = Router(tags=["moves"], auth=Bearer("matters:write"))
Once = Annotated[Key | None, Header(alias="Idempotency-Key")]


@router.post(
    "/matters/{number}/moves/{move}",
    response={200: MovedOut, REFUSALS: ErrorOut},
    summary="办一步",
)
def move(
    request: HttpRequest,
    number: Number,
    move: MoveName,
    given: Annotated[MoveIn, Body()],
    idempotency_key: Once = None,
) -> HttpResponse:
    """Make one move. 409 with code "stale" names who moved the matter since `seen`."""
    viewer = who(request)
    if move not in MOVES:
        raise NotFound("没有这一步。", todo="、".join(sorted(MOVES)))
    matter = sighted.seen(viewer, number)
    reason = given.advice if move == Verb.DIVERT and given.advice else given.reason
    wish = partial(
        actions.move, matter_id=matter.id, verb=move, by=_person(viewer), at=timezone.now(),
        key=idempotency_key, seen=given.seen, reason=reason, note=given.note,
        tally=_tally(given.tally), attendance=_attendance(given.attendance),
        assignees=_assignees(given), until=given.until,
        into=given.into or "", cost_fen=given.cost_fen, uploads=tuple(given.uploads),
        item=given.item,
    )  # fmt: skip
    try:
        return json(_moved(wish()))
    except Stale as stale:
        raise _with_state(stale, viewer, number) from stale


@router.post(
    "/matters/{number}/comments",
    response={201: MovedOut, REFUSALS: ErrorOut},
    summary="留言",
)
def comment(
    request: HttpRequest,
    number: Number,
    given: Annotated[CommentIn, Body()],
    idempotency_key: Once = None,
) -> HttpResponse:
    """Add a remark to the timeline."""
    viewer = who(request)
    matter = sighted.seen(viewer, number)
    if given.private and matter.sight is not Sight.STAFF:
        raise NotAllowed("只有经办人能写内部留言。")
    moved = actions.move(
        matter_id=matter.id, verb=Verb.COMMENT, by=_person(viewer), at=timezone.now(),
        key=idempotency_key, note=given.text, private=given.private,
    )  # fmt: skip
    return json(_moved(moved), 201)


@router.post(
    "/matters/{number}/join", response={200: JoinedOut, REFUSALS: ErrorOut}, summary="我也遇到了"
)
def join(request: HttpRequest, number: Number) -> HttpResponse:
    """Follow an open matter instead of raising it again."""
    viewer = who(request)
    matter = sighted.seen(viewer, number)
    new = actions.join(matter_id=matter.id, by=_person(viewer), at=timezone.now())
    return json({"number": matter.number, "new": new})


@router.post(
    "/matters/{number}/answer", response={200: JoinedOut, REFUSALS: ErrorOut}, summary="回答回访"
)
def answer(
    request: HttpRequest,
    number: Number,
    given: Annotated[AnswerIn, Body()],
    idempotency_key: Once = None,
) -> HttpResponse:
    """Say whether it is solved, when the system has asked."""
    viewer = who(request)
    matter = sighted.seen(viewer, number)
    actions.answer_call_back(
        matter_id=matter.id, by=_person(viewer), at=timezone.now(), solved=given.solved,
        score=given.score, words=given.words, key=idempotency_key,
    )  # fmt: skip
    return json({"number": matter.number, "new": True})


def _with_state(stale: Stale, viewer: Viewer, number: str) -> Stale:
    """Who comes second is told where the matter stands now."""
    now = queries.get(viewer, number, timezone.now())
    names = ("stage", "stage_name", "level", "level_name", "status", "outcome")
    stale.data |= {name: now[name] for name in names} | {"seq": now["last_seq"]}
    return stale


def _person(viewer: Viewer) -> int:
    assert viewer.person_id is not None  # `Bearer` lets nobody else in
    return viewer.person_id


def _tally(given: TallyIn | None) -> Tally | None:
    if given is None:
        return None
    return Tally(given.electorate, given.present, given.for_, given.against, given.abstain)


def _attendance(given: AttendanceIn | None) -> Attendance | None:
    return None if given is None else Attendance(given.seats, given.present, given.by_role)


def _assignees(given: MoveIn) -> tuple[actions.Assignee, ...]:
    return tuple(actions.Assignee(a.person, a.organisation, a.due_at) for a in given.assignees)


def _moved(moved: actions.Moved) -> dict[str, object]:
    return {
        "number": moved.number,
        "seq": moved.seq,
        "move": moved.verb,
        "result": moved.result,
        "stage": moved.stage,
        "level": moved.level,
        "outcome": moved.outcome,
        "repeated": moved.repeated,
    }
