"""Public holidays and make-up workdays (调休) of China, as announced by the State Council.

The table ships with the `chinesecalendar` package and ends with the last year announced when the
package was made; later years are entered by hand in the calendar of the place.
"""

from datetime import date

from chinese_calendar import constants

from gongzhi.core.errors import Refused


class UnknownYear(Refused):
    """还没有那一年的放假安排。"""

    code = "unknown_year"


def known_years() -> range:
    """The years whose holidays are in the table."""
    years = {day.year for day in constants.holidays}
    return range(min(years), max(years) + 1)


def china_days(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Days off and make-up workdays of `year`, for `WorkCalendar.off` and `.on`.

    Raises UnknownYear for a year the table does not hold.
    """
    years = known_years()
    if year not in years:
        raise UnknownYear(
            f"没有{year}年的放假安排，已有{years[0]}至{years[-1]}年。",
            todo="请按国务院办公厅的放假通知，在工作日历里填写。",
        )
    off = frozenset(day for day in constants.holidays if day.year == year)
    on = frozenset(day for day in constants.workdays if day.year == year)
    return off, on
