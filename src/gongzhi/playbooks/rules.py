"""Majorities and quorums, judged with whole numbers and exact fractions.

Source of the presets: the statutes named beside each of them in `rules.toml`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from math import ceil, floor
from operator import ge, gt
from typing import Any, Literal, NamedTuple

from gongzhi.playbooks.kinds import Op
from gongzhi.playbooks.moves import Attendance, Tally
from gongzhi.playbooks.schema import HouseRule, Quorum, Stage

Verdict = Literal["pass", "fail", "no_decision"]
Base = Literal[
    "members", "present", "households", "heads", "area", "participating", "participating_area",
    "villagers_18", "residents_18", "household_reps", "villager_reps", "resident_reps", "groups",
]  # fmt: skip
EDITION = "2025"
EDITIONS = ("2025", "2018")
_COMPARE = {">": gt, ">=": ge}


@dataclass(frozen=True, slots=True)
class Part:
    """A share somebody must reach: strictly (">") or inclusively (">="), or a plain number.

    `least` is a number of heads whatever the base (case 13: a hundred in attendance).
    """

    share: Fraction
    op: Op
    of: Base = "members"
    least: int = 0

    def reached(self, count: int, base: int) -> bool:
        """Whether `count` of `base` is enough. Nothing of nothing never is."""
        enough = not self.share or _COMPARE[self.op](count, self.share * base)
        return base > 0 and enough and count >= self.least

    def needed(self, base: int) -> int:
        """The smallest count that is enough of `base`."""
        share = self.share * base
        least = floor(share) + 1 if self.op == ">" and self.share else ceil(share)
        return max(least, self.least)


class Article(NamedTuple):
    """Where it is written: law, number, and the words themselves."""

    law: str
    number: str
    text: str


class Proxies(NamedTuple):
    """Who may stand in for somebody at that meeting."""

    written: bool = True
    same_household: bool = False
    full_capacity: bool = False


@dataclass(frozen=True, slots=True)
class Composition:
    """Who must sit in the body; shares are of all its members, pairs from and to."""

    reps_share: Fraction | None = None
    women_share: Fraction | None = None
    households_per_rep: tuple[int, int] | None = None
    reps_per_group: tuple[int, int] | None = None
    reps_more_than: int | None = None
    some_women: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of decision. `pass_` and `quorum` are its one-count form for raised hands."""

    id: str
    pass_: Part
    quorum: Part | None = None
    law: str = ""
    binding: bool = False
    names: Mapping[str, str] | None = None
    edition: str = EDITION
    electorate: str = ""
    quorum_any_of: tuple[Part, ...] = ()
    quorum_all_of: tuple[Part, ...] = ()
    pass_all_of: tuple[Part, ...] = ()
    notice_days: int = 0
    adhoc_notice: bool = False  # special circumstances allow shorter notice
    papers_days: int = 0
    petition_any_of: tuple[Part, ...] = ()
    every_months: int = 0
    pre_study: bool = False  # the party branch must have studied it first
    proxies: Proxies | None = None
    composition: Composition | None = None
    cannot_decide: tuple[str, ...] = ()
    articles: tuple[Article, ...] = ()
    by_voting: bool = False  # taking part means voting, not being there (民法典 278)
    weighted: bool = False  # area counts beside heads
    secret_allowed: bool = True

    @property
    def passing(self) -> tuple[Part, ...]:
        """Every share that must agree."""
        return self.pass_all_of or (self.pass_,)


