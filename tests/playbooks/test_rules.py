"""Majorities are exact: half is not a majority, two thirds is two thirds."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.playbooks import load, rules
from gongzhi.playbooks.moves import Attendance, Tally
from gongzhi.playbooks.schema import Gate, HouseRule, Quorum, Stage

# The law's figures once more, independently of the shipped file: quorum, then pass.
LAW = {
    "villagers_assembly": ((">", "1/2"), (">", "1/2", "present")),
    "villagers_assembly_households": ((">=", "2/3"), (">", "1/2", "present")),
    "villager_rep_meeting": ((">=", "2/3"), (">", "1/2", "present")),
    "villager_group_meeting": ((">=", "2/3"), (">", "1/2", "present")),
    "residents_assembly": ((">", "1/2"), (">", "1/2", "present")),
    "resident_rep_meeting": ((">=", "2/3"), (">", "1/2", "present")),
    "collective_member_assembly": ((">=", "2/3"), (">=", "2/3", "members")),
    "collective_rep_assembly": (None, (">=", "2/3", "members")),
    "collective_council": ((">=", "2/3"), (">", "1/2", "members")),
    "collective_grant_nonmember": (None, (">=", "3/4", "members")),
}


def _vote(rule: str | HouseRule, quorum: Quorum | None = None) -> Stage:
    gate = Gate(kind="vote", by=("host",), rule=rule, quorum=quorum)
    return Stage(id="decide", do=("host",), gate=gate)


def test_the_presets_are_the_laws_figures() -> None:
    found = {
        name: (
            rule.quorum and (rule.quorum.op, rule.quorum.share),
            (rule.pass_.op, rule.pass_.share, rule.pass_.of),
        )
        for name, rule in rules.presets().items()
    }
    wanted = {
        name: (
            quorum and (quorum[0], Fraction(quorum[1])),
            (passing[0], Fraction(passing[1]), passing[2]),
        )
        for name, (quorum, passing) in LAW.items()
    }
    assert found == wanted
    assert all(rule.binding and rule.law and rule.names for rule in rules.presets().values())


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


@given(st.sampled_from(sorted(LAW)), st.integers(1, 3000), st.data())
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
