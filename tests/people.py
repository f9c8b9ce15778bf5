"""The cast: a few people with fixed relations, in one village of Xuyi and one street of Xindu.

Ah-Mei 阿梅 lives in the village, Wen 文 walks her grid, Luo 罗 works in the town, Chen 陈 sits on
the committee, Sun 孙 on the supervision committee; He 何 lives elsewhere and is always the
outsider. Every appointed role has one holder at "his" place, and one namesake abroad in Xindu.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache

from gongzhi.core.clock import SHANGHAI
from gongzhi.people.models import Account, Appointment, Household, Kinship, Organisation, Person
from gongzhi.people.permissions import Viewer
from gongzhi.people.queries import viewer
from gongzhi.places.actions import adopt
from gongzhi.places.models import Place
from gongzhi.playbooks import load
from gongzhi.playbooks.schema import Playbook

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)  # a Monday, office open
START = date(2026, 1, 1)
PASSWORD = "correct horse battery"

PLACES = (
    # code, name, kind, code above
    ("320000000000", "江苏省", "province", ""),
    ("320800000000", "淮安市", "prefecture", "320000000000"),
    ("320830000000", "盱眙县", "county", "320800000000"),
    ("320830101000", "马坝镇", "town", "320830000000"),
    ("320830101201", "双马村委会", "village", "320830101000"),
    ("320830101202", "蔡庄村委会", "village", "320830101000"),
    ("320830101201001", "双马一网格", "grid", "320830101201"),
    ("320830101201002", "双马二网格", "grid", "320830101201"),
    ("320830101201001B01", "双马一组 1 号楼", "building", "320830101201001"),
    ("320900000000", "盐城市", "prefecture", "320000000000"),
    ("320903000000", "盐都区", "county", "320900000000"),
    ("320903050000", "新都街道", "town", "320903000000"),
    ("320903050015", "聚龙湖居委会", "village", "320903050000"),
    ("320903050015001", "聚龙湖一网格", "grid", "320903050015"),
    ("320903050015001C01", "聚龙湖花园", "compound", "320903050015001"),
)
ROLE_AT = {
    "grid_worker": "grid",
    "generalist_worker": "village",
    "committee": "village",
    "supervisor": "village",
    "party_secretary": "village",
    "workshop_host": "village",
    "workshop_member": "village",
    "volunteer": "village",
    "org_manager": "village",
    "town_officer": "town",
    "dept_officer": "town",
    "enforcement_officer": "town",
    "dispatcher": "town",
    "verifier": "town",
    "merchant": "town",
    "funder": "county",
    "county_leader": "county",
    "observer": "county",
    "system_admin": "county",
    "security_admin": "county",
    "audit_admin": "county",
}
NAMES = {
    "grid_worker": "文",
    "committee": "陈",
    "supervisor": "孙",
    "town_officer": "罗",
    "county_leader": "高",
    "verifier": "严",
    "dispatcher": "唐",
    "dept_officer": "水务老李",
}


@dataclass
class County:
    """Two small worlds: Xuyi (`place`, `holder`) and Xindu (`foreign`)."""

    by_code: dict[str, Place]
    ah_mei: Person  # resident, grid 1 of 双马
    brother: Person  # her brother, in his own household
    neighbour: Person  # lives in the same building
    he: Person  # the outsider: lives in Xindu
    water: Organisation
    holders: dict[str, Person] = field(default_factory=dict)  # role → person in Xuyi
    foreign: dict[str, Person] = field(default_factory=dict)  # role → person in Xindu

    def place(self, kind: str) -> Place:
        """The place of that kind on Ah-Mei's line, from her building up to the province."""
        line = {
            "building": "320830101201001B01", "grid": "320830101201001",
            "village": "320830101201", "town": "320830101000", "county": "320830000000",
            "prefecture": "320800000000", "province": "320000000000",
            "sibling_grid": "320830101201002", "sibling_village": "320830101202",
            "street": "320903050000", "community": "320903050015",
            "community_grid": "320903050015001", "compound": "320903050015001C01",
            "district": "320903000000",
        }  # fmt: skip
        return self.by_code[line[kind]]

    def viewer(self, who: str | Person, at: datetime = NOW) -> Viewer:
        """The viewer of a role's holder, or of a person."""
        person = self.holders[who] if isinstance(who, str) else who
        return viewer(person.pk, at)


@cache
def shipped(name: str) -> Playbook:
    """A playbook that comes with the software."""
    return load.load(load.shipped() / name)


def make_county() -> County:
    """Write the cast and its places."""
    places = _places()
    home = Household.objects.create(
        place=places["320830101201001B01"], grid=places["320830101201001"], door="1单元 101"
    )
    next_door = Household.objects.create(
        place=places["320830101201001B01"], grid=places["320830101201001"], door="1单元 102"
    )
    abroad = Household.objects.create(
        place=places["320903050015001C01"], grid=places["320903050015001"], door="2单元 201"
    )
    ah_mei, brother, neighbour, he = Person.objects.bulk_create(
        [
            Person(name="阿梅", household=home, head=True, phone="13900000001",
                   id_number="320999199001010021", born_on=date(1990, 1, 1), gender="女"),
            Person(name="阿强", household=next_door, head=True, phone="13900000002"),
            Person(name="阿芳", household=next_door, phone="13900000003"),
            Person(name="何先生", household=abroad, head=True, phone="13900000009"),
        ]
    )  # fmt: skip
    Kinship.objects.create(
        person_id=min(ah_mei.pk, brother.pk), other_id=max(ah_mei.pk, brother.pk), how="兄妹"
    )
    water = Organisation.objects.create(
        name="马坝镇水务站", kind="department", place=places["320830101000"]
    )
    county = County(places, ah_mei, brother, neighbour, he, water)
    county.holders = _appoint(places, "3208301012", water)
    county.foreign = _appoint(places, "3209030500", None)
    Account.objects.bulk_create(
        Account(username=f"u{person.pk}", person=person)
        for person in (ah_mei, brother, neighbour, he)
    )
    for code, name in (("320830000000", "xuyi"), ("320903050000", "xindu")):
        adopt(place_id=places[code].pk, playbook=shipped(name), from_on=START, by=None,
              at=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    return county


def _places() -> dict[str, Place]:
    made: dict[str, Place] = {}
    for code, name, kind, above in PLACES:
        place = Place.objects.create(
            code=code, name=name, kind=kind, parent=made.get(above), valid_from=date(2023, 1, 1)
        )
        place.refresh_from_db(fields=["path"])
        made[code] = place
    return made


def _appoint(
    places: dict[str, Place], near: str, organisation: Organisation | None
) -> dict[str, Person]:
    """One person for every appointed role, on the line of places whose codes begin alike."""
    line = {p.kind: p for p in places.values() if p.code[:6] == near[:6]}
    line["village"] = next(p for p in places.values() if p.kind == "village" and near in p.code)
    line["grid"] = next(p for p in places.values() if p.kind == "grid" and near in p.code)
    people = Person.objects.bulk_create(
        Person(name=NAMES.get(role, role), phone=None) for role in ROLE_AT
    )
    Account.objects.bulk_create(Account(username=f"u{p.pk}", person=p) for p in people)
    held = dict(zip(ROLE_AT, people, strict=True))
    Appointment.objects.bulk_create(
        Appointment(
            person=held[role], role=role, place=line[kind], from_on=START,
            organisation=organisation if role == "dept_officer" else None,
        )
        for role, kind in ROLE_AT.items()
    )  # fmt: skip
    return held
