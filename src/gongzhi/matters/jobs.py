"""The clock's door: deadlines are data, swept in batches. What one matter needs, `decide` says.

Matters that stand alike (same playbook, same stage, level and counts) get the same answer, so it
is asked once for all of them and written in one statement with its events.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction

from gongzhi.core import db
from gongzhi.core.clock import WorkCalendar
from gongzhi.core.errors import NotFound
from gongzhi.matters import positions, rules, store, sunpage
from gongzhi.matters.actions import effects, uploads
from gongzhi.matters.actions.answers import ratings
from gongzhi.places import queries as places
from gongzhi.playbooks import play
from gongzhi.playbooks.moves import Facts, Move, Played, Ratings, Verb
from gongzhi.playbooks.schema import Playbook

log = logging.getLogger("gongzhi.matters.clock")

BATCH = 5_000
AGAIN = timedelta(hours=1)  # when a matter that could not be looked at is looked at again

# What the answer depends on, when it does not depend on when the matter came here.
_ALIKE = (
    "version_id", "stage", "level", "step", "climbs", "descents", "returns", "extensions", "loops",
    "reopened", "return_pending", "unsolved", "unit", "urgent", "statutory", "resolution",
)  # fmt: skip
_DUE = f"""
with due as (
  select m.* from matters_matter m where m.tick_at <= %(at)s::timestamptz
  order by m.tick_at limit %(most)s::int for no key update of m skip locked
)
select id, place_id, paused_at is null and due_at <= %(at)s::timestamptz as overdue,
  concat_ws('|', {", ".join(_ALIKE)}) as shape from due
"""
_POSITION = ", ".join(f"m.{column}" for column in positions.COLUMNS)
_ROWS = f"""
select m.id, m.number, {_POSITION}, m.version_id, m.ladder, m.last_seq, m.round, m.raised_by_id,
  m.urgent, m.category, m.place_id, m.settled_level, m.sensitive, m.tick_at
from matters_matter m where m.id = any(%s::bigint[]) order by m.tick_at, m.id
"""


def sweep(*, at: datetime, batch: int = BATCH) -> int:
    """Let the clock look at every matter whose time has come; how many it moved or announced."""
    total = 0
    while True:
        with db.atomic():
            due = db.rows(_DUE, {"at": at, "most": batch})
            total += _tick(due, at) if due else 0
        if len(due) < batch:
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


def _tick(due: list[tuple[int, int, bool, str]], at: datetime) -> int:
    """Those alike in one statement each, the others one by one."""
    alike: dict[tuple[str, WorkCalendar], list[int]] = defaultdict(list)
    alone: list[int] = []
    for matter, place, overdue, shape in due:
        if overdue:
            alike[shape, places.calendar(place)].append(matter)
        else:
            alone.append(matter)
    first = {row["id"]: row for row in db.dicts(_ROWS, ([ids[0] for ids in alike.values()],))}
    moved = 0
    for (_, calendar), ids in alike.items():
        done = _tick_together(first[ids[0]], ids, calendar, at)
        if done is None:
            alone += ids
        else:
            moved += done
    for row in db.dicts(_ROWS, (alone,)) if alone else []:
        moved += _tick_safely(row, at)
    return moved


def _tick_together(
    row: dict[str, Any], ids: list[int], calendar: WorkCalendar, at: datetime
) -> int | None:
    """`_tick_alike`; None also when the answer cannot be had for the first of them."""
    try:
        return _tick_alike(row, ids, calendar, at)
    except (KeyError, ValueError, NotFound):
        log.exception("the clock could not look at matters like %s", row["number"])
        return None


def _tick_alike(
    row: dict[str, Any], ids: list[int], calendar: WorkCalendar, at: datetime
) -> int | None:
    """One answer for all of them when it is to climb; None when each must be asked alone."""
    playbook = places.playbook(row["version_id"])
    position = positions.from_row(row)
    if playbook.stage(position.stage).gate.kind == "rate":
        return None
    facts = Facts(calendar=calendar, urgent=row["urgent"])
    answer = play.decide(playbook, position, Move(Verb.TICK), facts, at)
    assert isinstance(answer, Played)
    if answer.result != "up" or answer.position.stage != position.stage:
        return None
    return _write_alike(playbook, answer, ids, calendar, at)


def _tick_safely(row: dict[str, Any], at: datetime) -> int:
    """One matter that cannot be looked at must not hold up the clock of all others."""
    try:
        with transaction.atomic():
            return _tick_one(row, at)
    except OperationalError:
        raise
    except Exception:
        log.exception("the clock could not look at matter %s", row["number"])
        db.run(
            "update matters_matter set tick_at = %s::timestamptz where id = %s::bigint",
            (at + AGAIN, row["id"]),
        )
        return 0


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
    ids: list[int],
    calendar: WorkCalendar,
    at: datetime,
) -> int:
    after = answer.position
    params = positions.to_values(after) | {
        "ids": ids, "rung": playbook.level_index(after.level), "at": at,
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
