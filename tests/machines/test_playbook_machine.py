"""Anybody may try anything at any time: a matter still never gets stuck, lost or out of bounds."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from tests.playbooks import walks

from gongzhi.playbooks import grants, load, play, statutory
from gongzhi.playbooks.moves import (
    Attendance,
    Move,
    Outcome,
    Played,
    Position,
    Ratings,
    Refused,
    Resolution,
    Step,
    Tally,
    Verb,
)
from gongzhi.playbooks.room import Room
from gongzhi.playbooks.schema import Playbook

EXAMPLE = Path(__file__).parents[1] / "playbooks" / "examples" / "everything"
FOLDERS = [f for f in sorted(load.shipped().iterdir()) if f.is_dir()] + [EXAMPLE]
ALL = load.load_all(FOLDERS)[0]
IN_CI, AT_NIGHT, STEPS = 150, 4000, 100
COMMANDS = dict.fromkeys(ALL, 0)
PEOPLE = ("raiser", "neighbour", "clerk", "second clerk", "worker", "stranger")
ITEMS = ("village_public_works", "collective_land", "urban_important", "no_such_item", "")
RULES = ("house", "villager_rep_meeting", "collective_member_assembly", "residents_assembly")
VERBS = [verb for verb in Verb if verb is not Verb.RAISE]


def _people(playbook: Playbook) -> dict[str, frozenset[str]]:
    staff = frozenset(role.id for role in playbook.roles if not role.special)
    near = {r.id: r.special for r in playbook.roles if r.special not in ("", "assignee")}
    return {
        "raiser": frozenset(near),
        "neighbour": frozenset(r for r, special in near.items() if special != "raiser"),
        "clerk": staff,
        "second clerk": staff,
        "worker": staff,
        "stranger": frozenset(),
    }


def _move(verb: Verb, room: Room, n: int) -> Move:
    """Some move of that verb out of a number: often well made, sometimes not."""
    stage = room.playbook.stage(room.position.stage)
    reasons = (*(stage.deadline.pause_on if stage.deadline else ()), "因为", "", " ")
    present = n % 32
    return Move(
        verb=verb,
        reason=reasons[n % len(reasons)],
        tally=Tally(30, present, min(present, n % 37), n % 3, 0) if n % 11 else None,
        attendance=Attendance(15, n % 17, {r.id: n % 5 for r in room.playbook.roles}),
        ratings=Ratings(3, {n % 6: n % 4}, n % 2) if n % 13 else None,
        assignees=PEOPLE[n % 6 : n % 6 + n % 3],
        until=room.at + timedelta(days=n % 40 - 2) if n % 7 else None,
        item=ITEMS[n % len(ITEMS)] if n % 5 == 0 else "",
    )


def _counted(n: int, item: str = "") -> Move:
    """Some ballot's resolution; with an item one that settles it."""
    rule = statutory.items()[item].decided_by[0] if item else RULES[n % len(RULES)]
    verdict = "pass" if item or n % 3 else ("fail", "no_decision")[n % 2]
    resolution = Resolution(n, "7" if item or n % 7 else "", "", rule, "2025",
                            rule != "house", verdict)  # fmt: skip
    return Move(Verb.RESOLVE, resolution=resolution)


