"""Majorities are exact: half is not a majority, two thirds is two thirds."""

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.playbooks import load, rules
from gongzhi.playbooks.moves import Attendance, Tally
from gongzhi.playbooks.schema import Gate, HouseRule, Quorum, Stage

# The law's figures once more, independently of the shipped file: quorum, then pass.
HALF, TWO_THIRDS, THREE_QUARTERS = "> 1/2", ">= 2/3", ">= 3/4"
LAW = {
    "villagers_assembly": (
        ("any", (HALF, "members"), (TWO_THIRDS, "households")),
        ((HALF, "present"),),
    ),
    "villagers_assembly_households": (("any", (TWO_THIRDS, "households")), ((HALF, "present"),)),
    "villager_rep_meeting": (("any", (TWO_THIRDS, "members")), ((HALF, "present"),)),
    "villager_group_meeting": (
        ("any", (TWO_THIRDS, "members"), (TWO_THIRDS, "households")),
        ((HALF, "present"),),
    ),
    "residents_assembly": (
        ("any", (HALF, "members"), (HALF, "households")),
        ((HALF, "present"),),
    ),
    "resident_rep_meeting": (("any", (TWO_THIRDS, "members")), ((HALF, "present"),)),
    "collective_member_assembly": (("any", (TWO_THIRDS, "members")), ((TWO_THIRDS, "members"),)),
    "collective_rep_assembly": (("any",), ((TWO_THIRDS, "members"),)),
    "collective_council": (("any", (TWO_THIRDS, "members")), ((HALF, "members"),)),
    "collective_grant_nonmember": (("any",), ((THREE_QUARTERS, "members"),)),
    "owners_meeting_ordinary": (
        ("all", (TWO_THIRDS, "area"), (TWO_THIRDS, "heads")),
        ((HALF, "participating_area"), (HALF, "participating")),
    ),
    "owners_meeting_special": (
        ("all", (TWO_THIRDS, "area"), (TWO_THIRDS, "heads")),
        ((THREE_QUARTERS, "participating_area"), (THREE_QUARTERS, "participating")),
    ),
}
HANDS = sorted(name for name in LAW if not name.startswith("owners"))


def _vote(rule: str | HouseRule, quorum: Quorum | None = None) -> Stage:
    gate = Gate(kind="vote", by=("host",), rule=rule, quorum=quorum)
    return Stage(id="decide", do=("host",), gate=gate)


