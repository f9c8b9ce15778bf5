"""Majorities and quorums, judged with whole numbers and exact fractions.

Source of the presets: the statutes named beside each of them in `rules.toml`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from operator import ge, gt
from typing import Literal

from gongzhi.playbooks.kinds import Op
from gongzhi.playbooks.moves import Attendance, Tally
from gongzhi.playbooks.schema import HouseRule, Quorum, Stage

Verdict = Literal["pass", "fail", "no_decision"]
_COMPARE = {">": gt, ">=": ge}


@dataclass(frozen=True, slots=True)
class Part:
    """A share somebody must reach: strictly (">") or inclusively (">=")."""

    share: Fraction
    op: Op
    of: Literal["present", "members"] = "members"

    def reached(self, count: int, base: int) -> bool:
        """Whether `count` of `base` is enough. Nothing of nothing never is."""
        return base > 0 and _COMPARE[self.op](count, self.share * base)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for a count by raised hands."""

    id: str
    pass_: Part
    quorum: Part | None = None
    law: str = ""
    binding: bool = False
    names: Mapping[str, str] | None = None


@lru_cache(maxsize=1)
def presets() -> dict[str, Rule]:
    """The rules of the law by name."""
    text = files("gongzhi.playbooks").joinpath("rules.toml").read_text("utf-8")
    return {rule_id: _preset(rule_id, table) for rule_id, table in tomllib.loads(text).items()}


def _preset(rule_id: str, table: dict[str, object]) -> Rule:
    quorum, names = table.get("quorum"), table["name"]
    assert isinstance(names, dict)
    return Rule(
        id=rule_id,
        pass_=_part(table["pass"]),
        quorum=None if quorum is None else _part(quorum),
        law=str(table["law"]),
        binding=bool(table["binding"]),
        names=names,
    )


def _part(table: object) -> Part:
    assert isinstance(table, dict)
    return Part(Fraction(table["share"]), table["op"], table.get("of", "members"))


def of_stage(stage: Stage) -> Rule | None:
    """The rule a vote in that stage is judged by; None where there is no vote."""
    rule = stage.gate.rule
    if rule is None:
        return None
    if isinstance(rule, HouseRule):
        return Rule("house", Part(rule.pass_, rule.op, rule.of))
    return presets()[rule]


def judge_vote(stage: Stage, tally: Tally) -> Verdict:
    """What the count decides. A missed quorum decides nothing."""
    rule = of_stage(stage)
    assert rule is not None
    legal = rule.quorum is None or rule.quorum.reached(tally.present, tally.electorate)
    house = stage.gate.quorum
    if not legal or (house is not None and not _there(house, tally.present, tally.electorate)):
        return "no_decision"
    base = tally.present if rule.pass_.of == "present" else tally.electorate
    return "pass" if rule.pass_.reached(tally.for_, base) else "fail"


def judge_hearing(stage: Stage, attendance: Attendance) -> Verdict:
    """Whether enough of those who must be heard were there."""
    quorum = stage.gate.quorum
    if quorum is None:
        return "pass" if attendance.present > 0 else "no_decision"
    composed = all(attendance.by_role.get(r, 0) >= n for r, n in quorum.include.items())
    there = _there(quorum, attendance.present, attendance.seats)
    return "pass" if composed and there else "no_decision"


def _there(quorum: Quorum, present: int, members: int) -> bool:
    if quorum.min_count is not None and present < quorum.min_count:
        return False
    share = quorum.min_share
    return share is None or Part(share, quorum.op).reached(present, members)
