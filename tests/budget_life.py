"""A budget of the village of the cast, driven to any of its stages."""

import io
from datetime import date, datetime, timedelta

from PIL import Image

from gongzhi.deliberation.budgets import actions, rules
from gongzhi.deliberation.budgets.actions.stages import Plan
from gongzhi.deliberation.budgets.models import Idea
from gongzhi.people.models import Household, Person
from people import NOW, County

DAY = timedelta(days=1)
VOTING = NOW + 15 * DAY  # in the middle of the vote
CLOSED = NOW + 21 * DAY
DOING = NOW + 22 * DAY
TIMES = rules.Times(NOW + 7 * DAY, NOW + 14 * DAY, NOW + 20 * DAY)


def plan(**other: object) -> Plan:
    """A sum of 10,000 yuan for the village."""
    said: dict[str, object] = {
        "title": "2027年为民资金", "amount_fen": 1_000_000, "source": "镇财政拨付",
        "times": TIMES, "doing_until": date(2027, 12, 31),
    }  # fmt: skip
    return Plan(**(said | other))  # type: ignore[arg-type]


def announced(county: County, **other: object) -> int:
    """The sum is announced; ideas are taken. The budget's id."""
    return actions.propose(
        place_id=county.place("village").pk, plan=plan(**other),
        by=county.holders["committee"].pk, at=NOW,
    )  # fmt: skip


IDEAS = (("村口装三盏路灯", 400_000), ("修好晾衣架", 300_000), ("小广场添长凳", 600_000))


def costed(county: County, **other: object) -> tuple[int, list[int]]:
    """Three ideas of neighbours, with their costs."""
    budget = announced(county, **other)
    authors = (county.ah_mei, county.brother, county.neighbour)
    ideas = [
        actions.submit(budget_id=budget, title=title, by=author.pk, at=NOW + DAY)
        for (title, _), author in zip(IDEAS, authors, strict=True)
    ]
    actions.close_ideas(budget_id=budget, by=county.holders["committee"].pk, at=TIMES.ideas_until)
    for idea, (_, cost) in zip(ideas, IDEAS, strict=True):
        actions.cost(
            idea_id=idea, cost_fen=cost, note="按去年的合同价算。",
            by=county.holders["town_officer"].pk, at=TIMES.ideas_until + DAY,
        )  # fmt: skip
    return budget, ideas


def households(county: County, many: int) -> list[Person]:
    """More households of one person each at Ah-Mei's building."""
    building, grid = county.place("building"), county.place("grid")
    known = Household.objects.count()
    made = Household.objects.bulk_create(
        Household(place=building, grid=grid, door=f"9单元 {known + n}") for n in range(many)
    )
    return Person.objects.bulk_create(
        Person(name=f"住户{n}", household=home, head=True) for n, home in enumerate(made)
    )


def opened(county: County, **other: object) -> tuple[int, list[int]]:
    """The roll is frozen, the vote open from `VOTING` on."""
    budget, ideas = costed(county, **other)
    actions.open_vote(budget_id=budget, by=county.holders["committee"].pk, at=TIMES.vote_from)
    return budget, ideas


def voted(county: County, many: int = 8, **other: object) -> tuple[int, list[int]]:
    """Lamps have six households, the clothes line three, the benches four."""
    people = households(county, many)
    budget, ideas = opened(county, **other)
    lamps, line, bench = ideas
    for n, person in enumerate(people):
        chosen = [lamps] if n < 6 else [bench]
        chosen += [line] if n in {0, 1, 7} else []
        chosen += [bench] if n in {2, 3} else []
        actions.vote(budget_id=budget, projects=chosen, by=person.pk, at=VOTING)
    return budget, ideas


def allocated(county: County, **other: object) -> tuple[int, list[int]]:
    """The vote is closed and the money divided."""
    budget, ideas = voted(county, **other)
    actions.allocate(budget_id=budget, by=county.holders["committee"].pk, at=CLOSED)
    return budget, ideas


def doing(county: County, **other: object) -> tuple[int, list[int]]:
    """Every funded project has its account; two neighbours supervise. Ids of funded projects."""
    budget, _ = allocated(county, **other)
    chief = county.holders["committee"].pk
    actions.begin(budget_id=budget, by=chief, at=DOING)
    funded = list(
        Idea.objects.filter(budget=budget, funded__isnull=False)
        .order_by("funded").values_list("pk", flat=True)
    )  # fmt: skip
    for project in funded:
        for person in (county.brother, county.neighbour):
            actions.appoint_supervisor(project_id=project, person_id=person.pk, by=chief, at=DOING)
    return budget, funded


def picture(colour: str = "white") -> bytes:
    """A photo of a receipt."""
    out = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(out, "JPEG")
    return out.getvalue()


def receipt(by: int, at: datetime = DOING, key: str = "receipt-0001") -> int:
    """A stored receipt."""
    return actions.keep_receipt(by=by, at=at, key=key, data=picture(), name="发票.jpg")


def paid(county: County, project: int, fen: int, key: str = "receipt-0001") -> int:
    """A payment with its receipt; the entry's id."""
    by = county.holders["committee"].pk
    return actions.enter(
        project_id=project, kind="pay", amount_fen=fen, by=by, at=DOING, to="灯具店",
        receipt_id=receipt(by, key=key), key=f"entry-{key}",
    )  # fmt: skip
