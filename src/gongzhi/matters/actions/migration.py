"""Running matters move to another version of their playbook: dry run first, reversible."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.matters import positions
from gongzhi.matters.actions import intake
from gongzhi.matters.models import Migration
from gongzhi.people import queries as people
from gongzhi.places import queries as places
from gongzhi.playbooks import migration, play
from gongzhi.playbooks.schema import Playbook

UNDO = timedelta(days=7)


@dataclass(slots=True)
class Outcome:
    """What a migration did, or would do: numbers of matters, and for the others why not."""

    moved: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    id: int | None = None


def migrate(
    *,
    place_id: int,
    old: str,
    new: str,
    by: int,
    at: datetime,
    reason: str,
    dry_run: bool = True,
) -> Outcome:
    """Move open matters below a place from playbook digest `old` to `new`.

    A matter moves when `playbooks.migration` finds no obstacle; a running deadline keeps its due
    date. With `dry_run` nothing is written; the answer is the same either way. NotAllowed for who
    does not administer the place.
    """
    why = text.clean(reason, 200, field="reason")
    if not why and not dry_run:
        raise BadInput("reason", "请写明为什么要换到新版本。")
    if old == new:
        raise BadInput("new", "两个版本是一样的。")
    target = places.playbook(new)
    with db.atomic():
        path = places.by_id(place_id).path
        _check_administers(by, path, at)
        rows = _open(path, old)
        outcome, moving = _plan(rows, places.playbook(old), target)
        if dry_run or not moving:
            return outcome
        _write(moving, old, new, by=by, at=at, why=why)
        outcome.id = Migration.objects.create(
            place_id=place_id, old_id=old, new_id=new, by_id=by, at=at, reason=why,
            moved=[row["id"] for row, _ in moving],
        ).pk  # fmt: skip
    return outcome


def undo_migration(*, migration_id: int, by: int, at: datetime) -> Outcome:
    """Put the matters back, within seven days; others stay as they are."""
    with db.atomic():
        done = Migration.objects.select_for_update().filter(pk=migration_id).first()
        if done is None:
            raise NotFound()
        if done.undone_at is not None:
            raise Refused("这次换版已经撤销过。")
        if at > done.at + UNDO:
            raise Refused("换版已超过七天，不能撤销。", todo="可以再换一次版本。")
        _check_administers(by, done.place.path, at)
        rows = [r for r in _open(done.place.path, done.new_id) if r["id"] in set(done.moved)]
        new, old = places.playbook(done.new_id), places.playbook(done.old_id)
        outcome, moving = _plan(rows, new, old)
        if moving:
            _write(moving, done.new_id, done.old_id, by=by, at=at, why="撤销换版")
        done.undone_at = at
        done.save(update_fields=["undone_at"])
        outcome.id = migration_id
    return outcome


def _check_administers(by: int, path: str, at: datetime) -> None:
    if not people.viewer(by, at).administers("places", path):
        raise NotAllowed("换版由管理这个地方的人来做。")


def _open(path: str, digest: str) -> list[dict[str, Any]]:
    columns = ", ".join(f"m.{column}" for column in positions.COLUMNS)
    return db.dicts(
        f"select m.id, m.number, m.last_seq, m.place_id, {columns}, (select json_object_agg(a.kind,"
        " a.id) from places_place a where a.id = any(string_to_array(trim(both '/' from"
        " m.place_path), '/')::bigint[])) as above from matters_matter m"
        " where m.version_id = %s and m.outcome = '' and m.place_path like %s::text || '%%'"
        " order by m.id for no key update of m",
        (digest, path),
    )


def _plan(
    rows: list[dict[str, Any]], source: Playbook, target: Playbook
) -> tuple[Outcome, list[tuple[dict[str, Any], dict[str, Any]]]]:
    """What moves, with its new columns, and what cannot, with the reason."""
    outcome = Outcome()
    moving: list[tuple[dict[str, Any], dict[str, Any]]] = []
    levels = [level.id for level in target.levels]
    for row in rows:
        position = positions.from_row(row)
        why = migration.refusal(source, target, position)
        if why:
            outcome.refused[row["number"]] = why
        else:
            ladder = intake.rungs(target, db.load(row["above"]))
            held = ladder[levels.index(row["level"])]
            if held is None:
                outcome.refused[row["number"]] = "新版本的这一级在当地没有对应的地方。"
                continue
            calendar = places.calendar(row["place_id"])
            tick_at = play.next_tick(target, position, calendar)
            moving.append((row, {"ladder": ladder, "held": held, "tick_at": tick_at}))
            outcome.moved.append(row["number"])
    return outcome, moving


def _write(
    moving: list[tuple[dict[str, Any], dict[str, Any]]],
    old: str,
    new: str,
    *,
    by: int,
    at: datetime,
    why: str,
) -> None:
    db.run(
        "with wanted as (select * from unnest(%(ids)s::bigint[], %(ladders)s::text[],"
        " %(helds)s::bigint[], %(ticks)s::timestamptz[], %(positions)s::text[])"
        " as w(id, ladder, held, tick_at, position)), moved as ("
        " update matters_matter m set version_id = %(new)s, ladder = w.ladder::jsonb,"
        " held_by_id = w.held, held_path = p.path, tick_at = w.tick_at, last_seq = m.last_seq + 1,"
        " updated_at = %(at)s::timestamptz from wanted w join places_place p on p.id = w.held"
        " where m.id = w.id returning m.id, m.last_seq, w.position), out as ("
        " insert into core_outbox (kind, subject_id, data)"
        " select 'matter.comment', id, %(data)s::jsonb from moved)"
        " insert into matters_event (matter_id, seq, verb, result, at, by_id, role, reason,"
        " position, data, private) select id, last_seq, 'comment', 'migrated',"
        " %(at)s::timestamptz, %(by)s::bigint, '', %(why)s, position::jsonb, %(data)s::jsonb, true"
        " from moved",
        {
            "ids": [row["id"] for row, _ in moving],
            "ladders": [db.dump(to["ladder"]) for _, to in moving],
            "helds": [to["held"] for _, to in moving],
            "ticks": [to["tick_at"] for _, to in moving],
            "positions": [
                db.dump(positions.to_json(positions.from_row(row))) for row, _ in moving
            ],
            "new": new, "at": at, "by": by, "why": why,
            "data": db.dump({"migrated_from": old, "migrated_to": new}),
        },
    )  # fmt: skip