def _written(parts: Iterable[rules.Part]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{p.op} {p.share.numerator}/{p.share.denominator}", p.of) for p in parts)


def test_the_presets_are_the_laws_figures() -> None:
    found = {
        name: (
            (
                "all" if rule.quorum_all_of else "any",
                *_written(rule.quorum_all_of or rule.quorum_any_of),
            ),
            _written(rule.passing),
        )
        for name, rule in rules.presets().items()
    }
    assert found == LAW
    assert all(rule.binding and rule.law and rule.names for rule in rules.presets().values())


@pytest.mark.parametrize("edition", rules.EDITIONS)
def test_every_rule_is_shown_with_the_words_of_its_article(edition: str) -> None:
    for name, rule in rules.presets(edition).items():
        assert rule.articles, name
        assert all(a.number.startswith("第") and a.text.endswith("。") for a in rule.articles)


WORDS = {  # how the laws write the figures a rule shows beside its shares
    Fraction(1, 10): "十分之一以上", Fraction(1, 5): "五分之一以上", Fraction(1, 3): "三分之一以上",
    Fraction(4, 5): "五分之四以上", Fraction(2, 3): "三分之二以上", Fraction(3, 4): "四分之三以上",
    (5, 15): "五户至十五户", (20, 50): "二十户至五十户", (2, 3): "二至三人",
    10: "十", 15: "15日", 3: "每季度", 6: "每半年", 12: "每年",
}  # fmt: skip


@pytest.mark.parametrize("edition", rules.EDITIONS)
def test_every_figure_of_a_rule_stands_in_the_words_of_the_articles_shown(edition: str) -> None:
    for name, rule in rules.presets(edition).items():
        told = "".join(article.text for article in rule.articles).replace("2/3", "三分之二")
        for part in (*rule.quorum_any_of, *rule.quorum_all_of, *rule.passing):
            word = "过半数" if part.share == Fraction(1, 2) else WORDS[part.share]
            assert word in told, (name, part)
        for part in rule.petition_any_of:
            assert WORDS[part.share] in told, (name, part)
        for days in filter(None, (rule.notice_days, rule.papers_days)):
            assert re.search(f"{WORDS[days]}[天日]|{WORDS[days]}以前", told), (name, days)
        if rule.every_months:
            assert WORDS[rule.every_months] in told, name
        if rule.pre_study:
            assert "研究讨论" in told, name
        for sits in _composed(rule.composition):
            assert WORDS[sits] in told, (name, sits)


def _composed(seats: rules.Composition | None) -> list[Any]:
    if seats is None:
        return []
    of = (seats.reps_share, seats.women_share, seats.households_per_rep, seats.reps_per_group)
    return [figure for figure in of if figure is not None]


def test_repair_money_was_special_in_2018_and_the_use_of_common_parts_was_not() -> None:
    now, before = (rules.presets(e)["owners_meeting_special"].names for e in rules.EDITIONS)
    assert now is not None
    assert before is not None
    assert "改变共有部分用途" in now["zh-Hans"]
    assert "使用维修资金" in before["zh-Hans"]
    assert "用途" not in before["zh-Hans"]


def test_the_law_of_2018_did_not_say_how_often_villagers_meet() -> None:
    assert rules.presets()["villagers_assembly"].every_months == 12
    assert rules.presets("2018")["villagers_assembly"].every_months == 0
    assert rules.presets("2018")["villager_rep_meeting"].every_months == 3


def test_the_law_before_2026_can_be_chosen() -> None:
    now, before = rules.presets(), rules.presets("2018")
    assert now.keys() == before.keys()
    assert before["villagers_assembly"].quorum_any_of == now["villagers_assembly"].quorum_any_of
    assert "2018" in before["villagers_assembly"].law
    assert _written(before["resident_rep_meeting"].quorum_any_of) == ((HALF, "members"),)
    assert before["residents_assembly"].notice_days == 0
    assert before["residents_assembly"].petition_any_of[0].share == Fraction(1, 5)
    assert _written(before["owners_meeting_special"].passing) == (
        (TWO_THIRDS, "area"),
        (TWO_THIRDS, "heads"),
    )
    with pytest.raises(KeyError):
        rules.presets("1998")


def test_notice_composition_and_what_representatives_cannot_decide() -> None:
    law = rules.presets()
    assert [law[n].notice_days for n in ("villagers_assembly", "owners_meeting_ordinary")] == [
        10,
        15,
    ]
    composition = law["villager_rep_meeting"].composition
    assert composition is not None
    assert (composition.reps_share, composition.women_share) == (Fraction(4, 5), Fraction(1, 3))
    assert composition.households_per_rep == (5, 15)
    assert "merger_division" in law["collective_rep_assembly"].cannot_decide
    proxies = law["collective_member_assembly"].proxies
    assert proxies == rules.Proxies(written=True, same_household=True, full_capacity=True)


def test_committee_elections_are_kept_off_line_with_the_article() -> None:
    refused = rules.offline()
    assert {"village_committee_election", "residents_committee_election"} <= refused.keys()
    assert "秘密写票处" in refused["village_committee_election"].articles[0].text


@pytest.mark.parametrize(
    ("tally", "verdict"),
    [
        (Tally(30, 19, 19, 0, 0), "no_decision"),
        (Tally(30, 20, 10, 10, 0), "fail"),
        (Tally(30, 20, 11, 9, 0), "pass"),
        (Tally(100, 100, 50, 50, 0), "fail"),
        (Tally(100, 100, 51, 49, 0), "pass"),
        (Tally(100, 67, 33, 0, 34), "fail"),
        (Tally(0, 0, 0, 0, 0), "no_decision"),
    ],
)
def test_the_representatives_meeting(tally: Tally, verdict: str) -> None:
    assert rules.judge_vote(_vote("villager_rep_meeting"), tally) == verdict


def test_two_thirds_of_all_members_includes_exactly_two_thirds() -> None:
    stage = _vote("collective_member_assembly")
    assert rules.judge_vote(stage, Tally(99, 70, 66, 4, 0)) == "pass"
    assert rules.judge_vote(stage, Tally(99, 99, 65, 34, 0)) == "fail"


def test_a_house_rule_has_its_own_quorum() -> None:
    stage = _vote(HouseRule.model_validate({"pass": "1/2"}), Quorum(min_count=100))
    assert rules.judge_vote(stage, Tally(500, 99, 99, 0, 0)) == "no_decision"
    assert rules.judge_vote(stage, Tally(500, 100, 51, 49, 0)) == "pass"


def test_a_hearing_needs_those_it_is_about() -> None:
    gate = Gate(kind="hearing", by=("host",), quorum=Quorum(min_count=4, include={"affected": 2}))
    stage = Stage(id="hear", do=("host",), gate=gate)
    assert rules.judge_hearing(stage, Attendance(11, 11, {"affected": 1})) == "no_decision"
    assert rules.judge_hearing(stage, Attendance(11, 3, {"affected": 3})) == "no_decision"
    assert rules.judge_hearing(stage, Attendance(11, 4, {"affected": 2})) == "pass"


@given(st.sampled_from(HANDS), st.integers(1, 3000), st.data())
def test_one_more_hand_never_turns_yes_into_no(
    rule: str, members: int, data: st.DataObject
) -> None:
    present = data.draw(st.integers(0, members))
    for_ = data.draw(st.integers(0, present))
    stage = _vote(rule)
    order = {"no_decision": 0, "fail": 1, "pass": 2}
    before = rules.judge_vote(stage, Tally(members, present, for_, 0, 0))
    if for_ < present:
        after = rules.judge_vote(stage, Tally(members, present, for_ + 1, 0, 0))
        assert order[after] >= order[before]


def test_shipped_votes_name_a_rule_of_the_law() -> None:
    stage = load.load(load.shipped() / "xuyi").stage("decide")
    rule = rules.of_stage(stage)
    assert rule is not None
    assert rule.binding


def _representatives(members: int, present: int, for_: int) -> rules.Counts:
    return rules.Counts(members=members, present=present, participating=present, for_=for_)


@given(st.integers(1, 2000))
def test_exactly_one_half_fails_where_more_is_asked_and_passes_where_it_is_enough(
    half: int,
) -> None:
    more = rules.house({"pass": [{"share": "1/2", "op": ">", "of": "present"}]})
    enough = rules.house({"pass": [{"share": "1/2", "op": ">=", "of": "present"}]})
    counts = _representatives(2 * half, 2 * half, half)
    assert rules.judge(more, counts) == "fail"
    assert rules.judge(enough, counts) == "pass"
    assert rules.judge(more, replace(counts, for_=half + 1)) == "pass"


@pytest.mark.parametrize(
    ("present", "households", "verdict"),
    [(50, 20, "no_decision"), (51, 20, "pass"), (50, 26, "pass"), (50, 25, "no_decision")],
)
def test_an_assembly_may_be_reached_by_heads_or_by_households(
    present: int, households: int, verdict: str
) -> None:
    counts = rules.Counts(
        members=100, present=present, households=39, households_present=households, for_=present
    )
    assert rules.judge(rules.presets()["villagers_assembly"], counts) == verdict


def _owners(area: int, heads: int, for_area: int, for_: int) -> rules.Counts:
    return rules.Counts(
        members=90, present=heads, area=900_000, area_present=area, participating=heads,
        participating_area=area, for_=for_, for_area=for_area,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "ordinary", "special"),
    [
        (_owners(600_000, 60, 300_001, 31), "pass", "fail"),
        (_owners(600_000, 60, 300_000, 60), "fail", "fail"),
        (_owners(600_000, 60, 600_000, 30), "fail", "fail"),
        (_owners(600_000, 60, 450_000, 45), "pass", "pass"),
        (_owners(600_000, 60, 449_999, 45), "pass", "fail"),
        (_owners(599_999, 90, 599_999, 90), "no_decision", "no_decision"),
        (_owners(900_000, 59, 900_000, 59), "no_decision", "no_decision"),
    ],
)
def test_owners_need_area_and_heads_both(counts: rules.Counts, ordinary: str, special: str) -> None:
    law = rules.presets()
    assert rules.judge(law["owners_meeting_ordinary"], counts) == ordinary
    assert rules.judge(law["owners_meeting_special"], counts) == special


