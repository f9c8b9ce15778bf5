"""A year of about 100,000 matters of one street, written by COPY: rows, events, parts, call-backs.

Each row is what its own events lead to, because both come from the same playing of the playbook.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction

from gongzhi.cli.demo_data import cast
from gongzhi.cli.demo_data.lives import DONE, UNIT_OF
from gongzhi.cli.demo_data.stories import TOWN
from gongzhi.cli.demo_data.world import SEED, World
from gongzhi.cli.demo_data.year import LEVELS, Course, Year
from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.matters import positions, store, sunpage
from gongzhi.matters.models import Matter
from gongzhi.matters.suggest import corpus
from gongzhi.people.models import Household, Person
from gongzhi.places import queries as places
from gongzhi.playbooks import play
from gongzhi.playbooks.moves import Verb

MATTERS = 100_000
CHUNK = 4_000
SHARES = (40, 30, 20, 10)  # 4321: what the source hopes for
TEXTS = 3_000
ON_BOARD = 300  # of the newest that ended, so that the boards are not empty

_MATTER = (
    "id", "number", "title", "body", "category", "category_confirmed", "place_id", "place_path",
    '"where"', "raised_by_id", "consent_note", "source", "anonymous", "sensitive", "urgent",
    "created_at", "updated_at", "version_id", "ladder", *positions.COLUMNS, "silent", "held_by_id",
    "held_path", "tick_at", "round", "settled_level", "advice", "last_seq",
)  # fmt: skip
_EVENT = ("matter_id", "seq", "verb", "result", "at", "by_id", "role", "reason", "position", "data",
          "private")  # fmt: skip
_PART = ("matter_id", "round", "lead", "person_id", "organisation_id", "due_at", "at", "done_at",
         "done_note", "done_by_id", "ended_at")  # fmt: skip
_CALL = ("matter_id", "round", "person_id", "ask_at", "asked_at", "answered_at", "solved", "score",
         "words")  # fmt: skip
_SOURCES = ("page",) * 5 + ("patrol", "patrol", "telephone")


class Street:
    """What the writing needs to know of the street: homes, rungs, who acts where."""

    def __init__(self, world: World, at: datetime) -> None:
        self.world, self.at = world, at
        top = world.places[cast.XINDU]
        version, self.playbook = places.adopted(top, world.today)
        self.digest = version.digest
        self.calendar = places.calendar(top)
        self.homes = list(
            Person.objects.filter(
                household__place__code__startswith=cast.XINDU[:9], head=True
            ).order_by("id").values_list("id", "household__place_id", "household__place__path",
                                         "household__grid__code")
        )  # fmt: skip
        self.paths = dict(_paths(world))
        self.codes = {pk: code for code, pk in world.places.items()}

    def ladder(self, grid: str) -> list[int]:
        """Places of the four rungs above a home."""
        codes = (grid, grid[:12], cast.XINDU, cast.YANDU)
        return [self.world.places[code] for code in codes]

    def actor(self, role: str, level: str, grid: str, unit: str) -> int:
        """Who plays a role of the playbook there."""
        posts, people = self.world.posts, self.world.people
        near = level in ("grid", "community")
        if role == "grid_worker" or (role == "handler" and near):
            return posts["grid_worker", grid][0]
        if role == "handler":
            return next(p for p, key in self.world.member_of.items() if key == unit)
        if role == "supervisor":
            return posts["supervisor", grid[:12]][0]
        if role == "verifier":
            far = people["yan"] if level == "street" else posts["verifier", cast.YANDU][0]
            return posts["supervisor", grid[:12]][0] if near else far
        if level == "street":
            return people["luo"]
        return posts["committee", grid[:12]][0] if near else people["gao"]


def _paths(world: World) -> Iterator[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select id, path from places_place where id = any(%s)",
                       [list(world.places.values())])  # fmt: skip
        yield from cursor.fetchall()


def write(world: World, at: datetime, progress: Callable[[int, int], None],
          count: int = MATTERS) -> None:  # fmt: skip
    """Play and write `count` matters raised in the year before `at`."""
    rng = Random(SEED + 3)  # noqa: S311 - invents, hides nothing
    street = Street(world, at)
    year = Year(street.playbook, street.calendar, rng)
    texts = list(_texts(rng, min(TEXTS, count)))
    starts = sorted(_when(rng, at) for _ in range(count))
    ids, number = _reserve(count)
    for first in range(0, count, CHUNK):
        rows: dict[str, list[tuple[Any, ...]]] = {"m": [], "t": [], "e": [], "p": [], "c": []}
        for n in range(first, min(first + CHUNK, count)):
            wanted = rng.choices(LEVELS, SHARES)[0]
            course = year.course(starts[n], at, wanted, urgent=rng.random() < 0.02)
            _lines(street, rng, rng.choice(texts), course, ids[n], number + n, rows)
        _copy(rows)
        progress(min(first + CHUNK, count), count)
    _hang_up(at)


def _when(rng: Random, at: datetime) -> datetime:
    """Some waking hour of the last year; fewer at weekends."""
    while True:
        day = at.astimezone(SHANGHAI) - timedelta(days=rng.randrange(365))
        when = day.replace(
            hour=rng.randrange(7, 22), minute=rng.randrange(60), second=rng.randrange(60)
        )
        if when < at and (day.weekday() < 5 or rng.random() < 0.6):
            return when


def _texts(rng: Random, count: int) -> Iterator[tuple[str, str, str, str]]:
    for _ in range(count):
        title, body, category = corpus.invent(rng, rng.choice(TOWN))
        yield title, body, category, text.to_tsvector_literal(f"{title}\n{body}\n")


def _reserve(count: int) -> tuple[list[int], int]:
    """Ids of the matters, and the first of their paper numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence('matters_matter', 'id'))"
            " from generate_series(1, %s)", [count],
        )  # fmt: skip
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute("select setval('matters_number', nextval('matters_number') + %s)", [count])
        return ids, cursor.fetchone()[0] - count


