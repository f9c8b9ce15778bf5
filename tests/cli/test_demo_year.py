"""A year of Xindu in small: shares near 4321, and every row what its own events lead to."""

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from gongzhi.cli.demo_data import full, world
from gongzhi.core.clock import SHANGHAI
from gongzhi.matters import jobs, positions
from gongzhi.matters.models import Assignment, CallBack, Event, Matter
from gongzhi.places import queries as places
from gongzhi.places.models import Kind, Place

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
AT = datetime(2026, 11, 23, 11, 0, tzinfo=SHANGHAI)
COUNT = 600


@pytest.fixture(scope="module")
def year(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The small world with 600 matters of a year, loaded once for this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        places.forget()
        built = world.build(world.SMALL, AT, lambda *_: None)
        full.write(built, AT, lambda *_: None, count=COUNT)
        yield
        transaction.set_rollback(True)
    places.forget()


def test_every_row_is_what_its_events_lead_to(year: None) -> None:
    rows = list(Matter.objects.order_by("id").values())
    assert len(rows) == COUNT
    events: dict[int, list[Event]] = {}
    for event in Event.objects.order_by("matter_id", "seq"):
        events.setdefault(event.matter_id, []).append(event)
    for row in rows:
        told = events[row["id"]]
        assert [event.seq for event in told] == list(range(1, row["last_seq"] + 1))
        assert all(a.at <= b.at for a, b in itertools.pairwise(told))
        assert positions.from_json(told[-1].position) == positions.from_row(row)
        assert AT - timedelta(days=367) < told[0].at <= told[-1].at <= AT


def test_shares_by_level_land_near_four_three_two_one(year: None) -> None:
    settled = Counter(
        Matter.objects.exclude(settled_level="").values_list("settled_level", flat=True)
    )
    total = sum(settled.values())
    assert total > COUNT * 9 // 10
    hoped = {"grid": 0.4, "community": 0.3, "street": 0.2, "district": 0.1}
    for level, share in hoped.items():
        assert abs(settled[level] / total - share) < 0.08


def test_the_clock_finds_nothing_it_should_have_done_before(year: None) -> None:
    assert not Matter.objects.filter(tick_at__lt=AT).exists()
    with transaction.atomic():
        assert jobs.sweep(at=AT) == 0


def test_the_clock_carries_on_from_there(year: None) -> None:
    with transaction.atomic():
        assert jobs.sweep(at=AT + timedelta(days=8)) > 0
        transaction.set_rollback(True)


def test_every_handled_matter_has_its_parts_and_call_backs(year: None) -> None:
    done = Matter.objects.filter(outcome="done").values_list("id", flat=True)
    led = set(
        Assignment.objects.filter(lead=True, done_at__isnull=False).values_list("matter", flat=True)
    )
    asked = set(CallBack.objects.filter(asked_at__isnull=False).values_list("matter", flat=True))
    assert set(done) <= led
    assert set(done) <= asked
    unanswered = CallBack.objects.filter(answered_at=None, matter__in=done).count()
    assert unanswered > 0  # silence is there, and is silence


def test_the_full_size_is_the_one_of_the_text() -> None:
    size = world.FULL
    assert 7 * size.grids == 189
    assert size.compounds == 86
    assert size.households == 90_000
    assert sum(size.people) * size.households // len(size.people) == 240_000
    assert full.MATTERS == 100_000


def test_eighty_six_compounds_are_shared_out(year: None) -> None:
    assert sorted(map(len, world._shares(86, 7))) == [12, 12, 12, 12, 12, 13, 13]
    assert Place.objects.filter(kind=Kind.COMPOUND).count() == 7
