"""What changes places: the division tree, grids and polygons, working time, adopted playbooks."""

import csv
import gzip
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from gongzhi.core import coords, holidays, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound
from gongzhi.core.models import Fact, Outbox
from gongzhi.places import geometry, queries, rules
from gongzhi.places.models import (
    Adoption,
    DayException,
    Kind,
    OfficeHours,
    Place,
    PlaybookVersion,
    Succession,
)
from gongzhi.places.schematic import schematic
from gongzhi.playbooks.schema import Playbook

DIVISIONS = Path(__file__).parent / "data" / "divisions_2023.csv.gz"
AHEAD = timedelta(days=366)  # a mistyped year must not lock the place
DIVISIONS_FROM = date(2023, 1, 1)  # the table of the year 2023 says nothing about earlier names
_KINDS = {"township": Kind.TOWN}


def changed(kind: str, subject: int, at: datetime, **data: Any) -> None:
    """Tell reactions, and every process that what it remembers of places is old."""
    Outbox.objects.create(kind=kind, subject_id=subject, at=at, data=data)
    restamp()


def restamp() -> None:
    """A new stamp in the running transaction; this process forgets when it commits."""
    Fact.objects.update_or_create(name=queries.STAMP, defaults={"value": secrets.token_hex(8)})
    queries.forget()
    transaction.on_commit(queries.forget)


# The tree


def load_divisions(
    *, by: int | None, at: datetime, source: Path = DIVISIONS,
    valid_from: date = DIVISIONS_FROM, progress: Callable[[int], None] | None = None,
) -> int:  # fmt: skip
    """Write the division table (code12, name, level, parent12, kind); returns how many are new.

    Codes that are already there stay as they are, so that it may be run again.
    """
    opened = gzip.open if source.suffix == ".gz" else open
    with opened(source, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with transaction.atomic():
        known = dict(Place.objects.filter(valid_to=None).values_list("code", "id"))
        rows = [row for row in rows if row["code12"] not in known]
        ids = _new_ids(len(rows))
        known |= {row["code12"]: pk for row, pk in zip(rows, ids, strict=True)}
        depth = {"province": 0, "prefecture": 1, "county": 2, "township": 3, "village": 4}
        rows.sort(key=lambda row: (depth[row["level"]], row["code12"]))
        with (
            connection.cursor() as cursor,
            cursor.copy(
                "copy places_place (id, code, name, kind, subkind, parent_id, path, valid_from,"
                " attributes, phone, schematic) from stdin"
            ) as copy,
        ):
            for n, row in enumerate(rows):
                copy.write_row((
                    known[row["code12"]], row["code12"], row["name"],
                    str(_KINDS.get(row["level"], row["level"])), row["kind"],
                    known.get(row["parent12"]), "", valid_from, "{}", "", False,
                ))  # fmt: skip
                if progress is not None and n % 1000 == 0:
                    progress(n)
        if rows:
            changed("divisions_loaded", 0, at, count=len(rows), by=by)
    return len(rows)


def _new_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence('places_place', 'id'))"
            " from generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def add_place(
    *, code: str, name: str, kind: str, parent_id: int, by: int | None, at: datetime,
    subkind: str = "", valid_from: date | None = None, token: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Place:  # fmt: skip
    """One place below another; BadInput where code, kind and parent do not fit each other."""
    parent = queries.by_id(parent_id)
    words = text.clean(name, 80, field="name", one_line=True)
    if not words:
        raise BadInput("name", "请填写名称。")
    rules.check_place(code, kind, parent.code, parent.kind)
    try:
        with transaction.atomic():
            row = Place.objects.create(
                code=code, name=words, kind=kind, subkind=subkind, parent=parent,
                valid_from=valid_from or at.astimezone(SHANGHAI).date(), token=token,
                attributes=dict(attributes or {}),
            )  # fmt: skip
            changed("place_added", row.pk, at, by=by)
    except IntegrityError as twice:
        raise BadInput("code", f"代码“{code}”已经有地方在用。") from twice
    row.refresh_from_db(fields=["path"])
    return row


