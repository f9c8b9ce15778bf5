"""Moving on: into a stage, along an edge, up and down the ladder. Every way back is bounded."""

from dataclasses import replace
from datetime import datetime

from gongzhi.playbooks.kinds import END, REFUSED, EdgeKind
from gongzhi.playbooks.moves import Facts, Outcome, Played, Position, Step
from gongzhi.playbooks.schema import Playbook, Stage


def enter(
    playbook: Playbook, position: Position, stage_id: str, facts: Facts, at: datetime, level: str
) -> Position:
    """The position at the beginning of a stage: a new clock, nothing paused, nothing counted."""
    stage = playbook.stage(stage_id)
    level = stage.level or level
    rungs = playbook.level_index(level) - playbook.level_index(position.level)
    fresh = replace(
        position,
        stage=stage_id,
        level=level,
        entered_at=at,
        step=Step.DISPATCHING if stage.gate.kind == "joint" else Step.NONE,
        paused_at=None,
        pause_reason="",
        parked_until=None,
        climbs=position.climbs + max(rungs, 0),
        returns=0,
        extensions=0,
        return_pending=False,
    )
    return wind(fresh, playbook.stage_on(stage_id, level), facts, at)


def wind(position: Position, stage: Stage, facts: Facts, at: datetime) -> Position:
    """The clock of the stage set going at `at`."""
    if stage.deadline is None:
        return replace(position, due_at=None, clock_from=None, unit="", warned=0)
    term = stage.deadline.term(facts.urgent)
    due = facts.calendar.add(at, term)
    return replace(position, due_at=due, clock_from=at, unit=term.unit, warned=0)


def barred_by_law(playbook: Playbook, position: Position, stage_id: str | None) -> bool:
    """Whether the stage carries out what only an assembly may decide, and none has yet.

    Source: the statutes in `statutory`; cases.md 1.2, invariant 5.
    """
    if not position.statutory or position.resolution or stage_id in (None, END, REFUSED):
        return False
    return playbook.stage(stage_id).gate.kind == "joint"


def before_work(playbook: Playbook, stage_id: str) -> str | None:
    """The stage that decides what that one carries out: the nearest vote before it, else the
    nearest stage that is no work itself; None if there is nothing before it."""
    earlier = playbook.stages[: playbook.stage_index(stage_id)]
    votes = [stage.id for stage in earlier if stage.gate.kind == "vote"]
    others = [stage.id for stage in earlier if stage.gate.kind != "joint"]
    return next(iter((votes or others)[::-1]), None)


def end(position: Position, outcome: Outcome, at: datetime) -> Position:
    """The position after the end: no clock runs any more."""
    return replace(
        position,
        outcome=outcome.value,
        ended_at=at,
        due_at=None,
        clock_from=None,
        unit="",
        step=Step.NONE,
        paused_at=None,
        pause_reason="",
        parked_until=None,
        return_pending=False,
    )


def follow(
    playbook: Playbook, position: Position, on: EdgeKind, facts: Facts, at: datetime
) -> Position:
    """The position after the way `on` out of the stage. A failure that may not go back climbs."""
    stage = playbook.stage(position.stage)
    target = playbook.target(stage, on)
    climbs_first = stage.gate.kind == "vote" and _climbs(playbook, "vote_fail")
    if on == "fail" and climbs_first:
        above = rise(playbook, position, facts, at)
        if above is not None:
            return above
    if target in (END, REFUSED):
        outcome = Outcome.DONE if target == END else Outcome.REFUSED
        return end(position, outcome, at)
    if target is not None and on == "fail" and barred_by_law(playbook, position, target):
        target = before_work(playbook, target)
    if target is None:
        return _exhausted(playbook, position, facts, at)
    if playbook.stage_index(target) <= playbook.stage_index(stage.id):
        if position.loops >= playbook.limits.loops:
            return _exhausted(playbook, position, facts, at)
        position = replace(position, loops=position.loops + 1)
    return enter(playbook, position, target, facts, at, position.level)


def decided(
    playbook: Playbook, position: Position, on: EdgeKind, facts: Facts, at: datetime
) -> Played:
    """The answer of a gate that has decided."""
    after = follow(playbook, position, on, facts, at)
    return Played(after, "end" if on == "refuse" and after.outcome else on)


def _climbs(playbook: Playbook, cause: str) -> bool:
    return playbook.climb is not None and cause in playbook.climb.by


def _exhausted(playbook: Playbook, position: Position, facts: Facts, at: datetime) -> Position:
    """No way back is left: one rung up; from the top on to publication, marked as not solved."""
    if playbook.climb is not None and set(playbook.climb.by) != {"topic"}:
        above = rise(playbook, position, facts, at)
        if above is not None:
            return above
    position = replace(position, unsolved=True)
    for stage in playbook.stages[playbook.stage_index(position.stage) + 1 :]:
        if stage.gate.kind == "publish":
            return enter(playbook, position, stage.id, facts, at, position.level)
    return end(position, Outcome.DONE, at)


def rise(playbook: Playbook, position: Position, facts: Facts, at: datetime) -> Position | None:
    """One rung up, or from the highest rung onto the top stage; None where there is no way up."""
    climb, stage = playbook.climb, playbook.stage(position.stage)
    if climb is None or not has_above(playbook, position):
        return None
    rung = playbook.level_index(position.level) + 1
    if rung == len(playbook.levels):
        return _beyond(playbook, position, facts, at)
    to = playbook.target(stage, "escalate") or stage.id
    above = enter(playbook, position, to, facts, at, playbook.levels[rung].id)
    kept = climb.keep_clock and to == stage.id
    if kept and position.due_at is not None and position.due_at > at:
        return replace(
            above,
            due_at=position.due_at,
            clock_from=position.clock_from,
            unit=position.unit,
            warned=position.warned,
        )
    return above


def has_above(playbook: Playbook, position: Position) -> bool:
    """Whether `rise` would find a way up."""
    climb, stage = playbook.climb, playbook.stage(position.stage)
    if climb is None or stage.level:
        return False
    if climb.max_climbs is not None and position.climbs >= climb.max_climbs:
        return False
    if playbook.level_index(position.level) + 1 < len(playbook.levels):
        to = playbook.target(stage, "escalate") or stage.id
        return not barred_by_law(playbook, position, to)
    top = playbook.top_stage()
    if top is None or top == position.stage or barred_by_law(playbook, position, top):
        return False
    forward = playbook.stage_index(top) > playbook.stage_index(position.stage)
    return forward or position.loops < playbook.limits.loops


def _beyond(playbook: Playbook, position: Position, facts: Facts, at: datetime) -> Position:
    top = playbook.top_stage()
    assert top is not None
    if playbook.stage_index(top) <= playbook.stage_index(position.stage):
        position = replace(position, loops=position.loops + 1)
    return enter(playbook, position, top, facts, at, position.level)


def sink(playbook: Playbook, position: Position, facts: Facts, at: datetime) -> Position | None:
    """One rung down; None from the lowest, or when it went down often enough."""
    rung = playbook.level_index(position.level)
    if playbook.climb is None or rung == 0:
        return None
    if position.descents >= playbook.climb.max_descents:
        return None
    position = replace(position, descents=position.descents + 1)
    return enter(playbook, position, position.stage, facts, at, playbook.levels[rung - 1].id)
