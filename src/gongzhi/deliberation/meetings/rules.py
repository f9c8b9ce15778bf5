"""What a session may and must do, as far as no table is needed. Pure."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.bodies.models import SeatClass

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
