"""The rules of movement: one pure function that answers every move.

The server, the simulator, the replayer and the property tests all ask `decide`. It reads no clock
and no database, and gives the same answer for the same question, always. The table of who may do
what is `grants.WHO`; the verbs themselves are in `gates` and `care`, the ladder in `ladder`.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from gongzhi.core.clock import WorkCalendar
from gongzhi.playbooks import care, gates, grants, ladder, statutory
from gongzhi.playbooks.moves import (
    Answer,
    Facts,
    Move,
    Played,
    Position,
    Refused,
    Step,
    Verb,
)
from gongzhi.playbooks.schema import Playbook

_HANDLERS = gates.HANDLERS | care.HANDLERS
_ON_BOARD = (Verb.RAISE, Verb.TICK)
_TIMES = ("entered_at", "due_at", "paused_at", "parked_until", "clock_from", "ended_at")


def start(playbook: Playbook, facts: Facts, at: datetime, level: str | None = None) -> Position:
    """Where a matter raised at `at` stands: the first stage, on the rung of its topic if any.

    `level` is the rung it was raised on; unset, the playbook's own. KeyError for an unknown one.
    """
    first = playbook.stages[0]
    rung = level or playbook.start_level
    climb = playbook.climb
    if climb is not None and "topic" in climb.by:
        rung = climb.topics.get(facts.topic, rung)
    playbook.level_index(rung)
    return ladder.enter(playbook, Position(first.id, rung, at), first.id, facts, at, rung)


def decide(
    playbook: Playbook, position: Position, move: Move, facts: Facts, at: datetime
) -> Answer:
    """Whether the move may be made, and where the matter stands after it.

    Source of the invariants: cases.md 1.2. ValueError if `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a time zone")
    if move.resolution is not None and move.verb is Verb.RESOLVE:
        return gates.resolved(playbook, position, move.resolution, facts, at)
    if facts.actor is None:
        if move.verb is Verb.TICK:
            return care.tick(playbook, position, move, facts, at)
        return Refused("not_yours", "系统只按时查看，不替人作决定。")
    refused = grants.barred(playbook, position, move.verb, facts)
    if refused is not None:
        return refused
    if move.verb in grants.NEEDS_REASON and not move.reason.strip():
        return Refused("reason_needed", f"{grants.NAMES[move.verb]}要写明原因。", "请写一句话。")
    if move.verb in gates.HANDLERS and move.verb is not Verb.REFUSE:
        early = gates.too_early(playbook, position, facts, at)
        if early is not None:
            return early
    answer = _HANDLERS[move.verb](playbook, position, move, facts, at)
    if _closes_own_work(answer, position, move, facts):
        return grants.own_work(move.verb)
    if isinstance(answer, Played) and _works_unlawfully(answer.position):
        return statutory.refusal(answer.position.statutory)
    return answer


def _works_unlawfully(after: Position) -> bool:
    """Whether work would begin on what an assembly must decide first. Only work has steps."""
    return bool(after.step and after.statutory and not after.resolution)


def _closes_own_work(answer: Answer, before: Position, move: Move, facts: Facts) -> bool:
    ends = isinstance(answer, Played) and bool(answer.position.outcome) and not before.outcome
    return ends and move.verb is not Verb.RECALL and facts.actor in facts.handlers


def next_tick(playbook: Playbook, position: Position, calendar: WorkCalendar) -> datetime | None:
    """The next instant at which the clock has something to do; None if it never has.

    That is the next warning, the deadline's own consequence, or the review of a parked matter. It
    may lie in the past for a clock that has been asleep.
    """
    if position.outcome:
        return None
    if position.parked_until is not None:
        return position.parked_until
    deadline = playbook.stage(position.stage).deadline
    if deadline is None or position.due_at is None or position.paused_at is not None:
        return None
    ahead = [care.mark(position, p, calendar) for p in deadline.warn if p > position.warned]
    if _acts_when_late(playbook, position):
        ahead.append(position.due_at)
    return min(ahead, default=None)


def _acts_when_late(playbook: Playbook, position: Position) -> bool:
    deadline = playbook.stage(position.stage).deadline
    if deadline is None or deadline.then == "remind":
        return False
    if deadline.then == "pass":
        stage = playbook.stage(position.stage)
        to = playbook.target(stage, "pass")
        return stage.gate.kind == "rate" or not ladder.barred_by_law(playbook, position, to)
    return deadline.then != "escalate" or ladder.has_above(playbook, position)


def available(
    playbook: Playbook, position: Position, facts: Facts, at: datetime | None = None
) -> list[Verb]:
    """What this actor may do here, in the order of `Verb`: the buttons to show.

    Details a move must bring (a reason, a tally) are asked for by `decide`. With `at`, what the
    hour forbids is left out as well: nothing overdue is extended.
    """
    if facts.actor is None:
        return [Verb.TICK]
    late = at is not None and position.due_at is not None and at >= position.due_at
    closed = {*_ON_BOARD, Verb.EXTEND} if late else {*_ON_BOARD}
    verbs = (verb for verb in Verb if verb not in closed)
    return [v for v in verbs if grants.barred(playbook, position, v, facts) is None]


def position_to_dict(position: Position) -> dict[str, Any]:
    """The position as JSON knows it: times in ISO 8601."""
    data = asdict(position)
    for name in _TIMES:
        data[name] = data[name].isoformat() if data[name] is not None else None
    return data


def position_from_dict(data: Mapping[str, Any]) -> Position:
    """What `position_to_dict` gave; fields added since then take their defaults."""
    known = {f.name for f in fields(Position)}
    values = {name: value for name, value in data.items() if name in known}
    for name in _TIMES:
        if values.get(name) is not None:
            values[name] = datetime.fromisoformat(values[name])
    values["step"] = Step(values.get("step", ""))
    return Position(**values)
