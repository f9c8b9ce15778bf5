"""Questions about places. Calendars, adoptions and grids are kept in memory of each process.

What is kept carries the stamp of the moment it was read; every change of these tables writes a new
stamp in its own transaction, and every process looks at the stamp at most once a second.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from gongzhi.core import db
from gongzhi.core.clock import WorkCalendar
from gongzhi.core.errors import NotFound
from gongzhi.core.models import Fact
from gongzhi.places import rules
from gongzhi.places.geometry import PointIndex, to_geojson
from gongzhi.places.models import Adoption, DayException, Kind, OfficeHours, Place, PlaybookVersion
from gongzhi.playbooks.schema import Playbook

STAMP = "places.stamp"
LOOK_EVERY = 1.0  # seconds between two looks at the stamp


class NoPlaybook(NotFound):
    """这里还没有采用任何治理办法。"""

    code = "no_playbook"


@dataclass(frozen=True, slots=True)
class Standing:
    """A place of today and its ancestors (itself among them) by kind."""

    id: int
    path: str
    kind: str
    above: Mapping[str, int]


@dataclass
class _Kept:
    """What this process remembers, valid for one stamp."""

    stamp: object = None
    looked_at: float = float("-inf")
    paths: dict[int, str] = field(default_factory=dict)
    codes: dict[str, tuple[int, str]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    standing: dict[int, "Standing"] = field(default_factory=dict)
    calendars: dict[int, WorkCalendar] = field(default_factory=dict)
    shared: dict[tuple[int, ...], WorkCalendar] = field(default_factory=dict)
    hours: dict[int, tuple[list[int], list[tuple[str, str]]]] | None = None
    days: dict[int, list[rules.Day]] | None = None  # 0 is the national calendar
    adoptions: dict[int, list[Adoption]] | None = None
    grids: PointIndex[int] | None = None


_kept = _Kept()


def forget() -> None:
    """Let go of everything remembered, as after a change in this process."""
    global _kept
    _kept = _Kept()


def _fresh() -> _Kept:
    global _kept
    now = time.monotonic()
    if now - _kept.looked_at > LOOK_EVERY:
        stamp = Fact.objects.filter(name=STAMP).values_list("value", flat=True).first()
        if stamp != _kept.stamp or _kept.looked_at == float("-inf"):
            _kept = _Kept(stamp=stamp)
        _kept.looked_at = now
    return _kept


# Places


def by_code(code: str, on: date | None = None) -> Place:
    """The place with that code today, or as it was on a day; NotFound."""
    when = Q(valid_to=None) if on is None else _valid(on)
    place = Place.objects.filter(when, code=code).first()
    if place is None:
        raise NotFound(f"没有代码为“{code}”的地方。")
    return place


def id_and_path(code: str) -> tuple[int, str]:
    """Id and path of the place with that code today, remembered; NotFound."""
    kept = _fresh()
    if code not in kept.codes:
        found = db.rows(
            "select id, path from places_place where code = %s and valid_to is null", (code,)
        )
        if not found:
            raise NotFound(f"没有代码为“{code}”的地方。")
        kept.codes[code] = (found[0][0], found[0][1])
    return kept.codes[code]


def standing(place_id: int) -> Standing | None:
    """Where a place of today stands, remembered; None for one that is not, or is no more."""
    known = _fresh().standing
    if place_id not in known:
        found = db.rows(
            "select x.id, x.path, x.kind, (select json_object_agg(a.kind, a.id)"
            " from places_place a where a.id = any(string_to_array(trim(both '/' from x.path),"
            " '/')::bigint[])) from places_place x where x.id = %s::bigint and x.valid_to is null",
            (place_id,),
        )
        if not found:
            return None
        at, path, kind, above = found[0]
        known[place_id] = Standing(at, path, kind, db.load(above))
    return known[place_id]


def names(ids: Iterable[int]) -> Mapping[int, str]:
    """Names of places by id, remembered: a list of matters need not join them in."""
    known = _fresh().names
    if unknown := set(ids) - known.keys():
        found = db.rows(
            "select id, name from places_place where id = any(%s::bigint[])", (list(unknown),)
        )
        known.update(found)
    return known


def _valid(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))


def by_id(place_id: int) -> Place:
    """The place; NotFound."""
    place = Place.objects.filter(pk=place_id).first()
    if place is None:
        raise NotFound("没有这个地方。")
    return place


def by_token(token: str) -> Place:
    """The place whose QR code was scanned; NotFound for a code no longer in use."""
    place = Place.objects.filter(token=token, valid_to=None).first()
    if place is None:
        raise NotFound("这个二维码已经停用。", todo="请告诉网格员，换一张新的。")
    return place


def children(place_id: int, kind: str | None = None) -> list[dict[str, Any]]:
    """Places directly inside, by code, with how many lie inside each."""
    rows = Place.objects.filter(parent_id=place_id, valid_to=None)
    if kind is not None:
        rows = rows.filter(kind=kind)
    counted = rows.annotate(inside=Count("children", filter=Q(children__valid_to=None)))
    names = ("id", "code", "name", "kind", "subkind", "path", "inside")
    return [dict(row) for row in counted.order_by("code").values(*names)]


def ancestors(place: Place) -> list[Place]:
    """From the root down to the place itself."""
    ids = [int(part) for part in place.path.split("/") if part]
    found = Place.objects.in_bulk(ids)
    return [found[i] for i in ids]


def full_name(place: Place, *, since: str = Kind.COUNTY) -> str:
    """ "盱眙县 马坝镇 双马村委会": the names from a kind on down."""
    line = ancestors(place)
    kinds = [p.kind for p in line]
    return " ".join(p.name for p in line[kinds.index(since) if since in kinds else 0 :])


def tree(code: str, depth: int = 1) -> dict[str, Any]:
    """A place with what lies inside it, `depth` kinds deep: {"id", "code", "name", "children"…}."""
    root = by_code(code)
    level = root.path.count("/")
    rows = Place.objects.filter(path__startswith=root.path, valid_to=None).order_by("code")
    nodes: dict[int, dict[str, Any]] = {}
    for row in rows.values("id", "code", "name", "kind", "subkind", "parent_id", "path"):
        if row["path"].count("/") <= level + depth:
            nodes[row["id"]] = {**row, "children": []}
    for node in nodes.values():
        if node["parent_id"] in nodes and node["id"] != root.pk:
            nodes[node["parent_id"]]["children"].append(node)
    return nodes[root.pk]


def find(text: str, within: str = "/", limit: int = 20) -> list[dict[str, Any]]:
    """Places whose name contains the text, nearest to the top first."""
    found = Place.objects.filter(name__contains=text, path__startswith=within, valid_to=None)
    rows = found.order_by("code").values("id", "code", "name", "kind", "path")
    return [dict(row) for row in rows[:limit]]


def history(place_id: int) -> dict[str, list[dict[str, Any]]]:
    """What became of it and what it was made from."""
    place = by_id(place_id)
    after = place.successions.values("on", "how", "successor__code", "successor__name")
    before = place.origins.values("on", "how", "predecessor__code", "predecessor__name")
    return {"after": [dict(row) for row in after], "before": [dict(row) for row in before]}


# Map


def grid_at(lon: float, lat: float) -> Place | None:
    """The grid a point lies in (WGS-84 degrees), from memory; None outside all grids."""
    kept = _fresh()
    if kept.grids is None:
        drawn = Place.objects.filter(kind=Kind.GRID, valid_to=None, polygon__isnull=False)
        kept.grids = PointIndex(
            (pk, bytes(wkb or b"")) for pk, wkb in drawn.values_list("id", "polygon").iterator()
        )
    found = kept.grids.find(lon, lat)
    return None if found is None else by_id(found)


def layer(kind: str, within: str = "/") -> dict[str, Any]:
    """All drawn places of a kind inside a path, as a GeoJSON FeatureCollection."""
    rows = Place.objects.filter(
        kind=kind, path__startswith=within, valid_to=None, polygon__isnull=False
    ).order_by("code")
    drawn = [
        (place.pk, bytes(place.polygon or b""), {
            "code": place.code, "name": place.name, "kind": kind, "schematic": place.schematic,
        })
        for place in rows
    ]  # fmt: skip
    collection: dict[str, Any] = json.loads(to_geojson(drawn))
    return collection


# Working time


def _line(kept: _Kept, place_id: int) -> list[int]:
    """Ids from the place up to the root."""
    if place_id not in kept.paths:
        path = Place.objects.filter(pk=place_id).values_list("path", flat=True).first()
        if path is None:
            raise NotFound("没有这个地方。")
        kept.paths[place_id] = path
    return [int(part) for part in reversed(kept.paths[place_id].split("/")) if part]


def calendar(place_id: int) -> WorkCalendar:
    """Working time of a place: the nearest office hours up the tree, national days and its own."""
    kept = _fresh()
    if place_id not in kept.calendars:
        _read_calendars(kept)
        assert kept.hours is not None
        assert kept.days is not None
        line = _line(kept, place_id)
        clock = next((i for i in line if i in kept.hours), 0)
        differing = tuple(i for i in line if i in kept.days)
        kept.calendars[place_id] = _once(
            kept.shared, (clock, *differing), lambda: _calendar(kept, clock, differing)
        )
    return kept.calendars[place_id]


def _once(
    shared: dict[tuple[int, ...], WorkCalendar],
    key: tuple[int, ...],
    make: Callable[[], WorkCalendar],
) -> WorkCalendar:
    """Places with the same hours share one calendar, whose openings are computed once."""
    if key not in shared:
        shared[key] = make()
    return shared[key]


def _calendar(kept: _Kept, clock: int, differing: tuple[int, ...]) -> WorkCalendar:
    assert kept.hours is not None
    assert kept.days is not None
    days = {d.day: d for d in kept.days.get(0, [])}
    for owner in reversed(differing):  # the nearest place has the last word
        days.update({d.day: d for d in kept.days[owner]})
    weekdays, spans = kept.hours.get(clock, (None, None))
    return rules.make_calendar(weekdays, spans, days.values())


def _read_calendars(kept: _Kept) -> None:
    if kept.hours is not None:
        return
    days: dict[int, list[rules.Day]] = {}
    for row in DayException.objects.all():
        days.setdefault(row.place_id or 0, []).append(rules.Day(row.day, row.open))
    # Threads share what is kept: nothing is shown to them before it is whole, `hours` last.
    kept.days = days
    kept.hours = {
        h.place_id: (h.weekdays, [(str(a), str(b)) for a, b in h.spans])
        for h in OfficeHours.objects.all()
    }


def days(place_id: int | None, year: int) -> list[dict[str, Any]]:
    """Exceptions written for exactly this place (None: the national calendar) in a year."""
    rows = DayException.objects.filter(at_place(place_id), day__year=year).order_by("day")
    return [dict(row) for row in rows.values("id", "day", "open", "name")]


def at_place(place_id: int | None) -> Q:
    """Rows of exactly this place; None means those of the whole country."""
    return Q(place=None) if place_id is None else Q(place_id=place_id)


# Playbooks


@lru_cache(maxsize=256)
def playbook(digest: str) -> Playbook:
    """The playbook a matter pinned. A digest names one text for ever, so it is kept for ever."""
    source = PlaybookVersion.objects.filter(pk=digest).values_list("source", flat=True).first()
    if source is None:
        raise NoPlaybook
    return Playbook.from_data(source)


def adopted(place_id: int, on: date) -> tuple[PlaybookVersion, Playbook]:
    """What a place governs by on a day: its own adoption, else the nearest above; NoPlaybook."""
    found = adoption(place_id, on)
    if found is None:
        raise NoPlaybook
    return found.version, playbook(found.version_id)


def adoption(place_id: int, on: date) -> Adoption | None:
    """The adoption that counts there on that day, if any."""
    kept = _fresh()
    if kept.adoptions is None:
        read: dict[int, list[Adoption]] = {}
        for row in Adoption.objects.select_related("version").order_by("-from_on", "-id"):
            read.setdefault(row.place_id, []).append(row)
        kept.adoptions = read
    for owner in _line(kept, place_id):
        for row in kept.adoptions.get(owner, []):
            if row.from_on <= on and (row.to_on is None or on <= row.to_on):
                return row
    return None


def adoptions(place_id: int) -> list[dict[str, Any]]:
    """All adoptions written for exactly this place, newest first."""
    rows = Adoption.objects.filter(place_id=place_id).order_by("-from_on", "-id")
    names = ("id", "playbook", "version_id", "version__version", "from_on", "to_on", "reason", "at")
    return [dict(row) for row in rows.values(*names, "by")]


def ladder(place_id: int, kinds: tuple[str, ...]) -> list[int | None]:
    """For each kind of place, the id of the ancestor (or the place itself) of that kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select a.kind, a.id from places_place p join places_place a"
            " on a.id = any(string_to_array(trim(both '/' from p.path), '/')::bigint[])"
            " where p.id = %s",
            [place_id],
        )
        found = dict(cursor.fetchall())
    return [found.get(kind) for kind in kinds]
