"""Every role at the doors of a real session: who prepares, runs, signs in, sorts, judges."""

from datetime import timedelta

import pytest
from django.test import Client

import people
from assemblies import Meeting, body, meeting
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.meetings import actions
from people import ROLE_AT

pytestmark = pytest.mark.django_db

RUN = frozenset({"committee", "party_secretary", "workshop_host", "town_officer"})
SMALL = RUN | {"grid_worker", "generalist_worker"}
JUDGE = frozenset({"supervisor", "town_officer"})
GET = ("", "/run", "/desk", "/code", "/paper", "/sorting")
POST = (
    "/preparation/item", "/steps/open", "/desk/guest", "/sorting/1", "/minutes/publication",
)  # fmt: skip


@pytest.fixture
def closed(county: people.County) -> Meeting:
    """A session that has been held, with a pledge and a question carried over."""
    made = meeting(county).notice().begins().comes(county.ah_mei).opens()
    actions.ask(session_id=made.id, words="路灯不亮", by=county.ah_mei.pk, at=made.at)
    return made.closes()


def came_in(client: Client, address: str, *, post: bool = False) -> bool:
    answer = client.post(address, {}) if post else client.get(address)
    assert answer.status_code < 500
    signing = answer.status_code == 302 and "/sign-in" in answer["Location"]
    return answer.status_code not in (403, 404) and not signing


def client_of(person: people.Person | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person.account)
    return client


def callers(county: people.County) -> dict[str, Client]:
    found = {role: client_of(person) for role, person in county.holders.items()}
    return found | {"resident": client_of(county.ah_mei), "anonymous": client_of(None)}


@pytest.mark.parametrize("door", GET)
def test_who_sees_the_side_of_the_host(closed: Meeting, door: str) -> None:
    inside = {role for role, client in callers(closed.county).items()
              if came_in(client, f"/staff/meetings/{closed.id}{door}")}  # fmt: skip
    assert inside == RUN


@pytest.mark.parametrize("door", POST)
def test_who_acts_at_the_side_of_the_host(closed: Meeting, door: str) -> None:
    inside = {role for role, client in callers(closed.county).items()
              if came_in(client, f"/staff/meetings/{closed.id}{door}", post=True)}  # fmt: skip
    assert inside <= RUN
    if door != "/sorting/1":  # that question may not be this one
        assert inside == RUN


def test_those_of_another_county_run_nothing_here(closed: Meeting) -> None:
    for person in closed.county.foreign.values():
        assert not came_in(client_of(person), f"/staff/meetings/{closed.id}/run")


def test_a_grid_leader_runs_the_council_of_his_grid(county: people.County) -> None:
    council = bodies.found(place_id=county.place("grid").pk, blueprint="grid_council",
                           by=county.holders["committee"].pk, at=people.NOW)  # fmt: skip
    made = meeting(county, of=council, by=county.holders["grid_worker"].pk)
    inside = {role for role, client in callers(county).items()
              if came_in(client, f"/staff/meetings/{made.id}/run")}  # fmt: skip
    assert inside == SMALL


def test_who_may_judge_a_pledge(county: people.County) -> None:
    made = meeting(county).notice().begins().opens()
    promised = actions.pledge(
        session_id=made.id, words="把路灯修好", by=made.host.pk, at=made.at,
        due_on=(made.at + timedelta(days=9)).date(), owner_id=county.ah_mei.pk,
    )  # fmt: skip
    inside = {role for role, client in callers(county).items()
              if came_in(client, f"/staff/pledges/{promised}")}  # fmt: skip
    assert inside == JUDGE


def test_who_seats_people_in_a_body(county: people.County) -> None:
    made = body(county, "one_four_one")
    form = {"person": county.brother.pk, "seat_class": "expert"}
    seated = set()
    for role, client in callers(county).items():
        if client.post(f"/staff/bodies/{made}", form).status_code == 302:
            seated.add(role)
    assert "resident" not in seated - {"anonymous"}
    assert len(seated - {"anonymous"}) == 1  # the first who may; then the seat is taken


def test_every_role_of_the_house_was_asked() -> None:
    assert set(ROLE_AT) >= RUN | SMALL | JUDGE
