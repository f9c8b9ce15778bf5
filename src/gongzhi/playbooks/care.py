"""Care of a running matter: ladder by decision, returns, pauses, parking, endings, the clock."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from gongzhi.core.clock import Unit, WorkCalendar
from gongzhi.playbooks import gates, ladder, statutory
from gongzhi.playbooks.moves import (
    Answer,
    Facts,
    Move,
    Outcome,
    Played,
    Position,
    Refused,
    Step,
    Verb,
)
from gongzhi.playbooks.schema import Deadline, Playbook


def _escalate(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    above = ladder.rise(pb, now, facts, at)
    if above is None:
        if now.statutory and not now.resolution and ladder.has_above(pb, _unmarked(now)):
            return statutory.refusal(now.statutory)
        return Refused(
            "at_top", "上面没有可以提请的层级了。", "请在本级办理，或挂账并写明复查日期。"
        )
    return Played(above, "up")


def _send_down(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    below = ladder.sink(pb, now, facts, at)
    if below is None:
        return Refused("no_way_down", "不能再往下交了。", "请在本级办理。")
    return Played(below, "down")


def _transfer(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    if len(move.assignees) != 1:
        return Refused("assignees_wrong", "转办要选一位新的承办人。")
    return Played(now)


def _return(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(replace(now, returns=now.returns + 1, return_pending=True))


def _accept_return(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(replace(now, return_pending=False, step=Step.DISPATCHING))


def _reject_return(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(replace(now, return_pending=False))


def _extend(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    deadline = pb.stage_on(now.stage, now.level).deadline
    assert deadline is not None
    assert now.due_at is not None
    if at >= now.due_at:
        return Refused("overdue", "已经超过期限，不能再延期。", "请尽快办理，或提请上级。")
    due = facts.calendar.add(now.due_at, deadline.term(facts.urgent).half())
    return Played(replace(now, due_at=due, extensions=now.extensions + 1))


def _pause(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    deadline = pb.stage(now.stage).deadline
    allowed = deadline.pause_on if deadline is not None else ()
    if move.reason not in allowed:
        names = "、".join(pb.words().reasons[r] for r in allowed)
        return Refused("reason_unknown", "不能因为这个原因暂停计时。", f"可以暂停的原因：{names}。")
    return Played(replace(now, paused_at=at, pause_reason=move.reason))


def _resume(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(_running(now, facts.calendar, at))


def _park(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    if move.until is None or move.until <= at:
        return Refused("until_wrong", "挂账要写明以后哪一天复查。", "请选一个今天以后的日期。")
    return Played(replace(now, paused_at=at, pause_reason=move.reason, parked_until=move.until))


def _unpark(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(_running(now, facts.calendar, at))


def _running(now: Position, calendar: WorkCalendar, at: datetime) -> Position:
    """The clock goes on where it stopped: what the pause took is added to both its ends."""
    due, start = now.due_at, now.clock_from
    if due is not None and start is not None and now.paused_at is not None:
        unit = cast(Unit, now.unit)
        due = calendar.shift_due(due, now.paused_at, at, unit)
        start = calendar.shift_due(start, now.paused_at, at, unit)
    return replace(
        now, due_at=due, clock_from=start, paused_at=None, pause_reason="", parked_until=None
    )


def _recall(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(ladder.end(now, Outcome.RECALLED, at), "end")


def _reopen(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    days = pb.limits.reopen_days
    if now.ended_at is None or at > now.ended_at + timedelta(days=days):
        return Refused("too_late", f"办结已超过 {days} 天，不能重新打开。", "可以另提一件新的事。")
    again = replace(now, outcome="", ended_at=None, reopened=now.reopened + 1, unsolved=False)
    to = pb.limits.reopen_to or pb.stages[0].id
    if ladder.barred_by_law(pb, again, to):
        to = ladder.before_work(pb, to) or pb.stages[0].id
    return Played(ladder.enter(pb, again, to, facts, at, again.level))


def _divert(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(ladder.end(now, Outcome.DIVERTED, at), "end")


def _merge(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(ladder.end(now, Outcome.MERGED, at), "end")


def _unmarked(now: Position) -> Position:
    return replace(now, statutory="", resolution="")


def _mark(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    """A person says it is what the law gives to an assembly; work on it stops and goes back."""
    if move.item == now.statutory:
        return Refused("marked_already", "已经是这样标的了。" if move.item else "这件事没有标过。")
    if move.item and move.item not in statutory.items():
        return Refused("item_unknown", "法定事项清单里没有这一项。", "请从清单里选。")
    if not move.item and not move.reason.strip():
        return Refused("reason_needed", "去掉标记要写明原因。", "请写一句话。")
    marked = replace(_unmarked(now), statutory=move.item)
    if not ladder.barred_by_law(pb, marked, now.stage):
        return Played(marked)
    back = ladder.before_work(pb, now.stage)
    if back is None:
        return Refused("no_way_back", "这套规则里没有可以回去决定的步骤。", "请先挂账。")
    return Played(ladder.enter(pb, marked, back, facts, at, now.level))


def _comment(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(now)


HANDLERS: dict[Verb, gates.Handler] = {
    Verb.ESCALATE: _escalate,
    Verb.SEND_DOWN: _send_down,
    Verb.TRANSFER: _transfer,
    Verb.RETURN: _return,
    Verb.ACCEPT_RETURN: _accept_return,
    Verb.REJECT_RETURN: _reject_return,
    Verb.EXTEND: _extend,
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.PARK: _park,
    Verb.UNPARK: _unpark,
    Verb.RECALL: _recall,
    Verb.REOPEN: _reopen,
    Verb.DIVERT: _divert,
    Verb.MERGE: _merge,
    Verb.MARK: _mark,
    Verb.COMMENT: _comment,
}


def tick(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Played:
    """What the clock does when it looks at `at`; looking twice does nothing twice."""
    if now.outcome:
        return Played(now)
    if now.parked_until is not None:
        due = at >= now.parked_until
        return Played(_running(now, facts.calendar, at), "review") if due else Played(now)
    deadline = pb.stage(now.stage).deadline
    if deadline is None or now.due_at is None or now.paused_at is not None:
        return Played(now)
    percent = _reached(now, deadline, facts.calendar, at)
    warned = percent if percent > now.warned else 0
    marked = replace(now, warned=max(now.warned, percent))
    if at >= now.due_at:
        return _late(pb, marked, deadline, warned, move, facts, at)
    return Played(marked, "warn" if warned else "stay", warned)


def _reached(now: Position, deadline: Deadline, calendar: WorkCalendar, at: datetime) -> int:
    return max((p for p in deadline.warn if at >= mark(now, p, calendar)), default=0)


def mark(now: Position, percent: int, calendar: WorkCalendar) -> datetime:
    """When that much of the time of the present deadline is used up."""
    assert now.due_at is not None
    assert now.clock_from is not None
    return calendar.fraction_point(now.clock_from, now.due_at, percent, cast(Unit, now.unit))


def _late(
    pb: Playbook,
    now: Position,
    deadline: Deadline,
    warned: int,
    move: Move,
    facts: Facts,
    at: datetime,
) -> Played:
    if deadline.then == "escalate":
        above = ladder.rise(pb, now, facts, at)
        if above is not None:
            return Played(above, "up", warned)
    if deadline.then == "pass":
        return _silence(pb, now, warned, move, facts, at)
    if deadline.then == "fail":
        return Played(ladder.follow(pb, now, "fail", facts, at), "fail", warned, silent=True)
    if deadline.then == "close":
        return Played(ladder.end(now, Outcome.REFUSED, at), "end", warned, silent=True)
    return Played(now, "warn" if warned else "stay", warned)


def _silence(
    pb: Playbook, now: Position, warned: int, move: Move, facts: Facts, at: datetime
) -> Played:
    """The time to answer is over: those who did are counted, silence is passed on as silence."""
    gate = pb.stage(now.stage).gate
    said: gates.Judgement = "silent"
    if gate.kind == "rate" and move.ratings is not None and gates.well_formed(move.ratings):
        said = gates.judge_ratings(gate, move.ratings, over=True)
    if said == "fail":
        return Played(ladder.follow(pb, now, "fail", facts, at), "fail", warned)
    if ladder.barred_by_law(pb, now, pb.target(pb.stage(now.stage), "pass")):
        return Played(now, "warn" if warned else "stay", warned)
    passed = ladder.follow(pb, now, "pass", facts, at)
    return Played(passed, "pass", warned, silent=said == "silent")