@dataclass(frozen=True, slots=True)
class NewPlace:
    """One of many places to add; `parent` is the code of the place above."""

    code: str
    name: str
    kind: str
    parent: str
    token: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    phone: str = ""


def add_places(
    *, rows: Sequence[NewPlace], by: int | None, at: datetime, valid_from: date | None = None
) -> dict[str, int]:
    """Many places of one kind at once, all checked first; returns their ids by code."""
    above = {p.code: p for p in Place.objects.filter(
        code__in={row.parent for row in rows}, valid_to=None)}  # fmt: skip
    for row in rows:
        if row.parent not in above:
            raise NotFound(f"没有代码为“{row.parent}”的地方。")
        rules.check_place(row.code, row.kind, row.parent, above[row.parent].kind)
    start = valid_from or at.astimezone(SHANGHAI).date()
    try:
        with transaction.atomic():
            made = Place.objects.bulk_create(
                Place(
                    code=row.code, name=row.name, kind=row.kind, parent=above[row.parent],
                    valid_from=start, token=row.token, attributes=dict(row.attributes),
                    phone=row.phone,
                )
                for row in rows
            )  # fmt: skip
            changed("places_added", 0, at, count=len(made), by=by)
    except IntegrityError as twice:
        raise BadInput("code", "有的代码已经有地方在用。") from twice
    return {place.code: place.pk for place in made}


def new_token(*, place_id: int, by: int | None, at: datetime) -> str:
    """A new QR code for a building; the old one stops working."""
    token = secrets.token_urlsafe(9)
    with transaction.atomic():
        if not Place.objects.filter(pk=place_id, valid_to=None).update(token=token):
            raise NotFound("没有这个地方。")
        changed("place_token", place_id, at, by=by)
    return token


def merge(
    *, place_ids: tuple[int, ...], code: str, name: str, on: date, by: int | None, at: datetime
) -> Place:
    """Several places become one from a day on; what lies inside them moves along."""
    if len(place_ids) < 2:
        raise BadInput("place_ids", "至少要选两个地方才能合并。")
    return _succeed(place_ids, [(code, name)], "merge", on=on, by=by, at=at, parts={})[0]


def split(
    *, place_id: int, into: tuple[tuple[str, str], ...], parts: Mapping[int, str], on: date,
    by: int | None, at: datetime,
) -> list[Place]:  # fmt: skip
    """One place becomes several (code, name); `parts` says to which code each child goes."""
    codes = {code for code, _ in into}
    inside = {row["id"] for row in queries.children(place_id)}
    if len(codes) < 2 or len(codes) != len(into):
        raise BadInput("into", "至少要拆成两个代码不同的地方。")
    if set(parts) != inside or not set(parts.values()) <= codes:
        raise BadInput("parts", "请说明里面的每个地方归哪一边。")
    return _succeed((place_id,), list(into), "split", on=on, by=by, at=at, parts=parts)


def rename(*, place_id: int, name: str, on: date, by: int | None, at: datetime) -> Place:
    """A new name from a day on, under the same code; the old name stays in the history."""
    old = queries.by_id(place_id)
    return _succeed((place_id,), [(old.code, name)], "rename", on=on, by=by, at=at, parts={})[0]


