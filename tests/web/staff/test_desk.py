"""Who may enter the desk, and what every page of it says."""

import pytest
from django.test import Client

from people import County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db

PAGES = (
    "/staff/", "/staff/matters", "/staff/intake", "/staff/places", "/staff/people",
    "/staff/permissions", "/staff/calendar", "/staff/objections", "/staff/playbooks",
    "/staff/imports", "/staff/county",
)  # fmt: skip


def test_a_stranger_is_sent_to_sign_in(county: County) -> None:
    for address in PAGES:
        answer = Client().get(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/sign-in?next=")


def test_a_resident_is_told_kindly(county: County, sign_in: SignIn) -> None:
    resident = sign_in(county.ah_mei)
    for address in PAGES:
        answer = resident.get(address)
        assert answer.status_code == 403, address
        assert "工作人员的办事台" in answer.content.decode()


@pytest.mark.parametrize("role", ["committee", "grid_worker", "county_leader", "observer"])
def test_every_page_opens_for_staff(sign_in: SignIn, role: str) -> None:
    clerk = sign_in(role)
    for address in PAGES:
        closed = address == "/staff/intake" and role in ("county_leader", "observer")
        assert clerk.get(address).status_code == (403 if closed else 200), address


def test_each_place_person_and_playbook_has_its_page(county: County, sign_in: SignIn) -> None:
    clerk = sign_in("town_officer")
    village, building = county.place("village"), county.place("building")
    for address in (
        f"/staff/places/{village.pk}", f"/staff/places/{building.pk}",
        f"/staff/places/{building.pk}/codes", f"/staff/places/{village.pk}/appointments",
        f"/staff/people/{county.ah_mei.pk}", f"/staff/households/{county.ah_mei.household_id}",
        "/staff/playbooks/xuyi", "/staff/playbooks/xuyi/bpmn", "/staff/imports/template",
        "/staff/calendar/2026-10-01",
        "/staff/playbooks/xindu/simulation?per_day=2&days=20&handle_hours=4",
    ):  # fmt: skip
        assert clerk.get(address).status_code == 200, address


def test_somebody_elses_place_is_refused_with_the_reason(county: County, sign_in: SignIn) -> None:
    abroad = county.place("community")
    answer = sign_in("committee").get(f"/staff/places/{abroad.pk}")
    assert answer.status_code == 403
    assert "不在您负责的范围内" in answer.content.decode()
    assert "双马村委会" in answer.content.decode()  # what he is responsible for


@pytest.mark.parametrize(
    "address",
    ["/staff/places/999999", "/staff/people/999999", "/staff/households/999999",
     "/staff/matters/GZ999", "/staff/playbooks/nothing", "/staff/imports/999999",
     "/staff/objections/999999", "/staff/appointments/999999/end"],
)  # fmt: skip
def test_an_unknown_thing_is_not_found_in_a_sentence(sign_in: SignIn, address: str) -> None:
    answer = sign_in("town_officer").get(address)
    assert answer.status_code == 404
    assert "没有" in answer.content.decode()
