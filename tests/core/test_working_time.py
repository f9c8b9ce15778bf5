"""The three clocks of a place: round the clock, working hours, working days."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core.clock import SHANGHAI, Term, Unit, WorkCalendar
from gongzhi.core.holidays import UnknownYear, china_days

OFF, ON = china_days(2026)
CALENDAR = WorkCalendar(off=OFF, on=ON)
INSTANTS = st.datetimes(
    datetime(2026, 1, 1), datetime(2027, 6, 30), timezones=st.sampled_from([UTC, SHANGHAI])
)
UNITS: list[Unit] = ["m", "h", "d", "wh", "wd"]
TERMS = st.builds(Term, st.integers(1, 120), st.sampled_from(UNITS))
DAY = timedelta(hours=7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "term", "due"),
    [
        ("2026-11-02 10:30", "5wd", "2026-11-09 10:30"),  # a Monday
        ("2026-11-07 20:00", "5wd", "2026-11-16 09:00"),  # from Saturday evening: Monday's opening
        ("2026-11-02 12:30", "1wd", "2026-11-03 14:00"),  # lunch
        ("2026-11-02 18:00", "1wd", "2026-11-04 09:00"),  # at closing
        ("2026-11-02 09:00", "7wh", "2026-11-02 18:00"),
        ("2026-11-02 11:00", "2wh", "2026-11-02 15:00"),
        ("2026-11-06 17:00", "3wh", "2026-11-09 11:00"),  # over a weekend
        ("2026-11-07 20:00", "30m", "2026-11-07 20:30"),
        ("2026-11-07 20:00", "2d", "2026-11-09 20:00"),
        ("2026-09-30 10:00", "1wd", "2026-10-08 10:00"),  # National Day
        ("2026-10-09 10:00", "1wd", "2026-10-10 10:00"),  # a Saturday made up
        ("2026-02-13 10:00", "2wd", "2026-02-24 10:00"),  # Spring Festival, 14 February made up
        ("2026-09-18 16:00", "3wh", "2026-09-20 10:00"),  # a Sunday made up
    ],
)
def test_a_term_ends_when_the_office_has_worked_it_off(start: str, term: str, due: str) -> None:
    assert CALENDAR.add(at(start), Term.parse(term)) == at(due)


def test_an_answer_is_in_the_time_of_the_place_whatever_zone_was_asked_in() -> None:
    due = CALENDAR.add(datetime(2026, 11, 2, 2, 30, tzinfo=UTC), Term(5, "wd"))
    assert due.isoformat() == "2026-11-09T10:30:00+08:00"


def test_a_time_without_zone_is_refused() -> None:
    for term in (Term(1, "h"), Term(1, "wd")):
        with pytest.raises(ValueError, match="time zone"):
            CALENDAR.add(datetime(2026, 11, 2), term)


@pytest.mark.parametrize(
    "hours", [(), ((time(9), time(9)),), ((time(9), time(12)), (time(11), time(18)))]
)
def test_office_hours_in_which_no_time_passes_are_refused(
    hours: tuple[tuple[time, time], ...],
) -> None:
    with pytest.raises(ValueError, match="office hours"):
        WorkCalendar(hours=hours)


@given(INSTANTS, TERMS)
def test_adding_a_term_uses_exactly_that_much_of_its_clock(start: datetime, term: Term) -> None:
    length = {
        "m": timedelta(minutes=1),
        "h": timedelta(hours=1),
        "d": timedelta(days=1),
        "wh": timedelta(hours=1),
        "wd": DAY,
    }[term.unit]
    due = CALENDAR.add(start, term)
    assert CALENDAR.elapsed(start, due, term.unit) == term.amount * length
    assert CALENDAR.left(due, start, term.unit) == -term.amount * length


@given(INSTANTS, INSTANTS, TERMS)
def test_what_begins_earlier_is_never_due_later(one: datetime, two: datetime, term: Term) -> None:
    first, second = sorted([one, two])
    assert CALENDAR.add(first, term) <= CALENDAR.add(second, term)


@given(INSTANTS, st.sampled_from(UNITS), st.integers(1, 60), st.integers(1, 60))
def test_two_terms_in_a_row_are_one_long_term(
    start: datetime, unit: Unit, first: int, second: int
) -> None:
    stepwise = CALENDAR.add(CALENDAR.add(start, Term(first, unit)), Term(second, unit))
    assert stepwise == CALENDAR.add(start, Term(first + second, unit))


@given(INSTANTS, INSTANTS, INSTANTS)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    whole = CALENDAR.between(one, three)
    assert whole == CALENDAR.between(one, two) + CALENDAR.between(two, three)


@given(INSTANTS, TERMS, st.integers(0, 100), st.integers(0, 100))
def test_warnings_come_in_order_and_never_after_the_due_time(
    start: datetime, term: Term, one: int, two: int
) -> None:
    due = CALENDAR.add(start, term)
    low, high = sorted([one, two])
    early = CALENDAR.fraction_point(start, due, low, term.unit)
    late = CALENDAR.fraction_point(start, due, high, term.unit)
    assert early <= late <= CALENDAR.fraction_point(start, due, 100, term.unit) == due
    assert CALENDAR.elapsed(start, due, term.unit) * low / 100 == pytest.approx(
        CALENDAR.elapsed(start, early, term.unit), abs=timedelta(microseconds=1)
    )


def test_a_warning_falls_into_office_hours() -> None:
    start = at("2026-11-02 09:00")
    due = CALENDAR.add(start, Term(5, "wd"))
    # Half of five days is half of the third day's seven hours; four fifths are four days.
    assert CALENDAR.fraction_point(start, due, 50, "wd") == at("2026-11-04 14:30")
    assert CALENDAR.fraction_point(start, due, 80, "wd") == at("2026-11-06 09:00")


@given(INSTANTS, TERMS, INSTANTS, TERMS)
def test_a_paused_clock_gives_back_exactly_what_it_lost(
    start: datetime, term: Term, paused: datetime, pause: Term
) -> None:
    due = CALENDAR.add(start, term)
    resumed = paused + pause.amount * timedelta(hours=1)
    shifted = CALENDAR.shift_due(due, paused, resumed, term.unit)
    assert shifted >= due
    lost = CALENDAR.elapsed(paused, resumed, term.unit)
    assert CALENDAR.elapsed(due, shifted, term.unit) == lost


def test_a_pause_over_a_holiday_costs_a_working_clock_nothing() -> None:
    due = at("2026-10-12 10:00")
    paused, resumed = at("2026-09-30 18:00"), at("2026-10-08 09:00")
    assert CALENDAR.shift_due(due, paused, resumed, "wd") == due
    assert CALENDAR.shift_due(due, paused, resumed, "d") == due + (resumed - paused)


def test_very_long_terms_find_their_end() -> None:
    due = CALENDAR.add(at("2026-11-02 10:00"), Term(9999, "wd"))
    assert CALENDAR.between(at("2026-11-02 10:00"), due) == 9999 * DAY


def test_the_state_councils_days_of_2026_are_known() -> None:
    for day in ("2026-10-01", "2026-10-07", "2026-02-23", "2026-01-02"):
        assert not CALENDAR.is_workday(at(day).date())
    for day in ("2026-10-10", "2026-09-20", "2026-02-14", "2026-02-28", "2026-05-09"):
        assert CALENDAR.is_workday(at(day).date())


def test_a_year_not_announced_yet_is_said_so_and_what_to_do() -> None:
    with pytest.raises(UnknownYear, match="没有2099年") as refused:
        china_days(2099)
    assert "工作日历" in refused.value.todo
