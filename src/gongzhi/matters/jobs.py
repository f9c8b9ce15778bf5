"""The clock's door: deadlines are data, swept in batches. What one matter needs, `decide` says.

Matters that stand alike (same playbook, same stage, level and counts) get the same answer, so it
is asked once for all of them and written in one statement with its events.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import WorkCalendar
from gongzhi.matters import positions, rules, store, sunpage
from gongzhi.matters.actions import effects, uploads
from gongzhi.matters.actions.answers import ratings
from gongzhi.places import queries as places
from gongzhi.playbooks import play
from gongzhi.playbooks.moves import Facts, Move, Played, Position, Ratings, Verb
from gongzhi.playbooks.schema import Playbook

BATCH = 5_000

_POSITION = ", ".join(f"m.{column}" for column in positions.COLUMNS)
_DUE = f"""
select m.id, m.number, {_POSITION}, m.version_id, m.ladder, m.last_seq, m.round, m.raised_by_id,
  m.urgent, m.category, m.place_id, m.settled_level, m.sensitive, m.tick_at
from matters_matter m where m.tick_at <= %s::timestamptz
order by m.tick_at limit %s::int for no key update of m skip locked
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the answer depends on, when it does not depend on when the matter came here."""

    digest: str
    position: Position
    overdue: bool
    calendar: int
    urgent: bool


def sweep(*, at: datetime, batch: int = BATCH) -> int:
    """Let the clock look at every matter whose time has come; how many it moved or announced."""
    total = 0
    while True:
        with db.atomic():
            rows = db.dicts(_DUE, (at, batch))
            total += _tick(rows, at)
        if len(rows) < batch:
            return total


def ask_those_concerned(*, at: datetime) -> list[tuple[int, int]]:
    """Mark call-backs whose hour has come as asked; (matter, person) pairs for the messages."""
    return [
        (int(matter), int(person))
        for matter, person in db.rows(
            "with asked as (update matters_callback set asked_at = %s::timestamptz"
            " where ask_at <= %s::timestamptz and asked_at is null"
            " returning matter_id, person_id), out as (insert into core_outbox (kind, subject_id,"
            " data) select 'call_back.asked', matter_id, jsonb_build_object('person', person_id)"
            " from asked) select matter_id, person_id from asked",
            (at, at),
        )
    ]


def tidy(*, at: datetime) -> int:
    """Remove what was uploaded and never filed."""
    return uploads.forget_unfiled(at=at)


def _tick(rows: list[dict[str, Any]], at: datetime) -> int:
    alike: dict[Shape, list[dict[str, Any]]] = defaultdict(list)
    single: list[dict[str, Any]] = []
    moved = 0
    for row in rows:
        position = positions.from_row(row)
        playbook = places.playbook(row["version_id"])
        rated = playbook.stage(position.stage).gate.kind == "rate"
        if rated or position.paused_at is not None or not _overdue(position, at):
            single.append(row)
            continue
        calendar = places.calendar(row["place_id"])
        alike[_shape(row, position, calendar)].append(row)
    for shape, group in alike.items():
        moved += _tick_alike(shape, group, at)
    for row in single:
        moved += _tick_one(row, at)
    return moved


def _overdue(position: Position, at: datetime) -> bool:
    return position.due_at is not None and position.due_at <= at


def _shape(row: dict[str, Any], position: Position, calendar: WorkCalendar) -> Shape:
    """The position without its own times: overdue is overdue, however long."""
    timeless = replace(position, entered_at=_EPOCH, due_at=_EPOCH, clock_from=_EPOCH, warned=0)
    return Shape(row["version_id"], timeless, True, id(calendar), row["urgent"])


_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _tick_alike(shape: Shape, rows: list[dict[str, Any]], at: datetime) -> int:
    first = rows[0]
    playbook = places.playbook(shape.digest)
    calendar = places.calendar(first["place_id"])
    facts = Facts(
        calendar=calendar, urgent=shape.urgent, topic=rules.topic(playbook, first["category"])
    )
    position = positions.from_row(first)
    answer = play.decide(playbook, position, Move(Verb.TICK), facts, at)
    assert isinstance(answer, Played)
    if answer.result != "up" or answer.position.stage != position.stage:
        return sum(_tick_one(row, at) for row in rows)
    return _write_alike(playbook, answer, rows, calendar, at)


_SET = ", ".join(
    f"{column} = %({field})s" + ("::timestamptz" if field in positions.TIMES else "")
    for field, column in zip(positions.FIELDS, positions.COLUMNS, strict=True)
)
_WRITE_ALIKE = f"""
with moved as (
  update matters_matter m set {_SET}, tick_at = %(tick_at)s::timestamptz, held_by_id = p.id,
    held_path = p.path, last_seq = m.last_seq + 1, updated_at = %(at)s::timestamptz
  from places_place p
  where m.id = any(%(ids)s::bigint[]) and p.id = (m.ladder->>%(rung)s::int)::bigint
  returning m.id, m.last_seq
), ended as (
  update matters_assignment a set ended_at = %(at)s::timestamptz from moved
   where a.matter_id = moved.id and a.ended_at is null
), event as (
  insert into matters_event (matter_id, seq, verb, result, at, role, reason, position, data,
    private)
  select id, last_seq, 'tick', %(result)s, %(at)s::timestamptz, '', '', %(position)s::jsonb,
    %(data)s::jsonb, false from moved
), out as (
  insert into core_outbox (kind, subject_id, data)
  select 'matter.tick', id, %(outbox)s::jsonb from moved
)
select count(*) from moved
"""


def _write_alike(
    playbook: Playbook,
    answer: Played,
    rows: list[dict[str, Any]],
    calendar: WorkCalendar,
    at: datetime,
) -> int:
    after = answer.position
    params = positions.to_values(after) | {
        "ids": [row["id"] for row in rows], "rung": playbook.level_index(after.level), "at": at,
        "tick_at": play.next_tick(playbook, after, calendar), "result": answer.result,
        "position": db.dump(positions.to_json(after)),
        "data": db.dump({"warned": answer.warned} if answer.warned else {}),
        "outbox": db.dump(
            {"result": answer.result, "stage": after.stage, "warned": answer.warned}
        ),
    }  # fmt: skip
    return int(db.rows(_WRITE_ALIKE, params)[0][0])


def _tick_one(row: dict[str, Any], at: datetime) -> int:
    """Ask for this matter alone: a warning, a review, or the end of a time to answer."""
    matter = store.Loaded(
        row=row, position=positions.from_row(row), ladder=db.load(row["ladder"]), posts=[],
        parts=[], signed=frozenset(), once=None,
    )  # fmt: skip
    playbook = places.playbook(row["version_id"])
    calendar = places.calendar(row["place_id"])
    facts = Facts(
        calendar=calendar, urgent=row["urgent"], topic=rules.topic(playbook, row["category"])
    )
    rated = playbook.stage(matter.position.stage).gate.kind == "rate"
    counted = ratings(matter.id) if rated else Ratings(asked=0)
    move = Move(Verb.TICK, ratings=counted if rated else None)
    answer = play.decide(playbook, matter.position, move, facts, at)
    assert isinstance(answer, Played)
    tick_at = play.next_tick(playbook, answer.position, calendar)
    if answer.position == matter.position:
        db.run(
            "update matters_matter set tick_at = %s::timestamptz where id = %s::bigint",
            (tick_at if tick_at is None or tick_at > at else None, matter.id),
        )
        return 0
    left = effects.after_tick(playbook, matter, answer, counted, at=at, calendar=calendar)
    held = matter.ladder[playbook.level_index(answer.position.level)]
    assert held is not None
    store.write(
        matter.id,
        row["last_seq"],
        store.Write(
            verb=Verb.TICK.value, result=answer.result, at=at, by=None, position=answer.position,
            tick_at=tick_at, held_by=held, round=left.round, settled_level=left.settled_level,
            data=left.data, silent=left.silent,
        ),
    )  # fmt: skip
    if answer.result == "pass":
        sunpage.publish_stage(playbook, matter, matter.position.stage, by=None, at=at)
    return 1
