"""Lists of matters: filtered, searched, by page; the inbox by time left; what is mine."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed
from gongzhi.matters import permissions, words
from gongzhi.matters.permissions import Sight
from gongzhi.matters.queries import standing
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import Permission
from gongzhi.places import queries as places
from gongzhi.publications import rules as masking

MAX_SIZE, MAX_PAGE = 200, 10_000
# While the clock stands still nothing runs out: not when paused, not when parked (挂账).
OVERDUE = "(m.paused_at is null and m.due_at < %s::timestamptz)"

ROW = """m.id, m.number, m.title, m.stage, m.level, m.step, m.outcome, m.category, m.urgent,
  m.due_at, m.created_at, m.updated_at, m.closed_at, m.paused_at, m.parked_until, m.version_id,
  m.last_seq, m.unsolved, m.silent, m.source, m.sensitive, m.place_id, m.place_path, m.held_by_id,
  m.held_path, m.raised_by_id"""
SORTS = {
    "newest": "m.id desc",
    "oldest": "m.id",
    "due": "m.due_at nulls last, m.id",
    "changed": "m.updated_at desc, m.id desc",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty means all. The same names stand in the address."""

    q: str = ""
    stage: str = ""
    level: str = ""
    place: str = ""  # code of a place: itself and all below
    category: str = ""
    state: str = ""  # open, ended, overdue, parked, paused
    source: str = ""
    unit: int | None = None  # organisation it is assigned to
    mine: bool = False  # assigned to me or my unit
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "newest"
    after: int | None = None  # id of the last row seen, for "newest" and "oldest": nothing shifts
    page: int = 1
    size: int = 50


def list_(viewer: Viewer, filters: Filters, at: datetime) -> dict[str, Any]:
    """Matters the viewer works on or answers for: {"rows", "page", "more"}. At most 3 statements.

    Staff see those below their posts and those assigned to them; a resident sees his own.
    """
    if viewer.person_id is None:
        raise NotAllowed("请先登录。")
    size = min(max(filters.size, 1), MAX_SIZE)
    page = min(max(filters.page, 1), MAX_PAGE)
    skip = (page - 1) * size
    where, params = _where(viewer, filters, at)
    order = SORTS.get(filters.sort, SORTS["newest"])
    found = db.dicts(
        f"select {ROW} from matters_matter m where {where}"
        f" order by {order} limit %s::int offset %s::int",
        [*params, size + 1, skip],
        prepare=False,
    )
    rows = worded(viewer, found[:size])
    return {"rows": rows, "page": page, "more": len(found) > size, "size": size}


