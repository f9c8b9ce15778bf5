"""Who may enter the desk, and what every page of it says."""

import pytest
from django.test import Client

from gongzhi.matters import actions
from people import County
from web.staff.conftest import Desk

pytestmark = pytest.mark.django_db

PAGES = (
    "/staff/", "/staff/matters", "/staff/intake", "/staff/places", "/staff/people",
    "/staff/permissions", "/staff/calendar", "/staff/objections", "/staff/playbooks",
    "/staff/imports", "/staff/county",
)  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_a_stranger_is_sent_to_sign_in(county: County, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("address", PAGES)
def test_a_resident_is_told_kindly(county: County, desk: Desk, address: str) -> None:
    answer = desk(county.ah_mei).get(address)
    assert answer.status_code == 403
    assert "工作人员的办事台" in answer.content.decode()


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("role", ["committee", "grid_worker", "town_officer", "county_leader"])
def test_every_page_opens_for_staff(desk: Desk, role: str, address: str) -> None:
    assert desk(role).get(address).status_code == 200


def test_the_matter_shows_the_one_thing_it_waits_for(desk: Desk, raised: actions.Raised) -> None:
    html = desk("committee").get(f"/staff/matters/{raised.number}").content.decode()
    assert "楼道灯坏了" in html
    assert f"/staff/matters/{raised.number}/moves/accept" in html


def test_each_place_person_and_playbook_has_its_page(county: County, desk: Desk) -> None:
    clerk = desk("town_officer")
    village, building = county.place("village"), county.place("building")
    for address in (
        f"/staff/places/{village.pk}", f"/staff/places/{building.pk}",
        f"/staff/places/{building.pk}/codes", f"/staff/places/{village.pk}/appointments",
        f"/staff/people/{county.ah_mei.pk}", f"/staff/households/{county.ah_mei.household_id}",
        "/staff/playbooks", "/staff/playbooks/xuyi", "/staff/playbooks/xuyi/bpmn",
        "/staff/imports", "/staff/imports/template", "/staff/county", "/staff/calendar/2026-10-01",
        "/staff/playbooks/xindu/simulation?per_day=2&days=20&handle_hours=4",
    ):  # fmt: skip
        assert clerk.get(address).status_code == 200, address
