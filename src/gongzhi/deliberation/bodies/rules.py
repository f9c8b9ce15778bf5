"""What the rules say of a body: how it decides, how it is founded, when it is due. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from gongzhi.core.errors import BadInput
from gongzhi.playbooks import rules as law
from gongzhi.playbooks.rules import Rule


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A kind of body as it is usually founded."""

    id: str
    names: Mapping[str, str]
    kind: str
    level: str
    electorate: str
    template: str
    rule: str = ""
    cadence_months: int | None = None
    house: Mapping[str, Any] = field(default_factory=dict)


@cache
def blueprints() -> dict[str, Blueprint]:
    """The kinds of body one can found, in the order of the file."""
    text = files("gongzhi.deliberation.bodies").joinpath("blueprints.toml").read_text("utf-8")
    made: dict[str, Blueprint] = {}
    for name, table in tomllib.loads(text).items():
        table["names"] = table.pop("name")
        made[name] = Blueprint(id=name, **table)
    return made


def rule_of(rule: str, edition: str, house: Mapping[str, Any]) -> Rule:
    """The rule a body decides by: its law's, or the one it set itself (never binding)."""
    return law.presets(edition)[rule] if rule else law.house(house)


def notice_days(rule: Rule, house: Mapping[str, Any]) -> int:
    """Days between notice and session; a forum may ask for more than nothing, never for less."""
    return max(rule.notice_days, int(house.get("notice_days", 0)))


def short_notice_allowed(rule: Rule, house: Mapping[str, Any]) -> bool:
    """Whether special circumstances allow less (2025 laws: village art. 25, urban art. 26)."""
    return rule.adhoc_notice if rule.id != "house" else bool(house.get("adhoc_notice"))


def periods_due(from_on: date, on: date, months: int) -> int:
    """How many whole periods of so many months lie between the first day and `on`, inclusive."""
    return max(0, _months(from_on, on) // months)


def period_of(from_on: date, day: date, months: int) -> int:
    """Which period a day lies in, the first being 0."""
    whole = (day.year - from_on.year) * 12 + day.month - from_on.month
    return (whole - (day.day < from_on.day)) // months


def due_and_held(from_on: date, on: date, months: int, days: list[date]) -> tuple[int, int]:
    """Sessions due and periods in which one was held; the running period counts once held."""
    due = periods_due(from_on, on, months)
    held = {period_of(from_on, day, months) for day in days if from_on <= day <= on}
    return due + len([p for p in held if p >= due]), len(held)


def _months(from_on: date, on: date) -> int:
    """Whole months from the first day to the end of the other."""
    after = date.fromordinal(on.toordinal() + 1)
    months = (after.year - from_on.year) * 12 + after.month - from_on.month
    return months - (after.day < from_on.day)


_PASS_BASES, _QUORUM_BASES = ("present", "participating", "members"), ("members", "households")


def house_parts(
    *, share: str, op: str, base: str, there: str = "", there_op: str = ">=",
    there_base: str = "members", least: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """A forum's own rule as `playbooks.rules.house` reads it: {"pass": [...], "quorum": [...]}.

    `share` and `there` are exact fractions as typed ("2/3"), `op` is ">" (strictly) or ">="; an
    empty `there` with no `least` is no quorum. BadInput names the field.
    """
    if op not in (">", ">="):
        raise BadInput("house_op", "请选“超过”还是“达到”。")
    if base not in _PASS_BASES:
        raise BadInput("house_base", "请选按什么人数算。")
    made: dict[str, Any] = {
        "pass": [{"share": _share(share, op, "house_share"), "op": op, "of": base}]
    }
    quorum: list[dict[str, Any]] = []
    if there.strip():
        if there_op not in (">", ">=") or there_base not in _QUORUM_BASES:
            raise BadInput("house_there", "到会的规矩没有选全。")
        part = _share(there, there_op, "house_there")
        quorum.append({"share": part, "op": there_op, "of": there_base})
    if least:
        quorum.append({"least": least})
    return made | ({"quorum": quorum} if quorum else {})


def _share(words: str, op: str, field: str) -> str:
    """A fraction between nothing and everybody; "超过" everybody can never be reached."""
    try:
        part = Fraction(words.strip().replace("／", "/"))
    except (ValueError, ZeroDivisionError) as wrong:
        raise BadInput(field, "比例请写成 2/3 这样。") from wrong
    if not 0 < part <= 1 or (part == 1 and op == ">") or part.denominator > 1000:
        raise BadInput(field, "比例要大于0，不超过1，比如 1/2、2/3。")
    return f"{part.numerator}/{part.denominator}"
