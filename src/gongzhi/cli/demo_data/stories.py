"""About 120 matters that stand in every stage, on every level, with every outcome."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from gongzhi.cli.demo_data import cast, lives
from gongzhi.cli.demo_data.lives import Plan
from gongzhi.cli.demo_data.scene import Life, Scene, tell
from gongzhi.cli.demo_data.world import SEED, World
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import Refused
from gongzhi.matters import actions
from gongzhi.matters.models import Matter
from gongzhi.matters.suggest import corpus
from gongzhi.people import queries as people
from gongzhi.people.models import Person
from gongzhi.publications import actions as board
from gongzhi.publications.models import Publication

COUNTRY = (
    "facilities.roads", "facilities.lighting", "farming.irrigation", "environment.waste",
    "facilities.drains", "safety.water", "neighbours.boundary", "accounts.disclosure",
    "land.farmland", "education_health.culture", "environment.sewage", "care.elders",
)  # fmt: skip
TOWN = (
    "neighbours.leak", "neighbours.clutter", "traffic.parking", "traffic.charging", "safety.fire",
    "property.lift", "property.fees", "noise.leisure", "noise.building_site", "environment.waste",
    "facilities.lighting", "facilities.drains", "utilities.water", "utilities.power",
    "market.stalls", "neighbours.family", "safety.wires", "environment.air",
)  # fmt: skip
Planned = tuple[timedelta, Plan]


class Casting:
    """Picks raisers and neighbours, the same ones every time."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world, self.rng = world, rng
        rows = Person.objects.filter(household__isnull=False, phone__isnull=False).order_by("id")
        self.by_grid: dict[str, list[tuple[int, int]]] = {}
        for pk, place, grid in rows.values_list(
            "id", "household__place_id", "household__grid__code"
        ):
            self.by_grid.setdefault(grid, []).append((pk, place))

    def plan(self, grid: str, categories: tuple[str, ...], category: str = "", **more: Any) -> Plan:
        """A matter of somebody in that grid."""
        raiser, place = self.rng.choice(self.by_grid[grid])
        title, body, category = corpus.invent(self.rng, category or self.rng.choice(categories))
        plan = Plan(title, body, category, place, raiser, village=grid[:12], grid=grid)
        for name, value in more.items():
            setattr(plan, name, value)
        return plan

    def neighbours(self, plan: Plan, count: int) -> tuple[int, ...]:
        """Others of the same grid."""
        others = [pk for pk, _ in self.by_grid[plan.grid] if pk != plan.raiser]
        return tuple(self.rng.sample(others, count))


def write(world: World, at: datetime, progress: Callable[[int, int], None]) -> list[str]:
    """Tell all stories up to `at`; returns what was refused on the way (nothing, we hope)."""
    rng = Random(SEED + 2)  # noqa: S311 - invents, hides nothing
    casting, scene = Casting(world, rng), Scene(world, rng)
    told = [*_xuyi(casting), *_xindu(casting)]
    all_lives: list[tuple[datetime, Life]] = []
    for before, plan in told:
        life = lives.xuyi if plan.village == cast.SHUANGMA else lives.xindu
        all_lives.append((_evening(at - before), life(scene, plan)))
    tell(scene, all_lives, at, progress)
    _duplicates(world, [plan for _, plan in told], casting, at)
    _objections(world, at)
    return scene.refused


def _evening(at: datetime) -> datetime:
    """The hour itself, or in the night the evening before."""
    local = at.astimezone(SHANGHAI)
    if local.hour < 7:
        return (local - timedelta(days=1)).replace(hour=20)
    return min(local, local.replace(hour=21))


def _days(n: float) -> timedelta:
    return timedelta(days=n)


def _xuyi(casting: Casting) -> Iterator[Planned]:
    rng, grids = casting.rng, [f"{cast.SHUANGMA}{n:03d}" for n in (1, 2, 3)]
    by_paper: dict[str, Any] = {"source": "paper", "by": casting.world.people["liu"]}
    for n in range(14):  # through all six steps
        plan = casting.plan(rng.choice(grids), COUNTRY, **(by_paper if n % 4 == 3 else {}))
        plan.followers = casting.neighbours(plan, rng.randrange(0, 4))
        plan.score = rng.choice((4, 5, 5, 4))
        yield _days(31 + 3 * n), plan  # the latest are still on the board
    zhao = casting.plan(grids[0], COUNTRY, "farming.irrigation", twist="hearing")
    zhao.raiser, zhao.title = casting.world.people["laozhao"], "村西灌溉渠清淤，会不会淹到低处五户"
    yield _days(70), zhao
    for twist, days in (("refuse", 30), ("divert", 34), ("recall", 40), ("voted_down", 80),
                        ("park", 60), ("reopen", 88), ("silent", 66), ("joint", 75)):  # fmt: skip
        yield _days(days), casting.plan(rng.choice(grids), COUNTRY, twist=twist)
    standing = (("propose", 0.4), ("propose", 1.2), ("deliberate", 4), ("deliberate", 7),
                ("decide", 9), ("decide", 12), ("handle", 14), ("working", 18), ("working", 24),
                ("verify", 26), ("appraise", 27), ("publish", 30))  # fmt: skip
    for stop, ago in standing:
        plan = casting.plan(rng.choice(grids), COUNTRY, stop=stop)
        plan.followers = casting.neighbours(plan, rng.randrange(0, 3))
        yield _days(ago), plan


