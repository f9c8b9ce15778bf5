"""The demonstration's places and people: real divisions, invented everything below."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle, islice
from random import Random

from django.contrib.auth.hashers import make_password

from gongzhi.cli.demo_data import cast
from gongzhi.cli.demo_data.names import Crowd
from gongzhi.core.clock import SHANGHAI
from gongzhi.people import roster
from gongzhi.people.models import Account, Appointment, Membership, Organisation, Person
from gongzhi.places import actions as places
from gongzhi.places.models import Place
from gongzhi.playbooks import load

Progress = Callable[[int, int, str], None]

SEED = 20201231  # the day the thirteen cases were published
BOUNDS = {  # west, south, east, north: roughly where they are; the lines inside are schematic
    cast.SHUANGMA: (118.755, 33.045, 118.785, 33.065),
    cast.XINDU: (120.125, 33.320, 120.205, 33.375),
}
HEADER = ("姓名", "证件号码", "性别", "出生日期", "手机号", "小区", "楼栋", "房号", "与户主关系",
          "成员身份")  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    grids: int  # per community of Xindu
    compounds: int  # in all of Xindu
    buildings: int  # per grid
    households: int  # in all of Xindu
    people: tuple[int, ...]  # sizes of households, in turn
    village_households: int = 48


SMALL = Size(grids=2, compounds=7, buildings=2, households=252, people=(2, 2, 3))
FULL = Size(grids=27, compounds=86, buildings=8, households=90_000, people=(2, 3, 3))


@dataclass
class World:
    """What later steps need to know: ids by code, and by name for the cast."""

    today: date
    places: dict[str, int] = field(default_factory=dict)
    posts: dict[tuple[str, str], list[int]] = field(default_factory=dict)  # (role, place) → people
    units: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)  # by username
    member_of: dict[int, str] = field(default_factory=dict)  # person → key of the unit


def build(size: Size, at: datetime, progress: Progress) -> World:
    """Divisions, calendar, grids, buildings, people, posts, accounts, playbooks."""
    today = at.astimezone(SHANGHAI).date()
    world = World(today)
    progress(2, 100, "行政区划 23,563 个")
    places.load_divisions(by=None, at=at)
    places.load_holidays(years=range(2024, 2027), by=None, at=at)
    progress(8, 100, "网格、小区和楼栋")
    buildings = _draw_up(size, at)
    world.places = dict(
        Place.objects.filter(valid_to=None, code__regex="^(320830|320903)").values_list(
            "code", "id"
        )
    )
    _adopt(world, at)
    for prefix, phone in cast.PHONES.items():  # always on the pages of a resident
        Place.objects.filter(kind="village", valid_to=None, code__startswith=prefix).update(
            phone=phone
        )
    progress(14, 100, "名册")
    crowd = Crowd(Random(SEED), today)  # noqa: S311 - invents, hides nothing
    _people(world, size, crowd, buildings, at)
    progress(40, 100, "岗位和账户")
    _posts(world, at)
    return world


def _draw_up(size: Size, at: datetime) -> dict[str, list[tuple[str, str, str]]]:
    """Grids, compounds and buildings; returns (compound, building, grid code) by top code."""
    start = date(2025, 1, 1)
    grids = [places.NewPlace(f"{cast.SHUANGMA}{n:03d}", f"双马村{n}组", "grid", cast.SHUANGMA)
             for n in (1, 2, 3)]  # fmt: skip
    compounds, buildings = [], []
    tops: dict[str, list[tuple[str, str, str]]] = {cast.SHUANGMA: [], cast.XINDU: []}
    for grid in grids:
        for n in (1, 2):
            name = f"{grid.name}{n}排"
            buildings.append(_building(grid.code, n, name, ""))
            tops[cast.SHUANGMA].append(("", name, grid.code))
    names = dict(Place.objects.filter(code__in=cast.COMMUNITIES).values_list("code", "name"))
    share = [len(part) for part in _shares(size.compounds, len(cast.COMMUNITIES))]
    for community, count in zip(cast.COMMUNITIES, share, strict=True):
        short = names[community].removesuffix("居委会")
        estates = [f"{short}{_ESTATES[n % len(_ESTATES)]}" for n in range(count)]
        compounds += [places.NewPlace(f"{community}C{n:02d}", estate, "compound", community)
                      for n, estate in enumerate(estates, 1)]  # fmt: skip
        for g in range(1, size.grids + 1):
            grid = places.NewPlace(f"{community}{g:03d}", f"{short}第{g}网格", "grid", community)
            grids.append(grid)
            for b in range(1, size.buildings + 1):
                estate = estates[(g - 1) * count // size.grids]
                name = f"{estate}{(g - 1) * size.buildings + b}号楼"
                buildings.append(_building(grid.code, b, name, estate))
                tops[cast.XINDU].append((estate, name, grid.code))
    for rows in (grids, compounds, buildings):
        places.add_places(rows=rows, by=None, at=at, valid_from=start)
    for code, bounds in BOUNDS.items():
        pk = Place.objects.values_list("id", flat=True).get(code=code, valid_to=None)
        places.make_grid_schematic(place_id=pk, seed=SEED, bounds=bounds, by=None, at=at)
    return tops


_ESTATES = (
    "花园",
    "家园",
    "雅苑",
    "名邸",
    "新村",
    "华庭",
    "小区",
    "公馆",
    "嘉苑",
    "水岸",
    "佳园",
    "东苑",
    "西苑",
)


def _shares(total: int, parts: int) -> list[range]:
    """`total` cut into `parts` as evenly as possible, the larger first."""
    return [range(total)[i::parts] for i in range(parts)]


def _building(grid: str, n: int, name: str, compound: str) -> places.NewPlace:
    token = f"demo{int(grid[3:]) * 100 + n:x}"[:16]
    return places.NewPlace(f"{grid}B{n:02d}", name, "building", grid, token=token,
                           attributes={"compound": compound} if compound else {})  # fmt: skip


def _adopt(world: World, at: datetime) -> None:
    start = world.today - timedelta(days=400)
    for code, name in ((cast.XUYI, "xuyi"), (cast.XINDU, "xindu")):
        places.adopt(
            place_id=world.places[code], playbook=load.load(load.shipped() / name), from_on=start,
            by=None, at=at - timedelta(days=400), reason="示范县开通时采用",
        )  # fmt: skip


def _people(
    world: World, size: Size, crowd: Crowd, buildings: dict[str, list[tuple[str, str, str]]],
    at: datetime,
) -> None:  # fmt: skip
    """Through the real roster import, as a village or street would do it."""
    for code, count, status in ((cast.SHUANGMA, size.village_households, "户籍、村民、成员"),
                                (cast.XINDU, size.households, "常住")):  # fmt: skip
        sizes = islice(cycle(size.people), count)
        lines = _lines(crowd, list(sizes), buildings[code], status)
        roster.import_rows(
            place_id=world.places[code], name="示范名册", rows=[HEADER, *lines], by=None, at=at
        )


def _lines(
    crowd: Crowd, sizes: list[int], buildings: list[tuple[str, str, str]], status: str
) -> Iterator[tuple[str, ...]]:
    for i, size in enumerate(sizes):
        compound, building, _ = buildings[i % len(buildings)]
        n = i // len(buildings)
        door = f"{n // 20 + 1}单元{n % 20 // 2 + 1}0{n % 2 + 1}"
        for who, relation in crowd.household(size):
            yield (who.name, who.id_number, who.gender, f"{who.born_on:%Y-%m-%d}", who.phone,
                   compound, building, door, relation, status)  # fmt: skip


def _posts(world: World, at: datetime) -> None:
    """Units, the cast with its posts, a worker for every grid, and accounts with one password."""
    start = world.today - timedelta(days=395)
    units = Organisation.objects.bulk_create(
        Organisation(name=u.name, kind=u.kind, place_id=world.places[u.place]) for u in cast.UNITS
    )
    world.units = {u.key: made.pk for u, made in zip(cast.UNITS, units, strict=True)}
    posts = [*cast.POSTS, *_grid_workers(world)]
    posts += [cast.Post("", f"{'钱孙周郑冯陈褚'[i]}{'主任' if role == 'committee' else '监督'}",
                        role, code)
              for i, code in enumerate(cast.COMMUNITIES) if i
              for role in ("committee", "supervisor")]  # fmt: skip
    made = Person.objects.bulk_create(Person(name=post.name) for post in posts)
    Appointment.objects.bulk_create(
        Appointment(
            person=person, role=post.role, place_id=world.places[post.place], from_on=start,
            organisation_id=world.units[post.unit] if post.unit else None, at=at,
        )
        for post, person in zip(posts, made, strict=True)
    )  # fmt: skip
    for post, person in zip(posts, made, strict=True):
        world.posts.setdefault((post.role, post.place), []).append(person.pk)
        if post.unit:
            world.member_of[person.pk] = post.unit
        if post.username:
            world.people[post.username] = person.pk
    _residents(world)
    secret = make_password(cast.PASSWORD)
    Account.objects.bulk_create(
        Account(username=name, person_id=pk, password=secret) for name, pk in world.people.items()
    )


def _grid_workers(world: World) -> Iterator[cast.Post]:
    crowd = Crowd(Random(SEED + 1), world.today)  # noqa: S311
    codes = sorted(code for code in world.places if len(code) == 15 and code.isdigit())
    first = f"{cast.COMMUNITIES[0]}001"
    for code in codes:
        name = crowd.person(youngest=25, oldest=55).name
        username, name = cast.GRID_WORKERS if code == first else ("", name)
        yield cast.Post(username, name, "grid_worker", code)


def _residents(world: World) -> None:
    """The two residents who can be tapped on the sign-in page get their well-known names."""
    for username, (name, _, code) in cast.RESIDENTS.items():
        person = (
            Person.objects.filter(household__grid__code=f"{code}001", head=True)
            .order_by("id")
            .first()
        )
        assert person is not None
        person.name = name
        person.save(update_fields=["name"])
        world.people[username] = person.pk
        if name == "老赵":
            continue
        Membership.objects.get_or_create(
            person=person, place_id=world.places[code], kind="owner", defaults={"from_on": None}
        )
