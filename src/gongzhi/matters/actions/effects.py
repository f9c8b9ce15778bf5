"""What a move leaves behind besides the position: assignments, call-backs, board items."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gongzhi.core import db, text
from gongzhi.core.clock import WorkCalendar
from gongzhi.core.errors import BadInput, NotFound, Refused, Stale
from gongzhi.matters.store import Loaded
from gongzhi.playbooks.moves import Played, Ratings, Step, Verb
from gongzhi.playbooks.schema import Playbook

if TYPE_CHECKING:
    from gongzhi.matters.actions.moving import Assignee, Wish

FIRST_ASK = timedelta(days=2)  # cases.md 2.15: call-back 2-5 days after closing


@dataclass(slots=True)
class Left:
    """What the write of the move has to know about its effects."""

    round: int
    settled_level: str
    data: dict[str, Any] = field(default_factory=dict)
    merged_into: int | None = None
    advice: str | None = None
    silent: bool | None = None  # None: nothing new about it


def leave(
    playbook: Playbook,
    matter: Loaded,
    wish: Wish,
    answer: Played,
    *,
    by: int | None,
    at: datetime,
    calendar: WorkCalendar,
) -> Left:
    """Write the effects of the move and say what belongs on the matter's row."""
    row = matter.row
    left = Left(round=row["round"], settled_level=row["settled_level"], data=_data(wish))
    match wish.verb:
        case Verb.DISPATCH | Verb.TRANSFER:
            _assign(matter, wish, answer, by=by, at=at, left=left)
        case Verb.REPORT_DONE:
            _done(matter, wish, by=by, at=at)
        case Verb.RATE if answer.result == "stay":
            left.data.pop("ratings", None)  # one answer more would tell who said what (rules.md R5)
        case Verb.SEND_BACK:
            left.round += 1
            _assign_again(matter, left.round, answer, at)
        case Verb.ACCEPT_RETURN | Verb.ESCALATE | Verb.SEND_DOWN:
            _end_parts(matter, at)
        case Verb.VERIFY:
            left.settled_level = matter.position.level
        case Verb.REOPEN:
            left.round += 1
            left.data["settled_level"] = left.settled_level  # where it had not been settled
            left.settled_level = ""
            left.silent = False
        case Verb.MARK:
            left.data |= {"statutory": wish.item, "statutory_before": matter.position.statutory}
            if answer.position.entered_at == at:
                _end_parts(matter, at)
        case Verb.MERGE:
            left.merged_into = _merge(matter, wish, at)
            left.data["into"] = wish.into
        case Verb.DIVERT:
            left.advice = wish.note or wish.reason
    _on_new_stage(playbook, matter, answer, left, at=at, calendar=calendar)
    return left


def after_tick(
    playbook: Playbook,
    matter: Loaded,
    answer: Played,
    counted: Ratings,
    *,
    at: datetime,
    calendar: WorkCalendar,
) -> Left:
    """The effects of what the clock did: parts end on climbing, a new stage begins its own."""
    row = matter.row
    left = Left(round=row["round"], settled_level=row["settled_level"])
    if answer.warned:
        left.data["warned"] = answer.warned
    if counted.asked:
        left.data["ratings"] = _told(counted)
    if answer.result == "up":
        db.run(
            "update matters_assignment set ended_at = %s::timestamptz where matter_id = %s::bigint"
            " and ended_at is null",
            (at, matter.id),
        )
    _on_new_stage(playbook, matter, answer, left, at=at, calendar=calendar)
    return left


def _on_new_stage(
    playbook: Playbook,
    matter: Loaded,
    answer: Played,
    left: Left,
    *,
    at: datetime,
    calendar: WorkCalendar,
) -> None:
    before, after = matter.position, answer.position
    rated = playbook.stage(before.stage).gate.kind == "rate"
    if rated and answer.result in ("pass", "fail"):
        left.silent = answer.silent
    if rated and (after.outcome or after.entered_at == at):
        _ask_no_more(matter)
    entered = after.entered_at == at and not after.outcome and after.stage != before.stage
    if entered and playbook.stage(after.stage).gate.kind == "rate":
        schedule_call_backs(playbook, matter, after.stage, left.round, at, calendar)
    back = entered and playbook.stage_index(after.stage) < playbook.stage_index(before.stage)
    if back and after.step is Step.DISPATCHING:
        left.round = max(left.round, matter.row["round"] + 1)
        left.settled_level = ""


def _ask_no_more(matter: Loaded) -> None:
    """Those concerned have decided, or it is over: who was not asked yet is not asked any more."""
    db.run(
        "delete from matters_callback where matter_id = %s::bigint and asked_at is null",
        (matter.id,),
    )