def _succeed(
    old_ids: tuple[int, ...], new: list[tuple[str, str]], how: str, *, on: date,
    by: int | None, at: datetime, parts: Mapping[int, str],
) -> list[Place]:  # fmt: skip
    with transaction.atomic():
        old = list(Place.objects.select_for_update().filter(pk__in=old_ids, valid_to=None))
        if len(old) != len(set(old_ids)):
            raise NotFound("要变更的地方里，有的已经撤并。")
        if len({(p.parent_id, p.kind) for p in old}) != 1:
            raise BadInput("place_ids", "只能变更同一上级下面的同一类地方。")
        if any(p.valid_from >= on for p in old):
            raise BadInput("on", "变更日期要晚于这些地方设立的日期。")
        first, above = old[0], queries.by_id(old[0].parent_id or 0)
        inside = list(Place.objects.filter(parent__in=old, valid_to=None))
        Place.objects.filter(pk__in=old_ids).update(valid_to=on)
        made = {}
        for code, name in new:
            rules.check_place(code, first.kind, above.code, above.kind)
            made[code] = Place.objects.create(
                code=code, name=text.clean(name, 80, field="name", one_line=True),
                kind=first.kind, subkind=first.subkind, parent_id=above.pk, valid_from=on,
                polygon=first.polygon if how == "rename" else None,
            )  # fmt: skip
        for child in inside:
            child.parent = made[parts[child.pk]] if parts else next(iter(made.values()))
            child.save(update_fields=["parent"])
        Succession.objects.bulk_create(
            Succession(predecessor=p, successor=s, on=on, how=how)
            for p in old
            for s in made.values()
        )
        for place in made.values():
            changed(f"place_{how}", place.pk, at, old=list(old_ids), by=by)
    return [queries.by_id(place.pk) for place in made.values()]


# Map


def load_polygons(
    *, data: bytes, by: int | None, at: datetime, within: str = "/",
    system: coords.System = "wgs84",
) -> dict[str, list[str]]:  # fmt: skip
    """Boundaries from a GeoJSON file, matched by code; {"drawn": codes, "unknown": codes…}.

    BadInput for a file that cannot be read. Codes outside `within` are unknown.
    """
    features = geometry.read_geojson(data, system)
    known = dict(
        Place.objects.filter(
            code__in={f.code for f in features}, path__startswith=within, valid_to=None
        ).values_list("code", "id")
    )
    with transaction.atomic():
        for feature in features:
            if feature.code in known:
                _draw(known[feature.code], feature.polygon, schematic=False)
        changed("places_drawn", 0, at, count=len(known), by=by)
    return {
        "drawn": [f.code for f in features if f.code in known],
        "repaired": [f.code for f in features if f.code in known and f.repaired],
        "unknown": [f.code or f.name for f in features if f.code not in known],
    }


def make_grid_schematic(
    *, place_id: int, seed: int, bounds: geometry.Box, by: int | None, at: datetime
) -> int:
    """Draw a town or village and its grids as a schematic map (示意图); returns how many grids.

    `bounds` is west, south, east, north. Places without grids below are left out.
    """
    place = queries.by_id(place_id)
    villages = [place.pk]
    if place.kind != Kind.VILLAGE:
        villages = [row["id"] for row in queries.children(place_id, Kind.VILLAGE)]
    grids = {v: [row["id"] for row in queries.children(v, Kind.GRID)] for v in villages}
    grids = {v: inside for v, inside in grids.items() if inside}
    if not grids:
        raise BadInput("place", "这里还没有网格，先添加网格再画示意图。")
    whole = schematic(seed, bounds, [len(inside) for inside in grids.values()])
    parts = whole.parts or (whole,)
    drawn = {place.pk: whole.polygon}
    for (village, inside), area in zip(grids.items(), parts, strict=True):
        drawn[village] = area.polygon
        cells = area.parts or (area,)
        drawn |= {pk: cell.polygon for pk, cell in zip(inside, cells, strict=True)}
    with transaction.atomic():
        for pk, wkb in drawn.items():
            _draw(pk, wkb, schematic=True)
        changed("places_drawn", place_id, at, count=len(drawn), schematic=True, by=by)
    return sum(map(len, grids.values()))


def _draw(place_id: int, wkb: bytes, *, schematic: bool) -> None:
    west, south, east, north = geometry.bbox(wkb)
    Place.objects.filter(pk=place_id).update(
        polygon=wkb, west=west, south=south, east=east, north=north, schematic=schematic
    )


# Working time


