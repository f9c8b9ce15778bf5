"""Every role at every door, for its own place, a sibling, the place above and a foreign one.

Coming in means the door answers or objects to the form; not coming in is 403 or 404; who is not
signed in is sent to sign in (401, or a redirect). A new address without a row fails.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
import shapely
from django.db import transaction
from django.test import Client
from doors import Door, declared, existing

from gongzhi.matters.actions import raise_matter
from gongzhi.people.accounts import make_token
from gongzhi.people.models import Account, Person
from gongzhi.people.roles import ROLES, SCOPES
from gongzhi.places.models import Place
from people import NOW, ROLE_AT, County, make_county

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

IN, NO, SIGN = "in", "no", "sign in"
RELATIONS = ("own", "sibling", "parent", "foreign")
WORKERS = frozenset({
    "grid_worker", "generalist_worker", "committee", "supervisor", "party_secretary",
    "workshop_host", "workshop_member", "town_officer", "dept_officer", "enforcement_officer",
    "dispatcher", "verifier", "county_leader", "org_manager", "observer",
})  # fmt: skip
STAFF = WORKERS | {"system_admin", "security_admin", "audit_admin"}
READERS = WORKERS | {"volunteer"}
TAKE_IN = WORKERS - {"dept_officer", "verifier", "county_leader", "observer"}
PEOPLE_ADMIN = frozenset({"committee", "town_officer", "security_admin"})
PUBLISHERS = frozenset({"committee", "supervisor", "party_secretary", "town_officer"})
PLACES_ADMIN = frozenset({"committee", "town_officer", "system_admin"})
FOUNDERS = frozenset({"committee", "party_secretary", "town_officer"})  # of bodies that meet
EVERYBODY = ("anonymous", "resident", *ROLE_AT)


@dataclass
class World:
    """A county, an object in every relation to every role, and a caller for each."""

    county: County
    matters: dict[str, str] = field(default_factory=dict)
    web: dict[str, Client] = field(default_factory=dict)
    token: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Place] = field(default_factory=dict)

    def matter(self, role: str, relation: str) -> str | None:
        """The number of a matter in that relation to the role's place; None where none can be."""
        kind = "grid" if role in ("resident", "anonymous") else ROLE_AT[role]
        known = {
            ("grid", "sibling"): "sibling_grid", ("grid", "parent"): "village",
            ("village", "sibling"): "sibling_village", ("village", "parent"): None,
            ("town", "sibling"): "sibling_town", ("town", "parent"): None,
            ("county", "sibling"): None, ("county", "parent"): None,
        }  # fmt: skip
        always = {"own": "building", "foreign": "compound"}
        found = always.get(relation) or known.get((kind, relation))
        return None if found is None else self.matters[found]

    def place(self, role: str, relation: str) -> Place:
        """A place in that relation to the role's own place."""
        kind = "village" if role in ("resident", "anonymous") else ROLE_AT[role]
        names = {
            "grid": ("grid", "sibling_grid", "village", "community_grid"),
            "village": ("village", "sibling_village", "town", "community"),
            "town": ("town", "sibling_town", "county", "street"),
            "county": ("county", "sibling_county", "prefecture", "district"),
        }[kind]
        name = names[RELATIONS.index(relation)]
        return self.extra[name] if name in self.extra else self.county.place(name)

    def person(self, role: str, relation: str) -> Person:
        """Somebody who belongs there: only own and foreign differ."""
        return self.county.ah_mei if relation == "own" else self.county.he


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        made = World(make_county())
        _more_places(made)
        _matters(made)
        callers = {"resident": made.county.ah_mei} | made.county.holders
        for role, person in callers.items():
            made.web[role] = Client()
            made.web[role].force_login(Account.objects.get(person=person))
            made.token[role] = make_token(
                person_id=person.pk, name="t", scopes=tuple(SCOPES), by=person.pk, at=NOW
            )[1]
        made.web["anonymous"], made.token["anonymous"] = Client(), ""
        yield made
        transaction.set_rollback(True)


