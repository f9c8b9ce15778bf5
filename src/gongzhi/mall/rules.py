"""How many points a price takes, when a claim falls due, who is paid on a clearing day. Pure."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from stdnum.cn import uscc

from gongzhi.core.errors import BadInput


@cache
def terms() -> dict[str, Any]:
    """The starting terms, each group with its source: `terms.toml`."""
    return tomllib.loads(resources.files("gongzhi.mall").joinpath("terms.toml").read_text("utf-8"))


def allowed(new: dict[str, int]) -> None:
    """BadInput where a term is beyond what the rules allow (`terms.toml`, group `most`)."""
    most = terms()["most"]
    for name, value in new.items():
        if not 1 <= value <= most[name]:
            raise BadInput(name, f"请填1到{most[name]}。")
    if new["usual_months"] > new["most_months"]:
        raise BadInput("usual_months", "一般期限不能超过最长期限。")


def credit_code(typed: str) -> str:
    """A unified social credit code (GB 32100) with its check digit right; BadInput otherwise."""
    code: str = uscc.compact(typed.strip().upper())
    if not uscc.is_valid(code):
        raise BadInput("credit_code", "统一社会信用代码不对，请照营业执照再核对一遍。")
    return code


def most_points(price_fen: int, percent: int, rate_fen: int) -> int:
    """Points that pay at most `percent` of a price in fen, at `rate_fen` a point."""
    return price_fen * percent // (100 * rate_fen)


def fee(gross_fen: int, basis_points: int) -> int:
    """The operator's fee in fen, rounded down, of what is owed to a merchant."""
    return max(gross_fen, 0) * basis_points // 10_000


def later(on: date, months: int) -> date:
    """The same day some months later; the last day of a shorter month."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    for day in (on.day, 30, 29, 28):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def due(on: date, due_on: date, usual_months: int, most_months: int, why: str) -> None:
    """BadInput for a term the rule does not allow (银发〔2025〕77号).

    Beyond the usual months a reason is asked for; beyond the most nothing helps.
    """
    if due_on <= on:
        raise BadInput("due_on", "到期日要在今天以后。")
    if due_on > later(on, most_months):
        raise BadInput("due_on", f"付款期限最长{most_months}个月（银发〔2025〕77号）。")
    if due_on > later(on, usual_months) and len(why.strip()) < 4:
        raise BadInput("late_why", f"期限超过{usual_months}个月，要写明原因。")


def parts(face_fen: int, wanted: Sequence[int]) -> list[int]:
    """The parts of a split: at least two, all positive, adding up exactly; BadInput."""
    if not 2 <= len(wanted) <= 20:
        raise BadInput("parts", "请拆成2到20份。")
    if any(part <= 0 for part in wanted):
        raise BadInput("parts", "每一份都要大于零。")
    if sum(wanted) != face_fen:
        raise BadInput("parts", "各份加起来要正好等于原来的金额。")
    return list(wanted)


@dataclass(frozen=True, slots=True)
class Sold:
    """An open line on the day a statement is drawn; a refund counts below zero."""

    id: int
    points: int
    fen: int
    rate: int
    undone: bool  # its order was given back


def stated(lines: Iterable[Sold]) -> list[Sold]:
    """The lines of the next statement: one rate's sales and everything that was undone.

    The oldest rate whose sum is above zero, in points and in fen; empty where none is. What was
    undone goes along whatever its rate: an old refund never holds up what was sold since.
    """
    rows = sorted(lines, key=lambda line: (line.rate, line.id))
    undone = [line for line in rows if line.undone]
    for rate in dict.fromkeys(line.rate for line in rows if not line.undone):
        found = [line for line in rows if line.rate == rate and not line.undone] + undone
        if sum(line.fen for line in found) > 0 and sum(line.points for line in found) > 0:
            return found
    return []


@dataclass(frozen=True, slots=True)
class Claim:
    """An open, due receivable on a clearing day."""

    id: int
    holder: int
    amount_fen: int
    due_on: date
    financed: bool


@dataclass(frozen=True, slots=True)
class Net:
    """What one holder gets, all or nothing."""

    holder: int
    claims: tuple[int, ...]
    amount_fen: int
    paid: bool


def net(claims: Iterable[Claim], available_fen: int) -> list[Net]:
    """Holders in the order they are paid, oldest due first; a bank before others due that day.

    Each holder is paid everything that is due to him or nothing: who does not fit is carried, and
    who comes later is not paid in his stead (nobody overtakes).
    """
    held: dict[int, list[Claim]] = defaultdict(list)
    for claim in claims:
        held[claim.holder].append(claim)

    def place(holder: int) -> tuple[date, bool, int]:
        of = held[holder]
        return min(c.due_on for c in of), not any(c.financed for c in of), holder

    left, found = available_fen, []
    for holder in sorted(held, key=place):
        of = sorted(held[holder], key=lambda c: (c.due_on, c.id))
        amount = sum(c.amount_fen for c in of)
        fits = amount <= left
        left = left - amount if fits else 0
        found.append(Net(holder, tuple(c.id for c in of), amount, fits))
    return found
