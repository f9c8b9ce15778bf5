"""Four more towns of the demonstration, with the people their ways of governing need.

Divisions are real, everybody in them is invented. Dates are counted back from the day of loading.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from gongzhi.cli.demo_data.names import Crowd
from gongzhi.cli.demo_data.world import SEED
from gongzhi.core.clock import SHANGHAI
from gongzhi.people.models import Appointment, Household, Membership, Organisation, Person
from gongzhi.places import actions as places
from gongzhi.places.models import Place
from gongzhi.playbooks import load

VILLAGE_POSTS = ("committee", "party_secretary", "supervisor", "workshop_host", "generalist_worker")
TOWN_POSTS = ("town_officer", "verifier")
UNITS = ("水利站", "城乡建设办公室", "农业农村局", "供电所")


@dataclass
class Town:
    """A town with its playbook, units and posts; `at` is the moment of loading."""

    code: str
    playbook: str
    at: datetime
    crowd: Crowd
    place: int = 0
    posts: dict[tuple[str, str], int] = field(default_factory=dict)  # (role, code) → person
    units: list[tuple[int, int]] = field(default_factory=list)  # (organisation, its officer)
    villages: dict[str, int] = field(default_factory=dict)  # code → place
    homes: dict[str, list[int]] = field(default_factory=dict)  # code → heads of households

    def post(self, role: str, code: str = "") -> int:
        """Who holds that post there (in the town, if no code is given)."""
        return self.posts[role, code or self.code]

    def day(self, ago: float, hour: int = 9, minute: int = 0) -> datetime:
        """So many days before the loading, at that hour of the place."""
        on = (self.at - timedelta(days=ago)).astimezone(SHANGHAI).date()
        return datetime.combine(on, time(hour, minute), SHANGHAI)

    @property
    def start(self) -> date:
        """Since when everybody holds his post."""
        return (self.at - timedelta(days=800)).astimezone(SHANGHAI).date()


def settle(code: str, playbook: str, at: datetime, seed: int) -> Town:
    """The town with its playbook adopted, its officers, and four units."""
    town = Town(code, playbook, at, Crowd(Random(SEED + seed), at.date()))  # noqa: S311
    row = Place.objects.get(code=code, valid_to=None)
    town.place = row.pk
    town.villages = dict(
        Place.objects.filter(valid_to=None, kind="village", parent=row)
        .order_by("code").values_list("code", "id")
    )  # fmt: skip
    places.adopt(
        place_id=row.pk, playbook=load.load(load.shipped() / playbook), from_on=town.start,
        by=None, at=at - timedelta(days=800), reason="示范",
    )  # fmt: skip
    appoint(town, [(role, code, row.pk, None) for role in TOWN_POSTS])
    made = Organisation.objects.bulk_create(
        Organisation(name=f"{row.name}{unit}", kind="department", place=row) for unit in UNITS
    )
    people = _people(town, len(made))
    Appointment.objects.bulk_create(
        Appointment(person=person, role="dept_officer", place=row, from_on=town.start,
                    organisation=unit, at=at)
        for person, unit in zip(people, made, strict=True)
    )  # fmt: skip
    town.units = [(unit.pk, person.pk) for unit, person in zip(made, people, strict=True)]
    return town


def seat_village(town: Town, code: str, homes: int) -> None:
    """A village's posts, and so many households at its door."""
    village = town.villages[code]
    appoint(town, [(role, code, village, None) for role in VILLAGE_POSTS])
    town.homes[code] = live_at(town, village, homes, grid=None)


def live_at(town: Town, place: int, homes: int, grid: int | None, first: int = 1) -> list[int]:
    """So many new households at a place; their heads."""
    doors = Household.objects.bulk_create(
        Household(place_id=place, grid_id=grid, door=f"{n}号") for n in range(first, first + homes)
    )
    heads = _people(town, homes, doors)
    Membership.objects.bulk_create(
        Membership(person=head, place_id=place, kind="resident") for head in heads
    )
    return [head.pk for head in heads]


def appoint(town: Town, wanted: list[tuple[str, str, int, int | None]]) -> None:
    """(role, code, place, organisation): one new person each."""
    people = _people(town, len(wanted))
    Appointment.objects.bulk_create(
        Appointment(person=person, role=role, place_id=place, from_on=town.start,
                    organisation_id=unit, at=town.at)
        for person, (role, _, place, unit) in zip(people, wanted, strict=True)
    )  # fmt: skip
    for person, (role, code, _, _) in zip(people, wanted, strict=True):
        town.posts[role, code] = person.pk


def _people(town: Town, n: int, homes: list[Household] | None = None) -> list[Person]:
    invented = [town.crowd.person(youngest=28, oldest=70) for _ in range(n)]
    return Person.objects.bulk_create(
        Person(name=one.name, gender=one.gender, born_on=one.born_on, head=homes is not None,
               household=homes[i] if homes else None)
        for i, one in enumerate(invented)
    )  # fmt: skip
