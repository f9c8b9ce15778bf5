"""What a session may and must do, as far as no table is needed. Pure."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.bodies.models import SeatClass
from gongzhi.playbooks.rules import Article, Rule

SORT_WITHIN_DAYS = 3  # case 13: within 3 days offices sort
DUE_DAYS = (15, 30, 90)  # case 13: deadlines
MOST_MANDATES = 3  # one person never speaks for more than three (committee laws, election articles)


@dataclass(frozen=True, slots=True)
class Part:
    """A line of an agenda's template."""

    title: str
    minutes: int = 10
    kind: str = "part"


@dataclass(frozen=True, slots=True)
class Template:
    """An agenda as it is usually held."""

    id: str
    names: Mapping[str, str]
    parts: tuple[Part, ...]


@cache
def templates() -> dict[str, Template]:
    """The agendas of `templates.toml` by name."""
    text = files("gongzhi.deliberation.meetings").joinpath("templates.toml").read_text("utf-8")
    return {
        name: Template(name, table["name"], tuple(Part(**part) for part in table["parts"]))
        for name, table in tomllib.loads(text).items()
    }


def days_between(noticed: datetime, starts: datetime) -> int:
    """Whole days of notice, by the calendar of Shanghai: "提前十日" counts days, not hours."""
    return (starts.astimezone(SHANGHAI).date() - noticed.astimezone(SHANGHAI).date()).days


def missing(required: Iterable[str], there: Iterable[str]) -> list[str]:
    """Seat classes without anybody present, in the order they are required."""
    present = set(there)
    return [one for one in required if one not in present]


def seat_words(classes: Iterable[str]) -> str:
    """Seat classes as people say them."""
    known: dict[str, Any] = dict(SeatClass.choices)
    return "、".join(str(known.get(one, one)) for one in classes)


def overdue(state: str, due_on: date, today: date) -> bool:
    """Whether a pledge's day has passed and nobody has said what became of it."""
    return state in ("open", "extended") and due_on < today


@dataclass(frozen=True, slots=True)
class Seated:
    """Who sits in a body of representatives, in numbers only: nobody's sex is ever named.

    `women` are representatives known as women, `unsaid` those of whom the roster does not say.
    """

    members: int
    representatives: int
    women: int
    unsaid: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What the law asks of a body's composition and is not there; `needed` is the least number."""

    kind: str  # representatives, women, number, some_women
    have: int
    of: int
    needed: int
    share: Fraction | None = None


def gaps(rule: Rule, seated: Seated) -> list[Gap]:
    """What a representatives' meeting lacks by its law, exactly; [] when it may meet.

    Villagers Committee Law 2025 art. 29 (representatives at least 4/5 of the members, women among
    the representatives at least 1/3 of them), Urban Residents Committee Law 2025 art. 28 (4/5),
    Rural Collectives Law art. 28 (more than twenty representatives, some of them women). Who may
    be a woman counts as one: a roster that does not say proves no breach.
    """
    asked = rule.composition
    if asked is None or not seated.members:
        return []
    women, found = seated.women + seated.unsaid, []
    for kind, have, share in (
        ("representatives", seated.representatives, asked.reps_share),
        ("women", women, asked.women_share),
    ):
        if share is not None and Fraction(have, seated.members) < share:
            found.append(Gap(kind, have, seated.members, _at_least(share, seated.members), share))
    if asked.reps_more_than is not None and seated.representatives <= asked.reps_more_than:
        found.append(Gap("number", seated.representatives, seated.members,
                         asked.reps_more_than + 1))  # fmt: skip
    if asked.some_women and not women:
        found.append(Gap("some_women", 0, seated.members, 1))
    return found


def _at_least(share: Fraction, of: int) -> int:
    """The smallest whole number that is at least the share."""
    return -(-share.numerator * of // share.denominator)


def article_on_composition(rule: Rule) -> Article | None:
    """The article that says who sits in it."""
    return next((a for a in rule.articles if "代表" in a.text and "占" in a.text), None) or next(
        iter(rule.articles), None
    )