def test_owners_cannot_decide_by_raised_hands_alone() -> None:
    tally = Tally(100, 100, 100, 0, 0)
    assert rules.judge_vote(_vote("owners_meeting_ordinary"), tally) == "no_decision"


def test_the_quorum_lines_say_what_is_still_missing() -> None:
    rule = rules.presets()["villagers_assembly"]
    counts = rules.Counts(members=300, present=150, households=90, households_present=59)
    heads, households = rules.quorum_lines(rule, counts)
    assert (heads.have, heads.of, heads.needed, heads.reached) == (150, 300, 151, False)
    assert (households.have, households.of, households.needed) == (59, 90, 60)
    assert not rules.quorum_reached(rule, counts)


def test_a_house_rule_never_binds_and_may_ask_for_a_number_of_people() -> None:
    rule = rules.house({"quorum": [{"least": 100}], "pass": [{"share": "2/3", "of": "present"}]})
    assert not rule.binding
    assert rules.judge(rule, _representatives(140, 99, 99)) == "no_decision"
    assert rules.judge(rule, _representatives(140, 120, 80)) == "pass"
    assert rules.judge(rule, _representatives(140, 120, 79)) == "fail"


@st.composite
def _any_counts(draw: st.DrawFn) -> rules.Counts:
    members, area = draw(st.integers(0, 400)), draw(st.integers(0, 10**6))
    households = draw(st.integers(0, 200))
    present, there = draw(st.integers(0, members)), draw(st.integers(0, area))
    for_, for_area = draw(st.integers(0, present)), draw(st.integers(0, there))
    return rules.Counts(
        members=members, present=present, households=households,
        households_present=draw(st.integers(0, households)), area=area, area_present=there,
        participating=present, participating_area=there, for_=for_, for_area=for_area,
    )  # fmt: skip