def _data(wish: Wish) -> dict[str, Any]:
    """What the event keeps of the wish: only what was said."""
    kept: dict[str, Any] = dict(wish.data or {})
    if wish.note:
        kept["note"] = wish.note
    if wish.tally is not None:
        t = wish.tally
        kept["tally"] = {
            "electorate": t.electorate, "present": t.present, "for": t.for_,
            "against": t.against, "abstain": t.abstain,
        }  # fmt: skip
    if wish.resolution is not None:
        kept["resolution"] = asdict(wish.resolution)
    if wish.attendance is not None:
        a = wish.attendance
        kept["attendance"] = {"seats": a.seats, "present": a.present, "by_role": dict(a.by_role)}
    if wish.ratings is not None:
        kept["ratings"] = _told(wish.ratings)
    if wish.until is not None:
        kept["until"] = wish.until.isoformat()
    if wish.cost_fen is not None:
        kept["cost_fen"] = wish.cost_fen
    if wish.uploads:
        kept["photos"] = len(wish.uploads)
    return kept


def _told(ratings: Ratings) -> dict[str, Any]:
    scores = {str(score): n for score, n in ratings.scores.items() if n}
    told = {"asked": ratings.asked, "scores": scores, "not_solved": ratings.not_solved}
    return told | ({"unscored": ratings.unscored} if ratings.unscored else {})


def _assign(
    matter: Loaded, wish: Wish, answer: Played, *, by: int | None, at: datetime, left: Left
) -> None:
    if wish.verb is Verb.TRANSFER:
        _end_parts(matter, at, only=_handed_over(matter, by))
    who = [_named(a) for a in wish.assignees]
    lead = _needs_lead(matter, wish)
    names = _insert_parts(matter, left.round, wish.assignees, answer, at, lead=lead)
    left.data["assignees"] = [
        {"name": name, "due_at": (a.due_at or answer.position.due_at or at).isoformat()}
        for name, a in zip(names, who, strict=True)
    ]
    left.data["kind"] = "joint" if len(who) > 1 else "assigned"


def _needs_lead(matter: Loaded, wish: Wish) -> bool:
    """A transferred co-handler does not become the lead."""
    if wish.verb is not Verb.TRANSFER:
        return True
    return not any(p["lead"] and not p["ended"] for p in matter.parts)


def _named(assignee: Assignee) -> Assignee:
    if assignee.person_id is None and assignee.organisation_id is None:
        raise BadInput("assignees", "请选承办的人或单位。")
    return assignee


_INSERT_PARTS = """
with wanted as (
  select w.*, p.name as who, u.name as office from unnest(%(people)s::bigint[],
    %(units)s::bigint[], %(dues)s::timestamptz[]) with ordinality as w(person, unit, due, place)
  left join people_person p on p.id = w.person left join people_organisation u on u.id = w.unit
), known as (
  select * from wanted where (person is null or who is not null)
    and (unit is null or office is not null)
), made as (
  insert into matters_assignment (matter_id, round, lead, person_id, organisation_id, due_at, at,
    done_note)
  select %(matter)s::bigint, %(round)s::smallint, %(lead)s and place = 1, person, unit, due,
    %(at)s::timestamptz, '' from known where (select count(*) from known) = %(wanted)s::int
    order by place
)
select coalesce(who, office), coalesce(office, '') from known order by place
"""


def _insert_parts(
    matter: Loaded,
    round_: int,
    assignees: tuple[Assignee, ...],
    answer: Played,
    at: datetime,
    *,
    lead: bool,
) -> list[str]:
    due = answer.position.due_at or at
    for assignee in assignees:
        if assignee.due_at is not None and assignee.due_at <= at:
            raise BadInput("due_at", "每位承办人的期限要在今天以后。")
    named = db.rows(
        _INSERT_PARTS,
        {
            "people": [a.person_id for a in assignees],
            "units": [a.organisation_id for a in assignees],
            "dues": [a.due_at or due for a in assignees],
            "matter": matter.id, "round": round_, "lead": lead, "at": at,
            "wanted": len(assignees),
        },
    )  # fmt: skip
    if len(named) != len(assignees):
        raise NotFound("没有找到这位承办人或单位。", todo="请重新选择。")
    return [name if not unit or unit == name else f"{unit} {name}" for name, unit in named]


def _assign_again(matter: Loaded, round_: int, answer: Played, at: datetime) -> None:
    """Not done: the same handlers, a new round."""
    db.run(
        "insert into matters_assignment (matter_id, round, lead, person_id, organisation_id,"
        " due_at, at, done_note) select matter_id, %s::smallint, lead, person_id, organisation_id,"
        " greatest(due_at, %s::timestamptz), %s::timestamptz, '' from matters_assignment"
        " where matter_id = %s::bigint and round = %s::smallint and ended_at is null",
        (round_, answer.position.due_at or at, at, matter.id, matter.row["round"]),
    )