def set_day(
    *, place_id: int | None, day: date, open: bool, by: int | None, at: datetime, name: str = ""
) -> None:
    """A day on which the place works, or does not, against the week. None: the whole country."""
    with transaction.atomic():
        words = text.clean(name, 40, field="name", one_line=True)
        DayException.objects.filter(queries.at_place(place_id), day=day).delete()
        DayException.objects.create(place_id=place_id, day=day, open=open, name=words)
        changed("day_set", place_id or 0, at, day=day.isoformat(), open=open, by=by)


def clear_day(*, place_id: int | None, day: date, by: int | None, at: datetime) -> None:
    """The day is like every other of its weekday again."""
    with transaction.atomic():
        DayException.objects.filter(queries.at_place(place_id), day=day).delete()
        changed("day_cleared", place_id or 0, at, day=day.isoformat(), by=by)


def set_hours(
    *, place_id: int, weekdays: Iterable[int], spans: Iterable[tuple[str, str]],
    by: int | None, at: datetime,
) -> None:  # fmt: skip
    """Weekly office hours of a place and all below without hours of their own."""
    week, hours = sorted(set(weekdays)), [list(span) for span in spans]
    rules.make_calendar(week, [(a, b) for a, b in hours], [])
    with transaction.atomic():
        OfficeHours.objects.update_or_create(
            place_id=place_id, defaults={"weekdays": week, "spans": hours}
        )
        changed("hours_set", place_id, at, weekdays=week, spans=hours, by=by)


def load_holidays(*, years: Iterable[int], by: int | None, at: datetime) -> int:
    """The announced holidays and make-up workdays (调休) of whole years, nationally."""
    rows = []
    for year in years:
        off, on = holidays.china_days(year)
        rows += [DayException(day=day, open=False, name="放假") for day in sorted(off)]
        rows += [DayException(day=day, open=True, name="调休上班") for day in sorted(on)]
    with transaction.atomic():
        made = DayException.objects.bulk_create(rows, ignore_conflicts=True)
        changed("holidays_loaded", 0, at, days=len(made), by=by)
    return len(rows)


# Playbooks


def keep_version(playbook: Playbook) -> PlaybookVersion:
    """Store a playbook under its digest; the same one again is the same row."""
    row, _ = PlaybookVersion.objects.get_or_create(
        digest=playbook.digest,
        defaults={
            "playbook": playbook.id,
            "version": playbook.version,
            "source": json.loads(playbook.to_json()),
        },
    )
    return row


def adopt(
    *, place_id: int, playbook: Playbook, from_on: date, by: int | None, at: datetime,
    reason: str = "",
) -> Adoption:  # fmt: skip
    """From a day on the place governs by this playbook; the one before ends the day before.

    Running matters keep the version they began with. What was planned for later and has not begun
    gives way to the newer plan. BadInput when the day is over a year ahead, or lies before one
    that is in force.
    """
    today = at.astimezone(SHANGHAI).date()
    if from_on > today + AHEAD:
        raise BadInput("from_on", "日期太远了，最多提前一年。", todo="请核对年份。")
    with transaction.atomic():
        place = Place.objects.select_for_update().filter(pk=place_id, valid_to=None).first()
        if place is None:
            raise NotFound("没有这个地方。")
        later = Adoption.objects.filter(place=place, from_on__gt=from_on)
        if later.filter(from_on__lte=today).exists():
            raise BadInput("from_on", "后面已经有另一次采用，日期不能更早。")
        # Neither a plan that has not begun nor the first of two for one day came into force.
        Adoption.objects.filter(place=place, from_on__gte=from_on).delete()
        Adoption.objects.filter(place=place).filter(Q(to_on=None) | Q(to_on__gte=from_on)).update(
            to_on=from_on - timedelta(days=1)
        )
        row = Adoption.objects.create(
            place=place, version=keep_version(playbook), playbook=playbook.id, from_on=from_on,
            reason=text.clean(reason, 500, field="reason"), by=by, at=at,
        )  # fmt: skip
        changed("adopted", place_id, at, playbook=playbook.id, digest=playbook.digest, by=by)
    return row
