"""A round and people who vote in it."""

from datetime import datetime, timedelta

from gongzhi.deliberation.rounds import actions
from gongzhi.deliberation.rounds.models import Statement
from gongzhi.people.models import Account, Household, Person
from gongzhi.people.permissions import Viewer
from gongzhi.people.queries import viewer
from people import NOW, County

ENDS = NOW + timedelta(days=7)
SEEDS = "\n".join(
    f"{what}要先修。"
    for what in ("东边路灯", "西边水管", "电动车棚", "村口大路", "小学围墙", "广场座椅",
                 "公共厕所", "垃圾站", "老年食堂")
)  # fmt: skip


def who(person: Person, at: datetime = NOW) -> Viewer:
    """The viewer that person is."""
    return viewer(person.pk, at)


def host(county: County) -> Viewer:
    """The host of deliberation in the village."""
    return who(county.holders["workshop_host"])


def opened(county: County, seeds: str = SEEDS, **more: object) -> int:
    """A round in the village, with nine statements."""
    asked: dict[str, object] = {
        "place_id": county.place("village").pk, "question": "村里的钱先修什么？",
        "seeds": seeds, "closes_at": ENDS, "viewer": host(county), "at": NOW,
    }  # fmt: skip
    return actions.open_round(**(asked | more))  # type: ignore[arg-type]


def villagers(county: County, count: int, start: int = 0) -> list[Viewer]:
    """People who live in the village, each with a household and an account."""
    made = []
    for n in range(start, start + count):
        home = Household.objects.create(
            place=county.place("building"), grid=county.place("grid"), door=f"{n}室"
        )
        person = Person.objects.create(name=f"村民{n}", household=home, head=True)
        Account.objects.create(username=f"villager{n}", person=person)
        made.append(who(person))
    return made


def statements(round_id: int) -> list[int]:
    """Ids of what was let in, by number."""
    found = Statement.objects.filter(round_id=round_id, state="in").order_by("number")
    return list(found.values_list("pk", flat=True))


def two_camps(county: County, round_id: int, first: int = 12, second: int = 8) -> list[Viewer]:
    """Two camps that answer the other way round, but all agree with the last statement."""
    people = villagers(county, first + second)
    asked = statements(round_id)
    for n, person in enumerate(people):
        for at, statement in enumerate(asked):
            value = 1 if at == len(asked) - 1 or (n < first) == (at % 2 == 0) else -1
            if at == n % 8:
                value = 0  # nobody is sure of everything
            actions.vote(
                round_id=round_id, statement_id=statement, value=value, viewer=person,
                at=NOW + timedelta(minutes=1 + n),
            )  # fmt: skip
    return people
