"""Working time of a place: office hours, holidays and make-up workdays (调休), three clocks.

Pure: no database, no reading of the clock. Times in and out are aware.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

Unit = Literal["m", "h", "d", "wh", "wd"]
_TERM = re.compile(r"^(\d{1,4})(wd|wh|d|h|m)$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ROUND_THE_CLOCK = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time on one of the clocks.

    `m`, `h`, `d`: round the clock (the emergency clock 紧急工作时, and calendar days);
    `wh`: working hours; `wd`: working days (GB/T 30428.8 knows these three clocks).
    """

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Term":
        """Read "5wd", "4h", "3wh", "7d", "30m"; ValueError with the forms that exist."""
        found = _TERM.match(text)
        if found is None or int(found[1]) == 0:
            raise ValueError(f"{text!r} is not a length of time; write 30m, 4h, 7d, 8wh or 5wd")
        return cls(int(found[1]), found[2])  # type: ignore[arg-type]

    def half(self) -> "Term":
        """Half of it, at least one unit: what an extension may add (cases.md 2.15)."""
        return Term(max(1, self.amount // 2), self.unit)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True)
class WorkCalendar:
    """Office hours and the days that differ from the weekday pattern."""

    hours: tuple[tuple[time, time], ...] = (
        (time(9, 0), time(12, 0)),
        (time(14, 0), time(18, 0)),
    )
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    off: frozenset[date] = field(default_factory=frozenset)
    on: frozenset[date] = field(default_factory=frozenset)
    zone: ZoneInfo = SHANGHAI

    def is_workday(self, day: date) -> bool:
        """Whether the office is open on that day."""
        return day in self.on or (day.weekday() in self.weekdays and day not in self.off)

    def __post_init__(self) -> None:
        """ValueError for office hours on which no working time could ever pass."""
        edges = [edge for opening in self.hours for edge in opening]
        if not edges or any(a >= b for a, b in pairwise(edges)):
            raise ValueError("office hours must follow each other and not overlap")
        if not self.weekdays:
            raise ValueError("an office needs at least one working weekday")

    def add(self, at: datetime, term: Term) -> datetime:
        """When `term` has passed since `at`; a time outside office hours counts from the opening.

        5wd is the same office time five working days on; 7wh from an opening is the closing.
        """
        if term.unit in _ROUND_THE_CLOCK:
            return self._here(at) + term.amount * _ROUND_THE_CLOCK[term.unit]
        length = self._day_length if term.unit == "wd" else 3_600_000_000
        return self._move(at, term.amount * length, term.unit)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; negative when `end` is earlier."""
        openings = self._openings(min(start, end).year, max(start, end).year)
        return timedelta(microseconds=openings.used(_micros(end)) - openings.used(_micros(start)))

    def elapsed(self, start: datetime, end: datetime, unit: Unit) -> timedelta:
        """Time from `start` to `end` on the clock of `unit`; negative when `end` is earlier."""
        return end - start if unit in _ROUND_THE_CLOCK else self.between(start, end)

    def left(self, now: datetime, due: datetime, unit: Unit = "wh") -> timedelta:
        """Time left on the clock of `unit`; negative when overdue."""
        return self.elapsed(now, due, unit)

    def shift_due(
        self, due: datetime, paused_from: datetime, resumed_at: datetime, unit: Unit
    ) -> datetime:
        """The due time moved on by what the clock of `unit` lost while it was paused."""
        lost = self.elapsed(paused_from, resumed_at, unit)
        if lost <= timedelta(0):
            return self._here(due)
        if unit in _ROUND_THE_CLOCK:
            return self._here(due) + lost
        return self._move(due, lost // _MICROSECOND, unit)

    def fraction_point(self, start: datetime, due: datetime, percent: int, unit: Unit) -> datetime:
        """When `percent` of the time from `start` to `due` is used up; never after `due`."""
        used = self.elapsed(start, due, unit) // _MICROSECOND * percent // 100
        if percent >= 100 or used < 0:
            return self._here(due)
        if unit in _ROUND_THE_CLOCK:
            return self._here(start) + timedelta(microseconds=used)
        return min(self._move(start, used, unit), self._here(due))

    @property
    def _day_length(self) -> int:
        """Microseconds of working time in a working day."""
        return sum(_of_day(end) - _of_day(start) for start, end in self.hours)

    def _here(self, at: datetime) -> datetime:
        _micros(at)
        return at.astimezone(self.zone)

    def _openings(self, first: int, last: int) -> "_Openings":
        # Years are rounded to fours so that nearby questions share one table.
        return _openings(self, (first - 1) // 4 * 4, (last + 1) // 4 * 4 + 3)

    def _move(self, at: datetime, amount: int, unit: Unit) -> datetime:
        """The instant `amount` microseconds of working time after `at`."""
        start, years = _micros(at), 2
        while True:
            openings = self._openings(at.year, at.year + years)
            target = openings.used(start) + amount
            if target < openings.total:
                moved = openings.instant(target, at_opening=unit == "wd")
                return (_EPOCH + timedelta(microseconds=moved)).astimezone(self.zone)
            years *= 2


class _Openings(NamedTuple):
    """Office hours of some years as sorted instants, in microseconds since 1970."""

    starts: list[int]
    ends: list[int]
    before: list[int]  # working time before each opening
    total: int

    def used(self, at: int) -> int:
        """Working time from the first opening of the table until `at`."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0
        return self.before[index] + min(at, self.ends[index]) - self.starts[index]

    def instant(self, used: int, *, at_opening: bool) -> int:
        """When `used` is reached: where two instants fit, the closing or the next opening."""
        find = bisect_right if at_opening or used == 0 else bisect_left
        index = find(self.before, used) - 1
        return self.starts[index] + used - self.before[index]


@lru_cache(maxsize=64)
def _openings(calendar: WorkCalendar, first: int, last: int) -> _Openings:
    table = _Openings([], [], [], 0)
    total = 0
    day, until = date(max(first, 1), 1, 1), date(last, 12, 31)
    while day <= until:
        for start, end in calendar.hours if calendar.is_workday(day) else ():
            opened = _micros(datetime.combine(day, start, calendar.zone))
            closed = _micros(datetime.combine(day, end, calendar.zone))
            table.starts.append(opened)
            table.ends.append(closed)
            table.before.append(total)
            total += closed - opened
        day += timedelta(days=1)
    return table._replace(total=total)


def _micros(at: datetime) -> int:
    """Microseconds since 1970; ValueError for a time that does not say where it is."""
    if at.tzinfo is None:
        raise ValueError("a time without a time zone")
    return (at - _EPOCH) // _MICROSECOND


def _of_day(at: time) -> int:
    """Microseconds since midnight."""
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond
