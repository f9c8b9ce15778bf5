"""What the plain model of the mall is made of: its numbers, orders, lines and claims."""

from dataclasses import dataclass
from datetime import date
from typing import Any

DAY = date(2026, 11, 23)
PRICE, MOST, STOCK, MONTH, PERCENT = 5000, 150, 4, 200, 30
FEES, TERMS = (250, 0), (1, 30)  # of the two shops: 1/10,000 and days
SHOPS, BUYERS, BANK = ("s0", "s1"), ("b0", "b1"), "bank"
Op = tuple[Any, ...]
CLAIM_STEPS = frozenset(
    {"withdraw", "owe", "split", "assign", "ask", "offer", "accept", "decline", "draw_down"}
)


class No(Exception):
    """The step is refused; nothing has changed."""


def need(condition: object) -> None:
    """Refuse unless."""
    if not condition:
        raise No


@dataclass
class Order:
    """Who took what; `on` and `minute` say until when the code is good."""

    buyer: str
    shop: str
    pieces: int
    points: int
    rate: int
    on: date
    state: str = "held"


@dataclass
class Line:
    """A sale, or below zero its refund."""

    shop: str
    order: str
    points: int
    rate: int
    on: date
    state: str = "open"
    statement: str | None = None


@dataclass
class Owed:
    """What a shop owes for a refund of what was settled."""

    shop: str
    points: int
    fen: int
    state: str = "owed"


@dataclass
class Claim:
    """A receivable."""

    statement: str
    holder: str
    face: int
    due: date
    state: str = "draft"
    parent: str | None = None
    financing: str = ""  # asked, offered, accepted, live, repaid, declined
    seller: str = ""
    price: int = 0  # offered for it
