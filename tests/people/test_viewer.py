"""Who asks, what he may see, and that every look leaves a trace."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries

from gongzhi.core.errors import BadInput, NotAllowed
from gongzhi.people import actions, queries, rules
from gongzhi.people.models import AccessLog, Appointment
from gongzhi.people.permissions import NOBODY
from people import NOW, County


def test_a_viewer_is_known_in_two_statements(
    county: County, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(2):
        luo = county.viewer("town_officer")
    assert luo.is_staff
    assert luo.roles_at(county.place("grid").path) == {"town_officer"}
    assert luo.roles_at(county.place("street").path) == set()


def test_nobody_signed_in_holds_nothing(county: County) -> None:
    assert queries.viewer(None, NOW) is NOBODY
    assert queries.viewer(10**9, NOW) is NOBODY


def test_a_resident_belongs_to_every_place_around_her_home(county: County) -> None:
    mei = county.viewer(county.ah_mei)
    for kind in ("building", "grid", "village", "town", "county"):
        assert mei.roles_at(county.place(kind).path) == {"resident", "household_head"}
    assert mei.roles_at(county.place("sibling_village").path) == set()
    assert not mei.is_staff


def test_a_post_ends_with_its_last_day(county: County) -> None:
    wen = county.holders["grid_worker"]
    post = Appointment.objects.get(person=wen)
    actions.end_appointment(appointment_id=post.pk, by=None, at=NOW, reason="调到别的网格")
    assert county.viewer("grid_worker").posts
    assert not county.viewer("grid_worker", NOW + timedelta(days=1)).posts


def test_the_grid_worker_sees_a_phone_only_with_a_purpose(county: County) -> None:
    wen = county.viewer("grid_worker")
    with pytest.raises(BadInput, match="为什么"):
        queries.reveal(by=wen, person_id=county.ah_mei.pk, fields=["phone"], purpose=" ", at=NOW)
    assert AccessLog.objects.count() == 0
    seen = queries.reveal(
        by=wen, person_id=county.ah_mei.pk, fields=["phone"], purpose="约上门", at=NOW
    )
    assert seen == {"phone": "13900000001"}
    log = queries.access_log(county.ah_mei.pk)
    assert [(row["field"], row["purpose"], row["reader__name"]) for row in log] == [
        ("phone", "约上门", "文")
    ]


@pytest.mark.parametrize(
    "role",
    ["county_leader", "system_admin", "security_admin", "audit_admin", "observer", "funder",
     "merchant", "volunteer", "party_secretary", "workshop_member"],
)  # fmt: skip
def test_roles_without_a_case_see_nothing(county: County, role: str) -> None:
    with pytest.raises(NotAllowed):
        queries.reveal(
            by=county.viewer(role), person_id=county.ah_mei.pk, fields=["phone"],
            purpose="看看", at=NOW, matter_id=1,
        )  # fmt: skip
    assert AccessLog.objects.count() == 0


def test_a_town_officer_sees_only_within_a_case(county: County) -> None:
    luo = county.viewer("town_officer")
    ask = {
        "by": luo,
        "person_id": county.ah_mei.pk,
        "fields": ["phone"],
        "purpose": "联系",
        "at": NOW,
    }
    with pytest.raises(NotAllowed):
        queries.reveal(**ask)  # type: ignore[arg-type]
    assert queries.reveal(**ask, matter_id=7)["phone"] == "13900000001"  # type: ignore[arg-type]


def test_a_dispatcher_gets_the_phone_and_no_identity_number(county: County) -> None:
    tang = county.viewer("dispatcher")
    with pytest.raises(NotAllowed):
        queries.reveal(by=tang, person_id=county.ah_mei.pk, fields=["id_number"], purpose="核对",
                       at=NOW, matter_id=7)  # fmt: skip


@pytest.mark.parametrize("role", ["grid_worker", "committee", "town_officer"])
def test_staff_of_another_place_see_nothing(county: County, role: str) -> None:
    foreign = queries.viewer(county.foreign[role].pk, NOW)
    with pytest.raises(NotAllowed):
        queries.reveal(by=foreign, person_id=county.ah_mei.pk, fields=["phone"], purpose="联系",
                       at=NOW, matter_id=7)  # fmt: skip


def test_reading_ones_own_data_is_logged_as_well(county: County) -> None:
    mei = county.viewer(county.ah_mei)
    queries.reveal(
        by=mei, person_id=county.ah_mei.pk, fields=["id_number"], purpose="本人查看", at=NOW
    )
    assert AccessLog.objects.get().reader == county.ah_mei


def test_the_access_log_cannot_be_changed(county: County) -> None:
    mei = county.viewer(county.ah_mei)
    queries.reveal(by=mei, person_id=county.ah_mei.pk, fields=["phone"], purpose="本人查看", at=NOW)
    for change in (
        lambda: AccessLog.objects.update(purpose="别的"),
        lambda: AccessLog.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert AccessLog.objects.get().purpose == "本人查看"


def test_a_card_shows_masks(county: County) -> None:
    card = queries.card(county.ah_mei.pk)
    assert card["phone"] == "139****0001"
    assert card["id_number"] == "3209**********0021"
    assert card["born_on"] == "1990年"


def test_staff_find_people_within_their_post_only(county: County) -> None:
    found = queries.find(viewer=county.viewer("grid_worker"), query="阿梅")
    assert [row["name"] for row in found] == ["阿梅"]
    assert found[0]["phone"] == "139****0001"
    assert queries.find(viewer=county.viewer("grid_worker"), query="何先生") == []
    assert queries.find(viewer=county.viewer(county.ah_mei), query="阿芳") == []


@pytest.mark.parametrize(
    ("who", "interest"),
    [("ah_mei", "self"), ("brother", "kin"), ("neighbour", ""), ("he", "")],
)
def test_conflicts_of_interest(county: County, who: str, interest: str) -> None:
    person = getattr(county, who)
    found = queries.conflict(person_id=person.pk, other_id=county.ah_mei.pk, on=NOW.date())
    assert found == interest
    assert bool(rules.INTEREST_WORDS[found]) == bool(interest)


def test_people_under_one_roof_and_ones_own_firm_are_conflicts(county: County) -> None:
    on = NOW.date()
    assert queries.conflict(
        person_id=county.neighbour.pk, other_id=county.brother.pk, on=on
    ) == "household"  # fmt: skip
    li = county.holders["dept_officer"]
    assert queries.conflict(
        person_id=li.pk, other_id=county.ah_mei.pk, organisation_id=county.water.pk, on=on
    ) == "firm"  # fmt: skip