def _more_places(world: World) -> None:
    def place(code: str, name: str, kind: str, parent: Place) -> Place:
        made = Place.objects.create(
            code=code, name=name, kind=kind, parent=parent, valid_from=date(2023, 1, 1)
        )
        made.refresh_from_db(fields=["path"])
        return made

    county, prefecture = world.county.place("county"), world.county.place("prefecture")
    world.extra["sibling_town"] = place("320830102000", "官滩镇", "town", county)
    village = place("320830102201", "戚洼村委会", "village", world.extra["sibling_town"])
    world.extra["sibling_town_village"] = village
    box = shapely.box(118.49, 32.89, 118.51, 32.91)
    Place.objects.filter(pk=world.county.place("grid").pk).update(polygon=shapely.to_wkb(box))
    world.extra["sibling_county"] = place("320831000000", "金湖县", "county", prefecture)


def _matters(world: World) -> None:
    county = world.county
    for name, by in (("building", county.ah_mei), ("sibling_grid", county.neighbour),
                     ("village", county.neighbour), ("sibling_village", county.he),
                     ("compound", county.he), ("sibling_town", county.he)):  # fmt: skip
        at = world.extra["sibling_town_village"] if name == "sibling_town" else county.place(name)
        made = raise_matter(
            by=by.pk, at=NOW, key=None, body="路灯不亮了", place_id=at.pk, source="page"
        )
        world.matters[name] = made.number


def expected(gate: str, role: str, relation: str) -> str:
    """The table of who comes in, gate by gate."""
    if gate == "open":
        return IN
    if gate == "nothing":
        return NO
    if role == "anonymous":
        return NO if gate == "key" else SIGN
    own, staff = relation == "own", role in STAFF
    sees = (own and role in READERS) or (role == "resident" and relation != "foreign")
    inside = {
        "signed": True,
        "sees": sees,
        "acts": sees,  # then the playbook decides, and may refuse
        "nobody": False,
        "staff": staff,
        "takes_in": role in TAKE_IN,
        "desk_nobody": False,
        "desk_sees": staff and sees,
        "desk_acts": staff and sees,
        "desk_place": staff and own,
        "key": True,
        "codes": own and role != "resident",
        "tokens": role == "security_admin",
        "calendar": role in PLACES_ADMIN,
        "people": role in PEOPLE_ADMIN and own,
        "places": role in PLACES_ADMIN and own,
        "runs_money": role in {"committee", "party_secretary", "town_officer"},
        "opens_channels": role in {"committee", "party_secretary", "generalist_worker"},
        "judges_channels": role
        in {"grid_worker", "generalist_worker", "committee", "party_secretary", "supervisor"},
        "enters_points": role in {"committee", "generalist_worker", "grid_worker", "org_manager"},
        "audits_points": role in {"committee", "supervisor", "party_secretary", "town_officer"},
        "points_desk": role
        in {
            "committee",
            "supervisor",
            "party_secretary",
            "town_officer",
            "grid_worker",
            "generalist_worker",
        },
        "keeps_hours": role
        in {
            "committee",
            "supervisor",
            "party_secretary",
            "town_officer",
            "grid_worker",
            "generalist_worker",
            "org_manager",
        },
        "writes_rules": role in {"committee", "party_secretary"},
        "keeps_points": role == "committee" and own,
        "keeps_books": role in {"committee", "party_secretary", "supervisor", "town_officer"},
        "reads_books": role in {"committee", "party_secretary", "supervisor"} and own,
        "neighbours": relation in ("own", "parent"),
        "watches": role in {"supervisor", "audit_admin"},  # audits the log
        "keeps": role in PUBLISHERS and own,
        "founds": role in FOUNDERS and own,
        "founds_mall": role in {"committee", "town_officer"},
    }
    return IN if inside[gate] else NO


MAY_BE_REFUSED = frozenset({"acts", "desk_acts"})
BOUND = frozenset(
    {
        "sees",
        "acts",
        "desk_sees",
        "desk_acts",
        "desk_place",
        "people",
        "places",
        "codes",
        "keeps",
        "founds",
        "keeps_points",
        "reads_books",
        "neighbours",
    }
)


