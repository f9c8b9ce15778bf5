"""`decide`, by a playbook that uses what the shipped ones do not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gongzhi.core.clock import SHANGHAI
from gongzhi.playbooks import ladder, load, play
from gongzhi.playbooks.moves import Facts, Move, Played, Ratings, Refused, Step, Tally, Verb
from gongzhi.playbooks.room import Room

from . import walks

EVERYTHING = load.load(Path(__file__).parent / "examples" / "everything")
XUYI = load.load(load.shipped() / "xuyi")
XINDU = load.load(load.shipped() / "xindu")
AT = walks.START


def _room(stage: str = "second", level: str = "building") -> Room:
    people = {role.id: frozenset({role.id}) for role in EVERYTHING.roles}
    room = Room(EVERYTHING, people, AT)
    if stage != "second":
        fixed = EVERYTHING.stage(stage).level
        room.position = ladder.enter(
            EVERYTHING, room.position, stage, room.facts(None), AT, fixed or level
        )
        room.first = room.position
    return room


def _code(answer: object) -> str:
    assert isinstance(answer, Refused)
    return answer.code


def _played(answer: object) -> Played:
    assert isinstance(answer, Played)
    return answer


def test_all_must_sign_and_nobody_twice() -> None:
    room = _room()
    assert _played(room.play("raiser", Move(Verb.SIGN))).result == "stay"
    assert _code(room.play("raiser", Move(Verb.SIGN))) == "signed"
    assert _played(room.play("seconder", Move(Verb.SIGN))).result == "pass"
    assert room.position.stage == "review"


def test_a_stage_that_closes_by_itself_says_that_nobody_answered() -> None:
    room = _room()
    (*_, last) = room.wait_until(AT + timedelta(days=15))
    assert (last.result, last.silent, room.position.outcome) == ("end", True, "refused")


def test_a_deadline_may_count_as_failure() -> None:
    room = _room("review")
    (*_, last) = room.wait_until(AT + timedelta(days=3))
    assert (last.result, room.position.outcome) == ("fail", "refused")


@pytest.mark.parametrize(
    ("tally", "result"),
    [
        (Tally(9, 4, 4, 0, 0), "no_decision"),
        (Tally(4, 2, 2, 0, 0), "no_decision"),
        (Tally(9, 9, 5, 4, 0), "fail"),
        (Tally(9, 9, 6, 3, 0), "pass"),
        (Tally(9, 6, 6, 0, 0), "pass"),
    ],
)
def test_a_house_rule_counts_all_members_and_needs_both_quorums(tally: Tally, result: str) -> None:
    room = _room("confer")
    assert _played(room.play("office", Move(Verb.RESOLVE, tally=tally))).result == result


@pytest.mark.parametrize(
    "tally", [None, Tally(9, 10, 5, 4, 0), Tally(9, 9, 5, 5, 0), Tally(9, 9, -1, 5, 0)]
)
def test_a_tally_that_cannot_be_true_is_refused(tally: Tally | None) -> None:
    assert _code(_room("confer").play("office", Move(Verb.RESOLVE, tally=tally))) == "tally_wrong"


def test_what_is_voted_down_climbs_and_no_further_than_it_may() -> None:
    room, down = _room("confer"), Move(Verb.RESOLVE, tally=Tally(9, 9, 0, 9, 0))
    assert _played(room.play("office", down)).result == "fail"
    assert (room.position.stage, room.position.level) == ("confer", "grid")
    room.play("office", down)
    assert (room.position.stage, room.position.unsolved) == ("board", True)


def test_a_climb_by_decision_keeps_the_clock_but_a_passed_one_starts_anew() -> None:
    room = _room("confer")
    due = room.position.due_at
    room.at = AT + timedelta(days=4)
    room.play("office", Move(Verb.ESCALATE, "本楼议不了"))
    assert (room.position.level, room.position.due_at) == ("grid", due)
    late = _room("confer")
    late.wait_until(AT + timedelta(days=10))
    assert late.position.level == "grid"
    assert late.position.due_at == AT + timedelta(days=20)


def test_a_matter_that_climbed_enough_is_only_reminded() -> None:
    room = _room("confer")
    results = [played.result for played in room.wait_until(AT + timedelta(days=60))]
    assert results == ["warn", "up", "warn", "warn"]
    assert play.next_tick(EVERYTHING, room.position, room.calendar) is None
    assert _code(room.play("office", Move(Verb.ESCALATE, "再往上"))) == "at_top"


def test_sent_down_once_and_up_again_only_within_the_bound() -> None:
    room = _room("confer", "grid")
    assert _played(room.play("office", Move(Verb.SEND_DOWN, "楼里能定"))).result == "down"
    room.play("office", Move(Verb.ESCALATE, "定不了"))
    assert _code(room.play("office", Move(Verb.SEND_DOWN, "再下去"))) == "no_way_down"


def test_nothing_attached_nothing_done() -> None:
    room = _room("work")
    assert _code(room.play("office", Move(Verb.ATTACH))) == "nothing_attached"
    room.attachments = 1
    assert _played(room.play("office", Move(Verb.ATTACH))).result == "pass"
    assert room.position.level == "village"


def test_several_handlers_are_done_when_the_last_is() -> None:
    room = _room("assembly")
    assert _code(room.play("office", Move(Verb.DISPATCH))) == "assignees_wrong"
    assert (
        _code(room.play("office", Move(Verb.DISPATCH, assignees=("a", "a")))) == "assignees_wrong"
    )
    room.people = {**room.people, "a": frozenset(), "b": frozenset()}
    room.play("office", Move(Verb.DISPATCH, assignees=("a", "b")))
    room.play("a", Move(Verb.REPORT_DONE))
    steps = [room.position.step]
    room.play("office", Move(Verb.TRANSFER, "换人", assignees=("worker",)))
    room.play("worker", Move(Verb.REPORT_DONE))
    assert [*steps, room.position.step] == [Step.HANDLING, Step.VERIFYING]
    assert _code(room.play("office", Move(Verb.EXTEND, "再等"))) == "no_deadline"


def test_a_return_is_reviewed_and_not_by_the_handler() -> None:
    room = _room("assembly")
    room.people = {**room.people, "both": frozenset({"office"})}
    room.play("office", Move(Verb.DISPATCH, assignees=("both",)))
    room.play("both", Move(Verb.RETURN, "不归我管"))
    assert _code(room.play("both", Move(Verb.ACCEPT_RETURN))) == "own_work"
    assert _code(room.play("both", Move(Verb.REPORT_DONE))) == "not_now"
    room.play("office", Move(Verb.REJECT_RETURN, "归你管"))
    assert _code(room.play("both", Move(Verb.RETURN, "还是不归"))) == "too_many_returns"


@pytest.mark.parametrize(
    ("ratings", "stage"),
    [
        (Ratings(4, {5: 3}), "judge"),
        (Ratings(4, {5: 3, 1: 1}), "board"),
        (Ratings(4, {5: 2, 1: 2}, 2), "work"),
        (Ratings(4, {2: 3, 3: 1}), "work"),
        (Ratings(1, {5: 1}), "board"),
        (Ratings(1, unscored=1), "board"),
        (Ratings(1, not_solved=1, unscored=1), "work"),
        (Ratings(4, {5: 1}, unscored=3), "board"),  # the mean is of the scores given
        (Ratings(4, {1: 1}, unscored=3), "work"),
        (Ratings(4, {5: 1}, unscored=2), "judge"),
    ],
)
def test_all_who_were_asked_are_waited_for(ratings: Ratings, stage: str) -> None:
    room = _room("judge")
    room.play("raiser", Move(Verb.RATE, ratings=ratings))
    assert room.position.stage == stage


@pytest.mark.parametrize(
    ("ratings", "result", "silent"),
    [
        (None, "pass", True),
        (Ratings(9, {}), "pass", True),
        (Ratings(9, {5: 1}), "pass", True),
        (Ratings(9, {1: 1}, 1), "fail", False),
        (Ratings(9, {5: 2}), "pass", False),
        (Ratings(9, {1: 2}), "fail", False),
        (Ratings(9, {}, 1), "fail", False),
    ],
)
def test_silence_is_never_satisfaction(ratings: Ratings | None, result: str, silent: bool) -> None:
    room = _room("judge")
    room.ratings = Move(Verb.TICK, ratings=ratings)
    (*_, last) = room.wait_until(AT + timedelta(days=7))
    assert (last.result, last.silent) == (result, silent)


@pytest.mark.parametrize(
    "ratings",
    [
        None, Ratings(1, {5: 2}), Ratings(3, {6: 1}), Ratings(3, {5: -1}),
        Ratings(1, {5: 1}, unscored=1), Ratings(3, unscored=-1),
    ],
)  # fmt: skip
def test_ratings_that_cannot_be_true_are_refused(ratings: Ratings | None) -> None:
    assert _code(_room("judge").play("raiser", Move(Verb.RATE, ratings=ratings))) == "ratings_wrong"


def test_the_clock_only_looks_and_people_never_play_the_clock() -> None:
    room = _room()
    assert _code(room.play(None, Move(Verb.SIGN))) == "not_yours"
    assert _code(room.play("raiser", Move(Verb.TICK))) == "not_yours"
    assert _code(room.play("raiser", Move(Verb.RAISE))) == "not_yours"


def test_a_warning_is_announced_once() -> None:
    room = _room()
    room.at = AT + timedelta(days=13)
    first = _played(room.play(None, Move(Verb.TICK)))
    again = _played(room.play(None, Move(Verb.TICK)))
    assert (first.result, first.warned) == ("warn", 80)
    assert (again.result, again.warned) == ("stay", 0)
    assert again.position == first.position


def test_a_pause_moves_both_ends_of_the_clock() -> None:
    room = walks.room(XUYI)
    walks.gate(room, yes=True)
    room.play("committee", Move(Verb.PAUSE, "busy_season"))
    due = room.position.due_at
    assert room.wait_until(room.at + timedelta(days=30)) == []
    room.play("committee", Move(Verb.RESUME))
    assert room.position.due_at is not None
    assert due is not None
    assert room.position.due_at - due == timedelta(days=30)
    assert [played.warned for played in room.wait_until(room.at + timedelta(days=8))] == [50]


def test_a_parked_matter_comes_up_on_its_day() -> None:
    room = walks.room(XUYI)
    until = AT + timedelta(days=100)
    room.play("committee", Move(Verb.PARK, "等钱", until=until))
    assert _code(room.play("committee", Move(Verb.ACCEPT))) == "parked"
    assert play.next_tick(XUYI, room.position, room.calendar) == until
    (review,) = room.wait_until(until)
    assert (review.result, room.position.parked_until) == ("review", None)
    assert room.position.due_at == AT + timedelta(days=103)


def test_topics_start_higher_and_unknown_ones_where_they_are() -> None:
    facts = Facts(calendar=_room().calendar, topic="major_safety")
    assert play.start(XINDU, facts, AT).level == "district"
    assert play.start(XINDU, facts, AT, "grid").level == "district"
    assert play.start(XINDU, replace(facts, topic="noise"), AT, "street").level == "street"
    with pytest.raises(KeyError):
        play.start(XINDU, replace(facts, topic=""), AT, "moon")


def test_an_urgent_matter_has_half_an_hour() -> None:
    facts = Facts(calendar=_room().calendar, urgent=True)
    night = datetime(2026, 3, 1, 3, 0, tzinfo=SHANGHAI)
    assert play.start(XINDU, facts, night).due_at == night + timedelta(minutes=30)


def test_a_time_without_a_zone_is_an_error_and_zones_do_not_matter() -> None:
    room = _room()
    naive = datetime(2026, 3, 2, 9, 0)
    with pytest.raises(ValueError, match="time zone"):
        play.decide(EVERYTHING, room.position, Move(Verb.SIGN), room.facts("raiser"), naive)
    utc = play.start(EVERYTHING, room.facts(None), AT.astimezone(UTC))
    assert utc == room.position


def test_what_is_shown_is_what_may_be_done() -> None:
    room = walks.room(XINDU)
    assert play.available(XINDU, room.position, room.facts("the raiser")) == [
        Verb.RECALL,
        Verb.COMMENT,
    ]
    assert Verb.ACCEPT in play.available(XINDU, room.position, room.facts("grid_worker"))
    assert play.available(XINDU, room.position, room.facts("worker")) == []
    assert play.available(XINDU, room.position, room.facts(None)) == [Verb.TICK]


def test_a_position_survives_storing_and_older_ones_take_defaults() -> None:
    stored = play.position_to_dict(_room("assembly").position)
    assert play.position_from_dict(stored) == _room("assembly").position
    del stored["unsolved"], stored["step"]
    stored["forgotten"] = 1
    assert play.position_from_dict(stored).unsolved is False


def test_an_office_may_act_for_a_rung_that_has_none() -> None:
    assert EVERYTHING.held_at("office", "building") == {"building", "village"}
    assert EVERYTHING.held_at("office", "village") == {"village"}
    assert EVERYTHING.held_at("watch", "grid") == {"village"}


def test_what_was_counted_in_a_stage_is_forgotten_on_leaving_it() -> None:
    room = walks.room(XUYI)
    for _ in range(3):
        walks.gate(room, yes=True)
    room.play("committee", Move(Verb.EXTEND, "等料"))
    for name in ("worker", "party"):
        room.play("committee", Move(Verb.DISPATCH, assignees=(name,)))
        room.play(name, Move(Verb.RETURN, "不归我管"))
        room.play("committee", Move(Verb.ACCEPT_RETURN))
    assert (room.position.returns, room.position.extensions) == (2, 1)
    assert walks.gate(room, yes=True)
    assert walks.gate(room, yes=False)
    assert room.position.stage == "handle"
    assert (room.position.returns, room.position.extensions) == (0, 0)


def test_a_handler_cannot_close_his_own_work_through_any_gate() -> None:
    last = XUYI.stages[-1]
    gate = last.gate.model_copy(update={"kind": "attach", "by": ("committee",)})
    stages = (*XUYI.stages[:-1], last.model_copy(update={"gate": gate}))
    room = walks.room(XUYI.model_copy(update={"stages": stages}))
    room.people = {**room.people, "both": frozenset({"committee"})}
    for _ in range(3):
        walks.gate(room, yes=True)
    room.play("committee", Move(Verb.DISPATCH, assignees=("both",)))
    room.play("both", Move(Verb.REPORT_DONE))
    room.play("verifier", Move(Verb.VERIFY))
    walks.gate(room, yes=True)
    room.attachments = 1
    assert _code(room.play("both", Move(Verb.ATTACH))) == "own_work"
    room.attachments = 1
    assert _played(room.play("committee", Move(Verb.ATTACH))).position.outcome == "done"
