"""Places merge, split and change their names from a day on; the old ones stay in the history."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import text
from gongzhi.core.errors import BadInput, NotFound
from gongzhi.places import queries, rules
from gongzhi.places.actions.telling import changed
from gongzhi.places.models import Place, Succession


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
