"""The demonstration: every stage, level, outcome and role is there, and nothing in it is false."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from gongzhi.cli import demo
from gongzhi.cli.demo_data import cast, neighbours, stories, world
from gongzhi.core.clock import SHANGHAI
from gongzhi.matters import positions
from gongzhi.matters.models import Event, Matter
from gongzhi.people import queries
from gongzhi.people.models import Appointment, Household, Person
from gongzhi.people.roles import ROLES
from gongzhi.places import queries as places
from gongzhi.places.models import Kind, Place
from gongzhi.publications.models import Objection
from gongzhi.surveys.models import Round, Verdict
from gongzhi.web.resident import wanted

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
AT = datetime(2026, 11, 23, 11, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """The small demonstration, loaded once for this file and taken away after it."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        places.forget()
        built = world.build(world.SMALL, AT, lambda *_: None)
        refused = stories.write(built, AT, lambda *_: None)
        yield {"world": built, "refused": refused}
        transaction.set_rollback(True)
    places.forget()


def test_nobody_in_the_stories_was_refused(told: dict[str, Any]) -> None:
    assert told["refused"] == []


def test_matters_stand_in_every_stage_and_ended_in_every_way(told: dict[str, Any]) -> None:
    for code in (cast.XUYI, cast.XINDU):
        version, playbook = places.adopted(told["world"].places[code], AT.date())
        standing = set(
            Matter.objects.filter(version=version, outcome="").values_list("stage", flat=True)
        )
        assert standing >= {stage.id for stage in playbook.stages} - {"appraise"}
    ended = set(Matter.objects.values_list("outcome", flat=True))
    assert ended == {"", "done", "refused", "recalled", "diverted", "merged"}
    assert Matter.objects.filter(stage="appraise").exists()
    assert Matter.objects.filter(reopened=1).exists()
    assert Matter.objects.filter(parked_until__isnull=False).exists()
    assert Matter.objects.filter(climbs__gte=3).exists()
    assert Objection.objects.filter(answered_at__isnull=False).exists()
    assert Objection.objects.filter(answered_at=None).exists()


def test_matters_are_settled_on_all_four_rungs(told: dict[str, Any]) -> None:
    settled = set(Matter.objects.values_list("settled_level", flat=True))
    assert settled >= {"grid", "community", "street", "district", "village"}


def test_where_a_matter_stands_is_what_its_last_event_says(told: dict[str, Any]) -> None:
    for row in Matter.objects.all().values():
        last = Event.objects.filter(matter_id=row["id"]).order_by("-seq").first()
        assert last is not None
        assert last.seq == row["last_seq"]
        assert positions.from_json(last.position) == positions.from_row(row)


def test_every_role_has_an_account(told: dict[str, Any]) -> None:
    accounts = demo.accounts()
    assert {account["role"] for account in accounts} == set(ROLES)
    assert {account["password"] for account in accounts} == {cast.PASSWORD}


def test_no_appointment_conflicts_with_another(told: dict[str, Any]) -> None:
    # The trigger refuses a conflicting row; an update makes it look again.
    for post in Appointment.objects.all():
        post.save(update_fields=["role"])


def test_everybody_is_plainly_invented(told: dict[str, Any]) -> None:
    lived = Person.objects.filter(household__isnull=False)
    assert lived.count() == 700
    assert Household.objects.count() == 300
    assert not lived.exclude(id_number__startswith="320999").exists()
    assert not lived.exclude(phone=None).exclude(phone__startswith="19900").exists()


def test_grids_are_drawn_and_found_and_called_schematic(told: dict[str, Any]) -> None:
    grids = Place.objects.filter(kind=Kind.GRID)
    assert grids.count() == 17
    assert not grids.exclude(schematic=True).exists()
    west, south, east, north = world.BOUNDS[cast.XINDU]
    found = places.grid_at((west + east) / 2, (south + north) / 2)
    assert found is not None
    assert found.code.startswith(cast.XINDU[:9])
    assert places.grid_at(0, 0) is None


def test_each_kind_of_asking_waits_at_the_first_residents_home(told: dict[str, Any]) -> None:
    neighbours.write(AT)
    mei, zhao = (queries.viewer(told["world"].people[name], AT) for name in ("amei", "laozhao"))
    cards = {card["kind"]: card for card in wanted.cards(mei, AT)}
    assert {"vote", "round", "budget", "survey"} <= set(cards)
    assert {card["many"] for card in cards.values()} == {1}
    assert [card["kind"] for card in wanted.cards(zhao, AT)] == ["survey"]
    asked = Round.objects.filter(instrument__kind="appraisal").order_by("opened_at")
    assert [row.state for row in asked] == ["counted", "open"]
    assert Verdict.objects.filter(rated__round=asked[0]).count() == 2
    assert asked[1].roll.exclude(how="").count() == 5