class Machine(RuleBasedStateMachine):
    """One matter, six people, the clock; every command is a try."""

    playbook: Playbook

    @initialize(
        level=st.integers(0, 9), urgent=st.booleans(), topic=st.integers(0, 9), n=st.integers(0, 9)
    )
    def raised(self, level: int, urgent: bool, topic: int, n: int) -> None:
        """It begins somewhere on the ladder."""
        levels = [found.id for found in self.playbook.levels]
        topics = ["", *(self.playbook.climb.topics if self.playbook.climb else ())]
        self.room = Room(
            playbook=self.playbook,
            people=_people(self.playbook),
            at=walks.START + timedelta(hours=7 * n),
            level=levels[level % len(levels)],
            urgent=urgent,
            topic=topics[topic % len(topics)],
            in_conflict=frozenset({"second clerk"} if n % 3 == 0 else ()),
        )

    def _try(self, who: str | None, move: Move) -> None:
        COMMANDS[self.playbook.id] += 1
        room, before = self.room, self.room.position
        open_to = play.available(self.playbook, before, room.facts(who))
        handlers = frozenset(room.handlers)
        answer = room.play(who, move)
        if isinstance(answer, Refused):
            assert room.position == before
            assert answer.code
            assert answer.words.endswith("。")
        else:
            assert move.verb in open_to
            assert not (move.verb in grants.NOT_BY_HANDLER and who in handlers)
            self._answered(before, answer)

    def _answered(self, before: Position, answer: Played) -> None:
        now = answer.position
        assert now == self.room.position
        rungs = self.playbook.level_index(now.level) - self.playbook.level_index(before.level)
        if answer.result == "no_decision":
            assert now == before
        if not self.playbook.stage(now.stage).level:
            assert abs(rungs) <= 1
        assert answer.result != "down" or rungs == -1
        assert not answer.silent or answer.result in ("pass", "fail", "end")

    @rule(who=st.sampled_from(PEOPLE), verb=st.sampled_from(VERBS), n=st.integers(0, 9999))
    def anything(self, who: str, verb: Verb, n: int) -> None:
        """Anybody tries anything."""
        self.room.attachments = n % 2
        self._try(who, _move(verb, self.room, n))

    @rule(who=st.sampled_from(PEOPLE), pick=st.integers(0, 99), n=st.integers(0, 9999))
    def offered(self, who: str, pick: int, n: int) -> None:
        """Somebody presses one of the buttons he is shown."""
        offered = play.available(self.playbook, self.room.position, self.room.facts(who))
        self._try(
            who,
            _move(offered[pick % len(offered)], self.room, n) if offered else Move(Verb.COMMENT),
        )

    @rule(n=st.integers(0, 9999))
    def a_ballot_closes(self, n: int) -> None:
        """A meeting decided, or a forum gave its opinion; no person of the playbook is asked."""
        before = self.room.position
        answer = self.room.play(None, _counted(n))
        assert isinstance(answer, Played) or before.outcome
        COMMANDS[self.playbook.id] += 1

    @rule(n=st.integers(0, 9999))
    def onwards(self, n: int) -> None:
        """Somebody brings the gate to a decision, so that long ways are walked as well."""
        before = len(self.room.history)
        if not self.room.position.outcome:
            walks.gate(self.room, yes=n % 4 != 0)
        COMMANDS[self.playbook.id] += max(1, len(self.room.history) - before)

    @rule(hours=st.integers(0, 400), n=st.integers(0, 9999))
    def time_passes(self, hours: int, n: int) -> None:
        """The clock runs, looking whenever it has something to do."""
        room, until = self.room, self.room.at + timedelta(hours=hours)
        room.ratings = _move(Verb.TICK, room, n)
        for _ in range(60):
            due = play.next_tick(self.playbook, room.position, room.calendar)
            if due is None or due > until:
                break
            room.at = max(room.at, due)
            self._tick()
        else:
            pytest.fail("the clock never comes to rest")
        room.at = until
        self._tick()

    def _tick(self) -> None:
        before = self.room.position
        self._try(None, self.room.ratings)
        now = self.room.position
        if before.due_at and now.due_at and not before.outcome:
            assert now.due_at >= before.due_at
        if (now.stage, now.level) == (before.stage, before.level):
            assert now.warned >= before.warned
        again = play.decide(
            self.playbook, now, self.room.ratings, self.room.facts(None), self.room.at
        )
        assert again == Played(now)

    @invariant()
    def exactly_one_stage(self) -> None:
        """A stage, a rung, a step that belongs to the gate, a clock only while it runs."""
        if not hasattr(self, "room"):
            return
        now = self.room.position
        stage = self.playbook.stage(now.stage)
        self.playbook.level_index(now.level)
        assert (now.step != Step.NONE) == (stage.gate.kind == "joint" and not now.outcome)
        assert now.outcome in ("", *Outcome)
        assert bool(now.outcome) == (now.ended_at is not None)
        if now.outcome:
            assert now.due_at is None
            assert play.next_tick(self.playbook, now, self.room.calendar) is None

    @invariant()
    def nothing_is_worked_on_before_the_law_allows(self) -> None:
        """What only an assembly decides is in no working stage without its resolution."""
        if hasattr(self, "room") and self.room.position.statutory:
            assert self.room.position.resolution or not self.room.position.step

    @invariant()
    def everything_is_bounded(self) -> None:
        """Loops, returns, extensions, rungs."""
        if not hasattr(self, "room"):
            return
        now, limits, climb = self.room.position, self.playbook.limits, self.playbook.climb
        assert climb is not None
        assert now.loops <= limits.loops
        assert now.extensions <= limits.extensions
        assert now.returns <= climb.max_returns
        assert now.descents <= climb.max_descents
        assert now.reopened <= 1
        assert now.climbs <= len(self.playbook.levels) - 1 + now.descents
        assert now.warned in (0, 50, 80, 100)

    def teardown(self) -> None:
        """From wherever it stands it can be brought to its end, and all of it can be replayed."""
        if not hasattr(self, "room"):
            return
        room = self.room
        assert room.replayed() == room.position
        assert play.position_from_dict(play.position_to_dict(room.position)) == room.position
        room.people = {**walks.room(self.playbook).people, "helper": frozenset()}
        room.in_conflict = frozenset()
        for _ in range(40):
            if room.position.outcome:
                return
            _finish(room)
        pytest.fail(f"stuck at {room.position}")


def _finish(room: Room) -> None:
    """One step towards the end."""
    now = room.position
    if now.statutory and not now.resolution:
        assert isinstance(room.play(None, _counted(1, now.statutory)), Played)
    elif now.parked_until is not None:
        assert walks.somebody(room, Verb.UNPARK, Move(Verb.UNPARK))
    elif now.paused_at is not None:
        assert walks.somebody(room, Verb.RESUME, Move(Verb.RESUME))
    elif now.return_pending:
        assert walks.somebody(room, Verb.REJECT_RETURN, Move(Verb.REJECT_RETURN, "请办"))
    elif now.step is Step.HANDLING:
        for name in sorted(room.undone):
            room.people = {**room.people, name: room.people.get(name, frozenset())}
            assert isinstance(room.play(name, Move(Verb.REPORT_DONE)), Played)
    elif now.step is Step.VERIFYING:
        assert walks.somebody(room, Verb.VERIFY, Move(Verb.VERIFY))
    else:
        walks.gate(room, yes=True)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("playbook_id", ALL)
def test_random_commands_never_break_a_playbook(
    playbook_id: str, pytestconfig: pytest.Config
) -> None:
    asked = pytestconfig.getoption("--nightly", False)
    night = asked or os.environ.get("GONGZHI_NIGHTLY") == "1"
    machine: Any = type("Of" + playbook_id, (Machine,), {"playbook": ALL[playbook_id]})
    run_machine(
        machine,
        settings=settings(
            max_examples=AT_NIGHT if night else IN_CI,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not night,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert COMMANDS[playbook_id] >= 10_000, "together at least 20,000 commands"
