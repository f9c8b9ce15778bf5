"""What codes and kinds of place mean. Pure.

Source: NBS coding rules for statistical divisions (12 digits: 2 province, 2 prefecture, 2 county,
3 town, 3 village); grids are 12 + 3 digits (rules.md §3.2).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time

from gongzhi.core.clock import WorkCalendar
from gongzhi.core.errors import BadInput
from gongzhi.places.models import Kind

INSIDE: Mapping[str, tuple[str, ...]] = {
    Kind.PROVINCE: (),
    Kind.PREFECTURE: (Kind.PROVINCE,),
    Kind.COUNTY: (Kind.PREFECTURE, Kind.PROVINCE),
    Kind.TOWN: (Kind.COUNTY,),
    Kind.VILLAGE: (Kind.TOWN,),
    Kind.GRID: (Kind.VILLAGE,),
    Kind.COMPOUND: (Kind.GRID, Kind.VILLAGE),
    Kind.BUILDING: (Kind.GRID, Kind.COMPOUND, Kind.VILLAGE),
}
"""Which kinds a kind may lie directly inside."""

_CODE = {
    Kind.PROVINCE: re.compile(r"^\d{2}0{10}$"),
    Kind.PREFECTURE: re.compile(r"^\d{4}0{8}$"),
    Kind.COUNTY: re.compile(r"^\d{6}0{6}$"),
    Kind.TOWN: re.compile(r"^\d{9}0{3}$"),
    Kind.VILLAGE: re.compile(r"^\d{12}$"),
    Kind.GRID: re.compile(r"^\d{15}$"),
    Kind.COMPOUND: re.compile(r"^\d{12,15}[A-Z]\d{2,4}$"),
    Kind.BUILDING: re.compile(r"^\d{12,15}[A-Z]\d{2,4}([A-Z]\d{2,4})?$"),
}


def check_place(code: str, kind: str, parent_code: str, parent_kind: str) -> None:
    """BadInput unless the code fits the kind, and the kind fits inside its parent."""
    if kind not in INSIDE or parent_kind not in INSIDE[kind]:
        raise BadInput("parent", f"{_words(kind)}不能直接放在{_words(parent_kind)}下面。")
    if not _CODE[Kind(kind)].match(code):
        raise BadInput("code", f"{_words(kind)}的代码写法不对：{code}。",
                       todo="村以上是 12 位数字，网格是 15 位数字。")  # fmt: skip
    if not code.startswith(stem(parent_code, parent_kind)):
        raise BadInput("code", "代码前面几位要和上级一样。")


def stem(code: str, kind: str) -> str:
    """The digits that all codes inside the place begin with."""
    width = {Kind.PROVINCE: 2, Kind.PREFECTURE: 4, Kind.COUNTY: 6, Kind.TOWN: 9, Kind.VILLAGE: 12}
    # A compound or building in a grid keeps the code of the village: grids are drawn anew.
    return code[: width.get(Kind(kind), 12)]


def _words(kind: str) -> str:
    return str(Kind(kind).label) if kind in Kind.values else kind


@dataclass(frozen=True, slots=True)
class Day:
    """A day that differs from the week."""

    day: date
    open: bool


def make_calendar(
    weekdays: Iterable[int] | None, spans: Iterable[tuple[str, str]] | None, days: Iterable[Day]
) -> WorkCalendar:
    """Office hours and exceptions as a calendar; BadInput for hours in which nobody works."""
    given = list(days)
    off = frozenset(d.day for d in given if not d.open)
    on = frozenset(d.day for d in given if d.open)
    usual = WorkCalendar()
    try:
        hours = (
            tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans)
            if spans is not None
            else usual.hours
        )
        week = frozenset(weekdays) if weekdays is not None else usual.weekdays
        if not week <= set(range(7)):
            raise ValueError("weekdays are 0 to 6")
        return WorkCalendar(hours=hours, weekdays=week, off=off, on=on)
    except ValueError as wrong:
        raise BadInput("hours", "办公时间写得不对：每天至少一段，先后不重叠，每周至少一天。",
                       todo="例如 09:00–12:00 和 14:00–18:00，周一到周五。") from wrong  # fmt: skip