def address(door: Door, world: World, role: str, relation: str) -> str | None:
    """The address with an object in that relation; None where there is none."""
    number = world.matter(role, relation)
    if "number" in door.address and number is None:
        return None
    place = world.place(role, relation)
    values = {
        "number": number or "", "code": place.code, "place_id": str(place.pk),
        "person_id": str(world.person(role, relation).pk),
        "household_id": str(world.person(role, relation).household_id),
        "kind": "grid", "move": "accept", "verb": "accept", "playbook_id": "xuyi", "name": "xuyi",
        "sha256": "0" * 64, "fmt": "json", "on": "2026-12-01", "token": number or "none",
        "key": "no-such-upload",
    }  # fmt: skip
    if door.address.startswith("matters/"):
        values["verb"] = "recall"  # the one move of a resident by a button
    made = re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda m: _value(m[1], values), door.address)
    made = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: _value(m[1], values), made)
    if door.address.startswith("open311/"):
        made = made.replace("^", "").replace("$", "").replace("\\.", ".").replace("(?:v2/)?", "")
        made = made.replace("services/" + place.code, "services/other")
    return "/" + made.replace("q/" + values["token"], "q/none")


def _value(name: str, values: dict[str, str]) -> str:
    return values.get(name, "999999999")


def outcome(response: Any) -> str:
    """What became of a caller."""
    if response.status_code == 401:
        return SIGN
    if response.status_code in (301, 302):
        return SIGN if response["Location"].startswith("/sign-in") else IN
    if response.status_code in (403, 404):
        return NO
    assert response.status_code < 500, response.content
    assert response.status_code != 405, "the row names a method this door does not have"
    return IN


QUERY = {"q": "灯", "text": "路灯不亮了没人修", "place": "320830101201", "lon": "118.5",
         "lat": "32.9", "within": "320830101201"}  # fmt: skip
BODY = {"comments": {"text": "看过了"}, "answer": {"solved": True}}
FORM = "application/x-www-form-urlencoded"


def ask(door: Door, world: World, role: str, at: str, place: Place) -> Any:
    """Knock: programs with their token, people with their session."""
    with transaction.atomic():
        if at.startswith("/api/"):
            response = _program(door, world.token[role], at)
        elif at.startswith("/open311/"):
            web, key = Client(), {"api_key": world.token[role]}
            response = (
                web.get(at, key) if door.method == "GET" else web.post(at, urlencode(key), FORM)
            )
        elif door.method == "GET":
            response = world.web[role].get(at, {"q": "灯", "place": str(place.pk)})
        else:
            response = world.web[role].post(at, "", content_type=FORM)
        transaction.set_rollback(True)
    return response


def _program(door: Door, token: str, at: str) -> Any:
    web = Client(headers={"Authorization": f"Bearer {token}"} if token else {})
    if door.method == "GET":
        return web.get(at, QUERY)
    body = json.dumps(BODY.get(at.rpartition("/")[2], {}))
    kind = "multipart/form-data" if at.endswith("/uploads") else "application/json"
    return web.post(at, "" if at.endswith("/uploads") else body, content_type=kind)


def test_every_address_has_a_row() -> None:
    assert sorted({door.address for door in declared()}) == sorted(set(existing()))


def test_every_role_is_in_the_matrix() -> None:
    assert set(ROLES) - {"resident", "household_head"} == set(ROLE_AT)
    assert {code for code, role in ROLES.items() if role.staff} == STAFF


@pytest.mark.parametrize("door", declared(), ids=str)
def test_who_comes_in(world: World, door: Door) -> None:
    wrong: list[str] = []
    for role in EVERYBODY:
        for relation in RELATIONS if door.gate in BOUND else RELATIONS[:1]:
            at = address(door, world, role, relation)
            if at is None:
                continue
            response = ask(door, world, role, at, world.place(role, relation))
            found, wanted = outcome(response), expected(door.gate, role, relation)
            if door.gate in MAY_BE_REFUSED and wanted == IN and response.status_code == 403:
                continue  # he sees the matter; the playbook says it is not his step
            if found != wanted:
                wrong.append(f"{role} {relation}: {found} ({response.status_code}), not {wanted}")
    assert not wrong, f"{door}: " + "; ".join(wrong)
