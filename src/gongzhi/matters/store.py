"""The statements that carry the load: one to load a matter for a move, one to write the move.

A move is one statement: the row is changed, the event and the outbox row are inserted and the
request key is kept, or none of it.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.matters import positions
from gongzhi.playbooks.moves import Position

_POSITION = ", ".join(f"m.{column}" for column in positions.COLUMNS)

_LOAD = f"""
select m.id, m.number, m.title, {_POSITION}, m.version_id, m.ladder, m.last_seq, m.round,
  m.raised_by_id, m.urgent, m.category, m.place_id, m.place_path, m.held_by_id, m.held_path,
  m.created_at, m.sensitive, m.settled_level,
  (select x.last_seq from matters_matter x where x.id = m.id) as seen_seq,
  (select json_build_array(o.answer, o.request_hash) from core_once o
    where o.key = %(key)s::text) as once,
  (select coalesce(json_agg(json_build_array(a.role, a.place_id, a.organisation_id)), '[]')
     from people_appointment a where a.person_id = %(by)s::bigint and a.from_on <= %(on)s::date
      and (a.to_on is null or a.to_on >= %(on)s::date)) as posts,
  (select coalesce(json_agg(json_build_object('id', a.id, 'person', a.person_id,
      'organisation', a.organisation_id, 'lead', a.lead, 'done', a.done_at is not null,
      'done_by', a.done_by_id, 'ended', a.ended_at is not null) order by a.id), '[]')
     from matters_assignment a where a.matter_id = m.id and a.round = m.round) as parts,
  (select count(*) from matters_attachment t
    where t.matter_id = m.id and t.at >= m.entered_at) as attachments,
  (select coalesce(json_agg(e.role), '[]') from matters_event e
    where e.matter_id = m.id and e.verb = 'sign' and e.at >= m.entered_at) as signed,
  exists (select 1 from matters_follower f
    where f.matter_id = m.id and f.person_id = %(by)s::bigint) as follows,
  exists (select 1 from people_membership s join places_place p on p.id = s.place_id
    where s.person_id = %(by)s::bigint and s.to_on is null
      and m.place_path like p.path || '%%') as belongs,
  exists (select 1 from people_proxy x where x.person_id = %(by)s::bigint
    and x.acts_for_id = m.raised_by_id and x.withdrawn_at is null
    and x.agreed_at is not null and x.until_on >= %(on)s::date) as acts_for_raiser,
  exists (select 1 from people_kinship k where k.person_id = least(%(by)s::bigint, m.raised_by_id)
    and k.other_id = greatest(%(by)s::bigint, m.raised_by_id))
  or exists (select 1 from people_person a join people_person b on b.household_id = a.household_id
    where a.id = %(by)s::bigint and b.id = m.raised_by_id and a.id <> b.id) as conflict
from matters_matter m where m.id = %(id)s::bigint
"""
_LOCK = _LOAD + " for no key update of m"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A matter as a move needs it: its row, its position, and what surrounds the actor."""

    row: dict[str, Any]
    position: Position
    ladder: list[int | None]
    posts: list[tuple[str, int, int | None]]
    parts: list[dict[str, Any]]
    signed: frozenset[str]
    once: tuple[int, str] | None

    @property
    def id(self) -> int:
        """The matter's id."""
        return int(self.row["id"])


def load(matter_id: int, *, by: int | None, at: datetime, key: str | None) -> Loaded | None:
    """Lock the matter and read all that a move of `by` may depend on; None if there is none.

    Who had to wait for the lock gets the new row, but what surrounds it as it was before he waited
    (PostgreSQL looks again only at the row). Then it is read once more, now under the lock.
    """
    params = {"id": matter_id, "by": by, "on": at.astimezone(SHANGHAI).date(), "key": key}
    found = db.dicts(_LOCK, params)
    if found and found[0]["seen_seq"] != found[0]["last_seq"]:
        found = db.dicts(_LOAD, params)
    return _loaded(found[0]) if found else None


def peek(matter_id: int, *, by: int | None, at: datetime) -> Loaded:
    """The same without a lock, to show what `by` could do; the matter must exist."""
    on = at.astimezone(SHANGHAI).date()
    return _loaded(db.dicts(_LOAD, {"id": matter_id, "by": by, "on": on, "key": None})[0])