def _lines(
    street: Street, rng: Random, words: tuple[str, str, str, str], course: Course, pk: int,
    number: int, rows: dict[str, list[tuple[Any, ...]]],
) -> None:  # fmt: skip
    person, place, path, grid = rng.choice(street.homes)
    title, body, category, search = words
    ladder = street.ladder(grid)
    unit = UNIT_OF.get(category, "city")
    units = {"street": unit if unit in ("water", "power", "police") else "city",
             "district": unit if unit in ("labour", "market") else "market"}  # fmt: skip
    now = course.position
    held = ladder[LEVELS.index(now.level)]
    values = positions.to_values(now)
    sure = any(step.verb is Verb.DISPATCH for step in course.steps)
    rows["m"].append((
        pk, f"GZ{course.start.astimezone(SHANGHAI):%y}{number:07d}", title, body, category, sure,
        place, path, "", person, "", rng.choice(_SOURCES[:5]), True, False, _urgent(course),
        course.start, course.steps[-1].at, street.digest, db.dump(ladder),
        *(values[name] for name in positions.FIELDS), course.silent, held, street.paths[held],
        play.next_tick(street.playbook, now, street.calendar), 1 + _rounds(course),
        course.settled, "", len(course.steps),
    ))  # fmt: skip
    rows["t"].append((pk, search))
    _events(street, course, pk, person, grid, units, rows)
    _parts(street, rng, course, pk, grid, units, rows)
    if course.asked is not None:
        answered, solved, score = course.answer or (None, None, None)
        asked = course.asked if course.asked <= street.at else None
        rows["c"].append((pk, 1 + _rounds(course), person, course.asked, asked or answered,
                          answered, solved, score, ""))  # fmt: skip


def _urgent(course: Course) -> bool:
    """Whether it was raised as urgent: then its first deadline is half an hour."""
    first = course.steps[0].position
    return first.due_at is not None and first.due_at - first.entered_at <= timedelta(minutes=30)


def _rounds(course: Course, until: datetime | None = None) -> int:
    """How often those concerned sent it back to be handled again."""
    return sum(
        before.position.stage == "appraise"
        and after.position.stage in ("handle", "leaders_joint")
        and (until is None or after.at <= until)
        for before, after in zip(course.steps, course.steps[1:], strict=False)
    )


def _events(
    street: Street, course: Course, pk: int, person: int, grid: str, units: dict[str, str],
    rows: dict[str, list[tuple[Any, ...]]],
) -> None:  # fmt: skip
    for seq, step in enumerate(course.steps, 1):
        by = person if step.role in ("raiser", "") and step.verb is not Verb.TICK else None
        if step.role not in ("raiser", ""):
            by = street.actor(step.role, step.level, grid, units.get(step.level, ""))
        reason = "本级没有权限，提请上一级" if step.verb is Verb.ESCALATE else ""
        rows["e"].append((pk, seq, step.verb.value, step.result, step.at, by, step.role, reason,
                          db.dump(positions.to_json(step.position)), db.dump(step.data),
                          False))  # fmt: skip


def _parts(
    street: Street, rng: Random, course: Course, pk: int, grid: str, units: dict[str, str],
    rows: dict[str, list[tuple[Any, ...]]],
) -> None:  # fmt: skip
    """One handler each time it was dispatched; a part not done when it climbed has ended."""
    ups = [step.at for step in course.steps if step.result == "up"]
    starts = [*(since for _, since, _ in course.assigned[1:]), street.at][: len(course.assigned)]
    for (level, since, due), until in zip(course.assigned, starts, strict=True):
        done = next((at for at in course.done if since < at <= until), None)
        climbed = next((at for at in ups if since < at <= until), None)
        unit = street.world.units[units[level]] if level in units else None
        worker = street.actor("handler", level, grid, units.get(level, ""))
        rows["p"].append((
            pk, 1 + _rounds(course, since), True, None if unit else worker, unit, due, since, done,
            rng.choice(DONE) if done else "", worker if done else None,
            climbed,
        ))  # fmt: skip


def _copy(rows: dict[str, list[tuple[Any, ...]]]) -> None:
    tables = {"m": ("matters_matter", _MATTER),
              "t": ("matters_mattertext", ("matter_id", "search")),
              "p": ("matters_assignment", _PART),
              "e": ("matters_event", _EVENT), "c": ("matters_callback", _CALL)}  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        for key, (table, columns) in tables.items():
            with cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy:
                for row in rows[key]:
                    copy.write_row(row)


def _hang_up(at: datetime) -> None:
    """The newest that ended hang on their boards, as the publishing step would have done it."""
    newest = Matter.objects.filter(outcome="done", place_path__isnull=False).order_by("-closed_at")
    for pk, closed in newest.values_list("id", "closed_at")[:ON_BOARD]:
        assert closed is not None
        loaded = store.peek(pk, by=None, at=at)
        playbook = places.playbook(loaded.row["version_id"])
        sunpage.publish_stage(playbook, loaded, loaded.position.stage, by=None, at=closed)


def counts() -> dict[str, int]:
    """What there is, for the closing line and the tests."""
    return {
        "households": Household.objects.count(),
        "people": Person.objects.filter(household__isnull=False).count(),
        "matters": Matter.objects.count(),
    }