@dataclass(frozen=True, slots=True)
class Offline:
    """What the law keeps off line: elections and recalls of committees."""

    id: str
    names: Mapping[str, str]
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted. Area in 0.01 m²; everything a whole number."""

    members: int
    present: int = 0
    households: int = 0
    households_present: int = 0
    area: int = 0
    area_present: int = 0
    participating: int = 0
    participating_area: int = 0
    for_: int = 0
    against: int = 0
    abstain: int = 0
    for_area: int = 0
    against_area: int = 0
    abstain_area: int = 0


class Line(NamedTuple):
    """One quorum line: have of how many, what is needed, whether it is reached."""

    base: str
    have: int
    of: int
    share: Fraction
    op: Op
    needed: int
    reached: bool


@lru_cache(maxsize=4)
def presets(edition: str = EDITION) -> dict[str, Rule]:
    """The rules of the law by name, in that edition; KeyError for an edition we do not have."""
    if edition not in EDITIONS:
        raise KeyError(edition)
    return {
        name: _preset(name, _in_edition(table, edition), edition)
        for name, table in _data()["preset"].items()
    }


@lru_cache(maxsize=1)
def offline() -> dict[str, Offline]:
    """What this platform refuses to vote on, with the article that says why."""
    return {
        name: Offline(name, table["name"], _articles(table))
        for name, table in _data()["offline"].items()
    }


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = files("gongzhi.playbooks").joinpath("rules.toml").read_text("utf-8")
    return dict(tomllib.loads(text))


def _in_edition(table: dict[str, Any], edition: str) -> dict[str, Any]:
    return {**table, **table.get("edition", {}).get(edition, {})}


def _preset(rule_id: str, table: dict[str, Any], edition: str) -> Rule:
    passing = _parts(table, "pass_all_of")
    any_of, all_of = _parts(table, "quorum_any_of"), _parts(table, "quorum_all_of")
    return Rule(
        id=rule_id,
        pass_=passing[0],
        quorum=next(iter((*any_of, *all_of)), None),
        law=table["law"],
        binding=table["binding"],
        names=table["name"],
        edition=edition,
        electorate=table["electorate"],
        quorum_any_of=any_of,
        quorum_all_of=all_of,
        pass_all_of=passing,
        notice_days=table.get("notice_days", 0),
        adhoc_notice=table.get("adhoc_notice", False),
        papers_days=table.get("papers_days", 0),
        petition_any_of=_parts(table, "petition_any_of"),
        every_months=table.get("every_months", 0),
        pre_study=table.get("pre_study", False),
        proxies=Proxies(**table["proxies"]) if "proxies" in table else None,
        composition=_composition(table.get("composition")),
        cannot_decide=tuple(table.get("cannot_decide", ())),
        articles=_articles(table),
        by_voting=table.get("by_voting", False),
        weighted=table.get("weighted", False),
    )


def _articles(table: dict[str, Any]) -> tuple[Article, ...]:
    return tuple(Article(**article) for article in table["articles"])


def _composition(table: dict[str, Any] | None) -> Composition | None:
    if table is None:
        return None
    shares = {key: Fraction(value) for key, value in table.items() if key.endswith("_share")}
    pairs = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    return Composition(**table | shares | pairs)


def _parts(table: Mapping[str, Any], key: str) -> tuple[Part, ...]:
    return tuple(_part(part) for part in table.get(key, ()))


def _part(table: Mapping[str, Any]) -> Part:
    share, least = Fraction(table.get("share", 0)), int(table.get("least", 0))
    return Part(share, table.get("op", ">="), table.get("of", "members"), least)


def house(rules: Mapping[str, Any]) -> Rule:
    """A forum's own rule out of its JSON; never binding.

    `{"quorum": [{"least": 100}, {"share": "1/2", "op": ">"}], "pass": [{"share": "1/2",
    "op": ">", "of": "present"}]}`: every part of both must be reached. Without `pass`, more than
    half of those present.
    """
    passing = _parts(rules, "pass") or (Part(Fraction(1, 2), ">", "present"),)
    quorum = _parts(rules, "quorum")
    return Rule(
        id="house",
        pass_=passing[0],
        quorum=quorum[0] if quorum else None,
        quorum_all_of=quorum,
        pass_all_of=passing,
        notice_days=int(rules.get("notice_days", 0)),
        names={"zh-Hans": "本会自定的规则", "en": "the forum's own rule"},
    )


def quorum_lines(rule: Rule, counts: Counts) -> tuple[Line, ...]:
    """Every line a quorum is measured by, in the rule's order."""
    return tuple(_line(part, *_there_of(part.of, counts)) for part in _quorum_parts(rule))


def quorum_reached(rule: Rule, counts: Counts) -> bool:
    """Whether a decision can be taken at all: one of `any_of`, and every one of `all_of`."""
    any_of = [part.reached(*_there_of(part.of, counts)) for part in rule.quorum_any_of]
    all_of = [part.reached(*_there_of(part.of, counts)) for part in rule.quorum_all_of]
    return (not any_of or any(any_of)) and all(all_of)


def pass_lines(rule: Rule, counts: Counts) -> tuple[Line, ...]:
    """Every share that must agree, with what agreed."""
    return tuple(_line(part, *_agreed_of(part.of, counts)) for part in rule.passing)


def judge(rule: Rule, counts: Counts) -> Verdict:
    """What the count decides. A missed quorum decides nothing."""
    if not quorum_reached(rule, counts):
        return "no_decision"
    return "pass" if all(line.reached for line in pass_lines(rule, counts)) else "fail"


def _quorum_parts(rule: Rule) -> tuple[Part, ...]:
    return (*rule.quorum_any_of, *rule.quorum_all_of)


def _line(part: Part, have: int, of: int) -> Line:
    return Line(part.of, have, of, part.share, part.op, part.needed(of), part.reached(have, of))


def _there_of(base: str, counts: Counts) -> tuple[int, int]:
    """Who is there, of how many."""
    if base == "households":
        return counts.households_present, counts.households
    if base == "area":
        return counts.area_present, counts.area
    if base in ("participating", "present"):
        return counts.participating, counts.present
    return counts.present, counts.members


def _agreed_of(base: str, counts: Counts) -> tuple[int, int]:
    """Who agreed, of how many."""
    of_area = {"area": counts.area, "participating_area": counts.participating_area}
    if base in of_area:
        return counts.for_area, of_area[base]
    of = {"present": counts.present, "participating": counts.participating}
    return counts.for_, of.get(base, counts.members)


def of_stage(stage: Stage) -> Rule | None:
    """The rule a vote in that stage is judged by; None where there is no vote."""
    rule = stage.gate.rule
    if rule is None:
        return None
    if isinstance(rule, HouseRule):
        return Rule("house", Part(rule.pass_, rule.op, rule.of))
    return presets()[rule]


def judge_vote(stage: Stage, tally: Tally) -> Verdict:
    """What the count decides. A missed quorum decides nothing.

    Raised hands are one count: a rule with several quorums is called as its first, and one that
    counts area beside heads cannot be decided by hands at all.
    """
    rule = of_stage(stage)
    assert rule is not None
    if rule.weighted:
        return "no_decision"
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