def _loaded(row: dict[str, Any]) -> Loaded:
    once = db.load(row["once"]) if row["once"] else None
    return Loaded(
        row=row,
        position=positions.from_row(row),
        ladder=db.load(row["ladder"]),
        posts=[(role, place, unit) for role, place, unit in db.load(row["posts"])],
        parts=db.load(row["parts"]),
        signed=frozenset(db.load(row["signed"])),
        once=(once[0], once[1]) if once else None,
    )


_SET = ", ".join(
    f"{column} = %({field})s"
    for field, column in zip(positions.FIELDS, positions.COLUMNS, strict=True)
)
_WRITE = f"""
with moved as (
  update matters_matter m set {_SET}, tick_at = %(tick_at)s::timestamptz,
    held_by_id = p.id, held_path = p.path, last_seq = m.last_seq + 1, updated_at = %(at)s,
    round = %(round)s::smallint, settled_level = %(settled_level)s,
    silent = coalesce(%(silent)s::bool, m.silent),
    merged_into_id = coalesce(%(merged_into)s::bigint, m.merged_into_id),
    advice = coalesce(%(advice)s::text, m.advice)
  from places_place p
  where m.id = %(id)s::bigint and m.last_seq = %(seen)s::int and p.id = %(held_by)s::bigint
  returning m.id, m.last_seq
), event as (
  insert into matters_event (matter_id, seq, verb, result, at, by_id, role, reason, position, data,
    private)
  select id, last_seq, %(verb)s, %(result)s, %(at)s::timestamptz, %(by)s::bigint, %(role)s,
    %(reason)s, %(position)s::jsonb, %(data)s::jsonb, %(private)s from moved
), out as (
  insert into core_outbox (kind, subject_id, data)
  select 'matter.' || %(verb)s::text, id, %(outbox)s::jsonb from moved
), kept as (
  insert into core_once (key, request_hash, answer)
  select %(key)s::text, %(hash)s::text, last_seq from moved where %(key)s::text is not null
)
select last_seq from moved
"""
_TYPES = {
    "entered_at": "timestamptz",
    "due_at": "timestamptz",
    "clock_from": "timestamptz",
    "paused_at": "timestamptz",
    "parked_until": "timestamptz",
    "ended_at": "timestamptz",
}
for _name, _type in _TYPES.items():
    _WRITE = _WRITE.replace(f"%({_name})s", f"%({_name})s::{_type}")


@dataclass(frozen=True, slots=True)
class Write:
    """What one move changes and leaves behind."""

    verb: str
    result: str
    at: datetime
    by: int | None
    position: Position
    tick_at: datetime | None
    held_by: int
    round: int
    settled_level: str
    role: str = ""
    reason: str = ""
    data: dict[str, Any] | None = None
    private: bool = False
    silent: bool | None = None  # None leaves what the row says
    merged_into: int | None = None
    advice: str | None = None
    key: str | None = None
    hash: str = ""


def write(matter_id: int, seen: int, w: Write) -> int | None:
    """Write the move if nobody moved the matter since `seen`; the event's seq, or None."""
    data = w.data or {}
    params = positions.to_values(w.position) | {
        "id": matter_id, "seen": seen, "verb": w.verb, "result": w.result, "at": w.at, "by": w.by,
        "tick_at": w.tick_at, "held_by": w.held_by, "round": w.round,
        "settled_level": w.settled_level, "role": w.role, "reason": w.reason,
        "position": db.dump(positions.to_json(w.position)), "data": db.dump(data),
        "private": w.private, "silent": w.silent, "merged_into": w.merged_into,
        "advice": w.advice, "key": w.key, "hash": w.hash,
        "outbox": db.dump(
            {"result": w.result, "stage": w.position.stage, "warned": data.get("warned", 0)}
        ),
    }  # fmt: skip
    written = db.rows(_WRITE, params)
    return int(written[0][0]) if written else None


def request_key(kind: str, by: int | None, key: str | None) -> str | None:
    """The key of a request as `core_once` keeps it: of one actor, and short whatever was sent."""
    if not key:
        return None
    return f"{kind}:{by or 0}:{sha256(key.encode(errors='replace')).hexdigest()[:40]}"


def fingerprint(*parts: object) -> str:
    """What a request asked for, so that a key used twice for different things is noticed."""
    return sha256(msgspec.json.encode(parts, enc_hook=str)).hexdigest()