def worded(viewer: Viewer, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """List rows with their words: names of places, stage and level, status, category.

    One statement more where titles must not tell who raised it, one for places not yet known.
    """
    _mask_titles([row for row in rows if not _sees_names(viewer, row)])
    place = places.names([row[column] for row in rows for column in ("place_id", "held_by_id")])
    language = words.language()
    for row in rows:
        named = places.playbook(row["version_id"]).words(language)
        row["place"], row["held_by"] = place[row["place_id"]], place[row["held_by_id"]]
        row["stage_name"] = named.stages[row["stage"]].name
        row["level_name"] = named.levels.get(row["level"], row["level"])
        row["status"] = words.status(named, row)
        row["category_name"] = words.category(row["category"], language)
    return rows


def _sees_names(viewer: Viewer, row: dict[str, Any]) -> bool:
    return permissions.sight(viewer, _AS_SEEN | row).sight in (Sight.OWN, Sight.STAFF)


def _mask_titles(rows: list[dict[str, Any]]) -> None:
    raisers = sorted({row["raised_by_id"] for row in rows} - {None})
    names = dict(
        db.rows("select id, name from people_person where id = any(%s::bigint[])", (raisers,))
        if raisers
        else []
    )
    for row in rows:
        row["title"] = masking.mask(row["title"], (names.get(row["raised_by_id"]),))
        row["raised_by_id"] = None


# What a list row does not carry; without it nobody sees more.
_AS_SEEN = {"entered_by_id": None, "village_path": "", "follows": True, "assigned": False}


def below(column: str) -> str:
    """A condition for one path parameter given twice by `span`: index-friendly when prepared."""
    return f"({column} ~>=~ %s::text and {column} ~<~ %s::text)"


def span(path: str) -> list[str]:
    """The two ends of all paths at or below `path` ("/1/45/" to "/1/450")."""
    return [path, path[:-1] + "0"]


def _scope(viewer: Viewer) -> tuple[str, list[Any]]:
    """What the viewer may have in a list."""
    parts: list[str] = []
    params: list[Any] = []
    for path in permissions.staff_paths(viewer):
        parts.append(below("m.place_path"))
        params += span(path)
    for path in permissions.masked_paths(viewer):
        parts.append(f"({below('m.place_path')} and not m.sensitive)")
        params += span(path)
    if desks := permissions.desk_ids(viewer, Permission.TRIAGE):
        parts.append("m.held_by_id = any(%s::bigint[])")
        params.append(desks)
    parts.append("m.raised_by_id = any(%s::bigint[])")
    params.append([viewer.person_id, *viewer.acts_for])
    if viewer.posts:
        sql, more = _assigned(viewer)
        parts.append(sql)
        params += more
    return f"({' or '.join(parts)})", params


def _assigned(viewer: Viewer) -> tuple[str, list[Any]]:
    return (
        "m.id in (select a.matter_id from matters_assignment a where a.done_at is null"
        " and a.ended_at is null and (a.person_id = %s::bigint"
        " or a.organisation_id = any(%s::bigint[])))",
        [viewer.person_id, sorted(viewer.organisations)],
    )


def _where(viewer: Viewer, f: Filters, at: datetime) -> tuple[str, list[Any]]:
    scope, params = _scope(viewer)
    parts = [scope]

    def add(sql: str, *values: Any) -> None:
        parts.append(sql)
        params.extend(values)

    for column in ("stage", "level", "source"):
        if value := _code(getattr(f, column)):
            add(f"m.{column} = %s::text", value)
    if category := _code(f.category):
        add("(m.category = %s::text or m.category like %s::text)", category, f"{category}.%")
    if f.place:
        add(below("m.place_path"), *span(places.id_and_path(f.place)[1]))
    if state := _state(f.state, at):
        add(state[0], *state[1])
    if f.since is not None:
        add("m.created_at >= %s::timestamptz", f.since)
    if f.until is not None:
        add("m.created_at < %s::timestamptz", f.until)
    if f.after is not None:
        add(f"m.id {'>' if f.sort == 'oldest' else '<'} %s::bigint", f.after)
    if f.unit is not None:
        add(
            "m.id in (select a.matter_id from matters_assignment a"
            " where a.organisation_id = %s::bigint and a.ended_at is null)",
            f.unit,
        )
    if f.mine:
        sql, more = _assigned(viewer)
        add(sql, *more)
    if f.q.strip():
        add(*_search(f.q))
    return " and ".join(parts), params


def _code(value: str) -> str:
    """A code from an address as it can be compared: NUL never reaches the database."""
    return value.replace("\0", "\ufffd")


def _state(state: str, at: datetime) -> tuple[str, list[Any]] | None:
    return {
        "open": ("m.outcome = ''", []),
        "ended": ("m.outcome <> ''", []),
        "overdue": (f"m.outcome = '' and {OVERDUE}", [at]),
        "parked": ("m.parked_until is not null", []),
        "paused": ("m.paused_at is not null and m.parked_until is null", []),
    }.get(state)


def _search(query: str) -> tuple[Any, ...]:
    """By number, or by any piece of the title, the text or the place in words."""
    column = "(m.title || E'\\n' || m.body || E'\\n' || m.\"where\")"
    condition, params = text.where("found.search", column, query)
    condition = (
        "exists (select 1 from matters_mattertext found"
        f" where found.matter_id = m.id and {condition})"
    )
    number = text.number(query)
    if not _NUMBER.fullmatch(number):
        return (condition, *params)
    return (f"(m.number like %s::text or {condition})", f"{number}%", *params)


_NUMBER = re.compile(r"GZ\d{2,}")


def mine(viewer: Viewer, at: datetime, *, limit: int = 100) -> list[dict[str, Any]]:
    """What the viewer (or family he acts for) raised or joined, open ones first. One statement."""
    people = [p for p in (viewer.person_id, *viewer.acts_for) if p is not None]
    rows = db.dicts(
        f"select {ROW}, (select c.id from matters_callback c"
        "   where c.matter_id = m.id and c.round = m.round"
        "   and c.person_id = any(%(people)s::bigint[]) and c.asked_at is not null"
        "   and c.answered_at is null limit 1) as please_answer"
        " from matters_matter m where m.raised_by_id = any(%(people)s::bigint[]) or m.id in ("
        "   select f.matter_id from matters_follower f"
        "   where f.person_id = any(%(people)s::bigint[]))"
        " order by (m.outcome <> ''), m.id desc limit %(limit)s::int",
        {"people": people, "limit": limit},
    )
    return worded(viewer, rows)


GROUPS = ("overdue", "today", "three_days", "later")
# A post that only handles finds in its inbox what was assigned to it, not all that comes there.
_WORK = (Permission.TRIAGE, Permission.DECIDE, Permission.VERIFY)


def inbox(
    viewer: Viewer, at: datetime, filters: Filters | None = None, *, most: int = 50
) -> dict[str, Any]:
    """What waits for the viewer, by time left: {"groups": [{"key", "count", "rows"}], "total"}.

    Waiting are open matters held at his places, those that wait for him from another rung, and
    those assigned to him or his unit. What is paused or parked is not overdue. Each group carries
    at most `most` rows and its whole count. Three statements.
    """
    where, params = _inbox_where(viewer, filters or Filters(), at)
    ends = _ends(at)
    group = (
        "case when m.paused_at is not null then 'later'"
        " when m.due_at < %s::timestamptz then 'overdue' when m.due_at < %s::timestamptz"
        " then 'today' when m.due_at < %s::timestamptz then 'three_days' else 'later' end"
    )
    found = db.dicts(
        f"select * from (select {ROW}, g.key,"
        " row_number() over (partition by g.key order by m.due_at nulls last, m.id) as place_in,"
        " count(*) over (partition by g.key) as group_count"
        f" from matters_matter m cross join lateral (select {group} as key) g where {where}) x"
        " where place_in <= %s::int order by due_at nulls last, id",
        [*ends, *params, most],
        prepare=False,
    )
    by_group: dict[str, list[dict[str, Any]]] = {key: [] for key in GROUPS}
    for row in worded(viewer, found):
        by_group[row["key"]].append(row)
    groups = [
        {"key": key, "count": rows[0]["group_count"] if rows else 0, "rows": rows}
        for key, rows in by_group.items()
    ]
    return {"groups": groups, "total": sum(g["count"] for g in groups)}


def _ends(at: datetime) -> list[datetime]:
    """Now, the end of today and the end of the third day, in the place's time."""
    midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return [at, midnight + timedelta(days=1), midnight + timedelta(days=4)]


def _inbox_where(viewer: Viewer, filters: Filters, at: datetime) -> tuple[str, list[Any]]:
    held = permissions.desk_ids(viewer, *_WORK)
    assigned, params = _assigned(viewer)
    office, stands = standing.elsewhere(viewer)
    narrowed, more = _where(viewer, filters, at)
    return (
        f"m.outcome = '' and (m.held_by_id = any(%s::bigint[]) or {assigned} or {office})"
        f" and {narrowed}",
        [held, *params, *stands, *more],
    )
