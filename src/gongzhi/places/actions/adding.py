"""Places come into being: the division table, one place, many places, the code on the wall."""

import csv
import gzip
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction

from gongzhi.core import text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound
from gongzhi.places import queries, rules
from gongzhi.places.actions.telling import changed
from gongzhi.places.models import Kind, Place

DIVISIONS = Path(__file__).parents[1] / "data" / "divisions_2023.csv.gz"
DIVISIONS_FROM = date(2023, 1, 1)  # the table of the year 2023 says nothing about earlier names
_KINDS = {"township": Kind.TOWN}


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