def _xindu(casting: Casting) -> Iterator[Planned]:
    rng = casting.rng
    grids = sorted(grid for grid in casting.by_grid if grid.startswith(cast.XINDU[:9]))
    levels = ["grid"] * 12 + ["community"] * 9 + ["street"] * 6 + ["district"] * 3
    for n, level in enumerate(levels):  # settled at 4-3-2-1
        plan = casting.plan(rng.choice(grids), TOWN, level=level, by_deadline=n % 2 == 0)
        plan.score = rng.choice((3, 4, 5, 5))
        plan.followers = casting.neighbours(plan, rng.choice((0, 0, 0, 1, 2)))
        yield _days(11 + 2.5 * n), plan
    wages = casting.plan(grids[0], TOWN, "labour.wages", level="district", urgent=False)
    wages.title = "包工头欠八个人工资，从网格一直到区里"
    yield _days(62), wages  # climbs all four rungs by the clock
    twists = (("recall", 20), ("refuse", 22), ("divert", 25), ("return", 33), ("send_back", 36),
              ("reopen", 48), ("silent", 40), ("extend", 30), ("park", 26), ("pause", 5),
              ("return", 52), ("send_back", 57))  # fmt: skip
    for n, (twist, days) in enumerate(twists):
        level = "community" if twist == "return" else ("grid", "street")[n % 2]
        yield _days(days), casting.plan(rng.choice(grids), TOWN, twist=twist, level=level,
                                        by_deadline=False)  # fmt: skip
    wet = casting.plan(grids[0], TOWN, "neighbours.leak", score=1)
    yield _days(55), wet  # not solved: back to handling, then up
    standing = (("report", 0.1), ("report", 0.3), ("report", 0.6), ("file", 0.5), ("file", 0.8),
                ("dispatch", 1.5), ("dispatch", 2.5), ("handle", 2), ("handle", 3), ("handle", 4),
                ("handle", 5), ("handle", 6), ("verify", 4), ("verify", 5), ("appraise", 5),
                ("appraise", 6), ("appraise", 8), ("publish", 9), ("publish", 12), ("publish", 15),
                ("handle", 12), ("handle", 19), ("dispatch", 10), ("dispatch", 27))  # fmt: skip
    for n, (stop, ago) in enumerate(standing):
        plan = casting.plan(rng.choice(grids), TOWN, stop=stop)
        plan.followers = casting.neighbours(plan, rng.choice((0, 0, 1, 3)))
        plan.urgent = n in (4, 9)
        yield _days(ago), plan
    mei = casting.plan(grids[0], TOWN, "property.lift", stop="handle", twist="named")
    mei.raiser = casting.world.people["amei"]
    yield _days(3), mei
    done = casting.plan(grids[0], TOWN, "facilities.lighting", stop="appraise")
    done.raiser = casting.world.people["amei"]
    yield _days(6), done  # waits for her judgement


def _duplicates(world: World, told: list[Plan], casting: Casting, at: datetime) -> None:
    """Three reports of what is already open: found alike and merged by the community."""
    open_ = [p for p in told if p.matter and p.stop == "handle" and p.village != cast.SHUANGMA]
    for n, plan in enumerate(open_[:3]):
        target = Matter.objects.get(pk=plan.matter)
        if target.outcome:
            continue
        (neighbour,) = casting.neighbours(plan, 1)
        when = at - timedelta(hours=20 - 3 * n)
        again = actions.raise_matter(
            by=neighbour, at=when, key=None, body=f"{plan.body}我也遇到了，请一起处理。",
            title=plan.title, place_id=plan.place, source="page", category=plan.category,
        )  # fmt: skip
        desk = world.posts["committee", plan.village][0]
        later = when + timedelta(hours=1)
        try:
            actions.move(matter_id=again.id, verb="accept", by=desk, at=later)
            actions.move(matter_id=again.id, verb="merge", by=desk, at=later, into=target.number,
                         reason="和正在办的是同一件事")  # fmt: skip
        except Refused:
            continue


def _objections(world: World, at: datetime) -> None:
    """One objection that was answered, one that waits."""
    items = Publication.objects.filter(replaced_at=None, until_at__gt=at).order_by("id")
    village = world.places[cast.SHUANGMA]
    qian = people.viewer(world.people["qian"], at)
    chen = people.viewer(world.people["chen"], at)
    words = ("工钱写得太笼统，请把材料费和人工费分开公布。", "修的不是最坏的那一段，请说明为什么。")
    for n, item in enumerate(items.filter(place_id=village)[:2]):
        objection = board.object_to(publication_id=item.pk, viewer=qian, words=words[n],
                                    at=at - timedelta(hours=30 - n))  # fmt: skip
        if n == 0:
            board.answer_objection(
                objection_id=objection, viewer=chen, at=at - timedelta(hours=4), upheld=True,
                answer="说得对。材料费和人工费已分开列出，单据在村务公开栏可以查看。",
            )  # fmt: skip