def _own_part(matter: Loaded, by: int | None) -> dict[str, Any] | None:
    """The actor's open assignment, or that of his unit."""
    units = {unit for _, _, unit in matter.posts if unit is not None}
    mine = [p for p in _open(matter) if p["person"] == by or p["organisation"] in units]
    return next(iter(sorted(mine, key=lambda p: p["person"] != by)), None)


def _handed_over(matter: Loaded, by: int | None) -> list[int]:
    """The open assignment that changes hands: the actor's own, else the lead's, else the first."""
    open_ = _open(matter)
    chosen = _own_part(matter, by) or next((p for p in open_ if p["lead"]), None)
    return [part["id"] for part in ([chosen] if chosen else open_[:1])]


def _open(matter: Loaded) -> list[dict[str, Any]]:
    return [p for p in matter.parts if not p["ended"] and not p["done"]]


def _end_parts(matter: Loaded, at: datetime, only: list[int] | None = None) -> None:
    ids = only if only is not None else [p["id"] for p in matter.parts if not p["ended"]]
    if not ids:
        return
    db.run(
        "update matters_assignment set ended_at = %s::timestamptz where id = any(%s::bigint[])",
        (at, ids),
    )
    for part in matter.parts:
        part["ended"] = part["ended"] or part["id"] in ids


def _done(matter: Loaded, wish: Wish, *, by: int | None, at: datetime) -> None:
    part = _own_part(matter, by)
    if part is None:
        raise Refused("您这一份已经报过办结。", code="not_now", todo="等别的承办人报办结即可。")
    if wish.cost_fen is not None and not 0 <= wish.cost_fen <= 10**12:
        raise BadInput("cost", "金额不对。", todo="请填零或正数，单位是元，最多两位小数。")
    db.run(
        "update matters_assignment set done_at = %s::timestamptz, done_by_id = %s::bigint,"
        " done_note = %s, cost_fen = %s::bigint where id = %s::bigint",
        (at, by, wish.note or wish.reason, wish.cost_fen, part["id"]),
    )


def _merge(matter: Loaded, wish: Wish, at: datetime) -> int:
    """The raiser and all who joined follow the other matter from now on."""
    target = _merge_target(matter, text.number(wish.into)[:20])
    db.run(
        "insert into matters_follower (matter_id, person_id, why, at)"
        " select %(into)s::bigint, person, 'merged', %(at)s::timestamptz from ("
        "  select raised_by_id as person from matters_matter where id = %(id)s::bigint"
        "  union select person_id from matters_follower where matter_id = %(id)s::bigint) who"
        " where person is not null on conflict do nothing",
        {"into": target, "at": at, "id": matter.id},
    )
    return target


def _merge_target(matter: Loaded, number: str) -> int:
    """The open matter of that number in the clerk's area, locked; BadInput names what is wrong.

    Not waited for: two matters merged into each other at once would wait for ever.
    """
    found = db.rows(
        "select id, outcome, place_path, sensitive from matters_matter where number = %s",
        (number,),
    )
    offices = {place for _, place, _ in matter.posts}
    if not found or found[0][0] == matter.id or not offices & ids_of(found[0][2]):
        raise BadInput("into", "没有找到要并入的那件事。", todo="请核对编号。")
    target, outcome, _, sensitive = found[0]
    if outcome:
        raise BadInput("into", "那件事已经了结，不能再并入。", todo="请并入一件正在办的事。")
    if sensitive and not matter.row["sensitive"]:
        raise BadInput("into", "那件事不公开，不能并入。", todo="请分开办。")
    locked = db.rows(
        "select outcome from matters_matter where id = %s::bigint for no key update skip locked",
        (target,),
    )
    if not locked or locked[0][0]:
        raise Stale("要并入的那件事正有人在办。", todo="请过一会儿再试。")
    return int(target)


def ids_of(path: str) -> set[int]:
    """The ids of a place and of all above it, from its path."""
    return {int(part) for part in path.split("/") if part}


def schedule_call_backs(
    playbook: Playbook, matter: Loaded, stage: str, round_: int, at: datetime,
    calendar: WorkCalendar,
) -> None:  # fmt: skip
    """The system will ask everybody concerned; never the handler, never at once."""
    after = playbook.stage(stage).gate.ask_after
    ask_at = calendar.add(at, after[0]) if after else at + FIRST_ASK
    db.run(
        "insert into matters_callback (matter_id, round, person_id, ask_at, words)"
        " select %(id)s::bigint, %(round)s::smallint, person, %(ask)s::timestamptz, '' from ("
        "  select raised_by_id as person from matters_matter where id = %(id)s::bigint"
        "  union select person_id from matters_follower where matter_id = %(id)s::bigint) who"
        " where person is not null on conflict do nothing",
        {"id": matter.id, "round": round_, "ask": ask_at},
    )