@given(st.sampled_from(sorted(LAW)), st.sampled_from(rules.EDITIONS), _any_counts())
def test_a_judgement_is_what_its_lines_say_and_never_a_float(
    name: str, edition: str, counts: rules.Counts
) -> None:
    rule = rules.presets(edition)[name]
    verdict = rules.judge(rule, counts)
    lines = (*rules.quorum_lines(rule, counts), *rules.pass_lines(rule, counts))
    assert (verdict == "no_decision") == (not rules.quorum_reached(rule, counts))
    assert all(isinstance(v, int | Fraction | str) for line in lines for v in line)
    assert all(line.reached == (line.of > 0 and line.have >= line.needed) for line in lines)


@given(st.sampled_from(sorted(LAW)), _any_counts())
def test_one_more_vote_for_it_never_turns_a_yes_into_a_no(name: str, counts: rules.Counts) -> None:
    order = {"no_decision": 0, "fail": 1, "pass": 2}
    rule = rules.presets()[name]
    more = replace(
        counts,
        for_=min(counts.for_ + 1, counts.present),
        for_area=min(counts.for_area + 1, counts.area_present),
    )
    assert order[rules.judge(rule, more)] >= order[rules.judge(rule, counts)]


@given(st.integers(1, 3000), st.integers(0, 3000))
def test_needed_is_the_smallest_count_that_is_enough(base: int, count: int) -> None:
    for rule in rules.presets().values():
        for part in (*rule.quorum_any_of, *rule.quorum_all_of, *rule.passing):
            assert part.reached(count, base) == (count >= part.needed(base))
