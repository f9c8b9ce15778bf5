"""Working time: days that differ from their weekday, weekly hours, announced holidays."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import holidays, text
from gongzhi.places import queries, rules
from gongzhi.places.actions.telling import changed
from gongzhi.places.models import DayException, OfficeHours


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
