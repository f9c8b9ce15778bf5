"""Stations: who is there in which part of which day; planned, swapped by consent, never clocked."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

import people
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.deliberation.programmes import stations
from gongzhi.deliberation.programmes.models import Duty, Swap
from lives import statements

pytestmark = pytest.mark.django_db
NOW, TUESDAY = people.NOW, date(2026, 11, 24)


@pytest.fixture
def station(county: people.County) -> int:
    return stations.open_station(
        place_id=county.place("village").pk, name="双马先锋驿站", address="村部一楼", phone="8800",
        services="代办社保认证\n量血压", viewer=county.viewer("committee"), at=NOW,
    )  # fmt: skip


def plan(
    county: people.County, station: int, who: str, on: date = TUESDAY, part: str = "am"
) -> int:
    return stations.plan(
        station_id=station, on=on, part=part, person_id=county.holders[who].pk,
        viewer=county.viewer("committee"), at=NOW,
    )  # fmt: skip


def test_a_week_is_a_table(county: people.County, station: int) -> None:
    plan(county, station, "grid_worker")
    plan(county, station, "generalist_worker")
    week = stations.week(station, TUESDAY)
    assert week["first"] == date(2026, 11, 23)
    names = [r["name"] for r in week["parts"][0]["cells"][1]["rows"]]
    assert sorted(names) == ["generalist_worker", "文"]
    assert len(statements(lambda: stations.week(station, TUESDAY))) == 1


def test_nobody_is_at_two_stations_at_once(county: people.County, station: int) -> None:
    first = plan(county, station, "grid_worker")
    assert plan(county, station, "grid_worker") == first
    other = stations.open_station(
        place_id=county.place("grid").pk, name="一网格驿站", address="", phone="", services="休息",
        viewer=county.viewer("committee"), at=NOW,
    )  # fmt: skip
    with pytest.raises(Refused, match="别的驿站"):
        plan(county, other, "grid_worker")
    with pytest.raises(IntegrityError, match="one_duty_at_a_time"), transaction.atomic():
        Duty.objects.create(
            station_id=other, on=TUESDAY, part="am", person=county.holders["grid_worker"]
        )


def test_a_swap_takes_the_consent_of_the_other(county: people.County, station: int) -> None:
    duty = plan(county, station, "grid_worker")
    plan(county, station, "generalist_worker", part="pm")
    wen, other = county.viewer("grid_worker"), county.viewer("generalist_worker")
    assert other.person_id is not None
    swap = stations.ask_swap(duty_id=duty, to=other.person_id, viewer=wen, at=NOW)
    assert swap == stations.ask_swap(duty_id=duty, to=other.person_id, viewer=wen, at=NOW)
    with pytest.raises(NotFound):
        stations.answer_swap(swap_id=swap, agreed=True, viewer=wen, at=NOW)
    stations.answer_swap(swap_id=swap, agreed=True, viewer=other, at=NOW)
    stations.answer_swap(swap_id=swap, agreed=True, viewer=other, at=NOW)
    assert Duty.objects.get(pk=duty).person_id == other.person_id
    with pytest.raises(Stale):
        stations.answer_swap(swap_id=swap, agreed=False, viewer=other, at=NOW)
    with pytest.raises(IntegrityError, match="swap_answered_by_the_other"), transaction.atomic():
        Swap.objects.filter(pk=swap).update(answered_by=wen.person_id)


def test_only_ones_own_coming_duty_is_swapped(county: people.County, station: int) -> None:
    duty = plan(county, station, "grid_worker")
    other = county.holders["generalist_worker"].pk
    with pytest.raises(NotAllowed):
        stations.ask_swap(duty_id=duty, to=other, viewer=county.viewer("committee"), at=NOW)
    with pytest.raises(BadInput, match="排班的人"):
        stations.ask_swap(duty_id=duty, to=other, viewer=county.viewer("grid_worker"), at=NOW)
    plan(county, station, "generalist_worker", part="pm")
    with pytest.raises(Refused, match="过去"):
        stations.ask_swap(
            duty_id=duty, to=other, viewer=county.viewer("grid_worker"),
            at=NOW + timedelta(days=3),
        )  # fmt: skip


def test_who_keeps_the_place_keeps_the_roster(county: people.County, station: int) -> None:
    duty = plan(county, station, "grid_worker")
    with pytest.raises(NotAllowed):
        stations.plan(station_id=station, on=TUESDAY, part="pm",
                      person_id=county.holders["grid_worker"].pk,
                      viewer=county.viewer("grid_worker"), at=NOW)  # fmt: skip
    with pytest.raises(BadInput):
        plan(county, station, "grid_worker", on=date(2026, 11, 20))
    stations.unplan(duty_id=duty, viewer=county.viewer("committee"), at=NOW)
    stations.unplan(duty_id=duty, viewer=county.viewer("committee"), at=NOW)
    assert not Duty.objects.exists()


def test_there_is_nothing_to_clock_in_with() -> None:
    """R1: no clock-in, no hours of presence, nothing to rank by."""
    columns = {f.name for f in Duty._meta.fields}
    assert columns == {"id", "station", "on", "part", "person"}
