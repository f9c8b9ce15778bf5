"""Which account may pay which, and in what units: the law of the books, in one place.

Points are earned, spent at a shop and expire. They are never bought, given to another resident or
turned into money: token notes in place of RMB are forbidden (Law on the People's Bank of China
art. 20; Regulation on RMB art. 29). The database holds the same list (`ledger_lawful`).
"""

from typing import NamedTuple


class Scale(NamedTuple):
    """How a unit is written: `per` of the smallest part make one, e.g. 100 fen a yuan."""

    per: int
    places: int
    sign: str  # the commodity in beancount and hledger


UNITS = {
    "points": Scale(1, 0, "POINT"),
    "hours": Scale(1, 0, "MINUTE"),
    "cny": Scale(100, 2, "CNY"),
    "shares": Scale(100, 2, "SHARE"),
}

FLOWS = frozenset(
    {
        ("points", "fund", "issuance", "budget"),
        ("points", "return", "budget", "issuance"),
        ("points", "award", "budget", "holder"),
        ("points", "opening", "opening", "holder"),
        ("points", "sale", "holder", "merchant"),
        ("points", "spend", "holder", "merchant"),
        ("points", "spend", "holder", "desk"),
        ("points", "expire", "holder", "expired"),
        ("points", "wipe", "holder", "issuance"),
        ("points", "redeem", "merchant", "issuance"),
        ("points", "advance", "issuance", "merchant"),
        ("points", "redeem", "desk", "issuance"),
        ("hours", "fund", "issuance", "budget"),
        ("hours", "return", "budget", "issuance"),
        ("hours", "service", "issuance", "holder"),
        ("hours", "service", "budget", "holder"),
        ("hours", "opening", "opening", "holder"),
        ("hours", "use", "holder", "used"),
        ("cny", "opening", "opening", "fund"),
        ("cny", "opening", "opening", "claim"),
        ("cny", "deposit", "outside", "fund"),
        ("cny", "withdraw", "fund", "outside"),
        ("cny", "claim", "owed", "claim"),
        ("cny", "assign", "claim", "claim"),
        ("cny", "settle", "claim", "owed"),
        ("cny", "fee", "claim", "fee"),
        ("cny", "fee", "fund", "fee"),
        ("cny", "pay", "fund", "outside"),
        ("cny", "pay", "fee", "outside"),
        ("cny", "discount", "outside", "outside"),
        ("shares", "allot", "issuance", "holder"),
        ("shares", "opening", "opening", "holder"),
        ("shares", "inherit", "holder", "holder"),
        ("shares", "withdraw", "holder", "issuance"),
    }
)
BELOW_ZERO = frozenset({"issuance", "opening", "outside", "owed"})


def lawful(unit: str, code: str, debit_kind: str, credit_kind: str) -> bool:
    """May an account of the first kind pay one of the second, under this code?"""
    return (unit, code, debit_kind, credit_kind) in FLOWS


def written(unit: str, amount: int) -> str:
    """An amount as people and bookkeeping programs read it: 1234 fen are "12.34"."""
    scale = UNITS[unit]
    if not scale.places:
        return str(amount)
    whole, part = divmod(abs(amount), scale.per)
    return f"{'-' if amount < 0 else ''}{whole}.{part:0{scale.places}d}"
