"""The nine gates: what each verb of a gate does. Who may play it was asked before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Literal

from gongzhi.core.clock import SHANGHAI
from gongzhi.playbooks import ladder, rules, statutory
from gongzhi.playbooks.moves import (
    Answer,
    Facts,
    Move,
    Played,
    Position,
    Ratings,
    Refused,
    Resolution,
    Step,
    Tally,
    Verb,
)
from gongzhi.playbooks.schema import Gate, HouseRule, Playbook, Stage

Judgement = Literal["pass", "fail", "open", "silent"]


def _accept(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return ladder.decided(pb, now, "pass", facts, at)


def _refuse(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return ladder.decided(pb, now, "refuse", facts, at)


def _sign(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    wanted = frozenset(pb.stage(now.stage).gate.by)
    mine = facts.roles & wanted
    if mine <= facts.signed:
        return Refused("signed", "您已经签过字了。", "等其他各方签字即可。")
    if facts.signed | mine >= wanted:
        return ladder.decided(pb, now, "pass", facts, at)
    return Played(now)


def _attach(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    if facts.attachments < 1:
        return Refused("nothing_attached", "还没有附上材料。", "请先上传照片或文件。")
    return ladder.decided(pb, now, "pass", facts, at)


def _hear(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    came = move.attendance
    if came is None or not 0 <= came.present <= came.seats:
        return Refused(
            "attendance_wrong", "到会人数填得不对。", "到会人数不能多于应到人数。",
            field="attendance" if came is None else "attendance.present",
        )  # fmt: skip
    for role, n in came.by_role.items():
        if not 0 <= n <= came.present:
            return Refused(
                "attendance_wrong", "分类到会人数填得不对。", "任何一类都不能多于到会人数。",
                field=f"attendance.by_role.{role}",
            )  # fmt: skip
    if rules.judge_hearing(pb.stage_on(now.stage, now.level), came) == "no_decision":
        return Played(now, "no_decision")
    return ladder.decided(pb, now, "pass", facts, at)


def _resolve(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    if move.tally is None or (wrong := _not_adding_up(move.tally)):
        return Refused(
            "tally_wrong",
            "票数对不上。",
            "赞成、反对、弃权加起来不能多于到会人数，到会不能多于应到。",
            field="tally" if move.tally is None else f"tally.{wrong}",
        )
    verdict = rules.judge_vote(pb.stage_on(now.stage, now.level), move.tally)
    if verdict == "no_decision":
        return Played(now, "no_decision")
    return ladder.decided(pb, now, verdict, facts, at)


def resolved(
    pb: Playbook, now: Position, resolution: Resolution, facts: Facts, at: datetime
) -> Answer:
    """What a ballot's resolution does: recorded wherever the matter stands, and the vote of a stage
    that waits for such a one. A forum's opinion never settles what an assembly must decide.
    """
    if now.outcome:
        return Refused("ended", "这件事已经了结，决议不能再记上去。")
    if now.statutory and statutory.decides(now.statutory, resolution):
        now = replace(now, resolution=str(resolution.session_number))
    gate = pb.stage_on(now.stage, now.level).gate
    waits = gate.kind == "vote" and now.paused_at is None and _awaited(gate, resolution)
    if not waits or too_early(pb, now, facts, at):
        return Played(now)
    if resolution.verdict == "no_decision":
        return Played(now, "no_decision")
    if resolution.verdict == "fail":
        return ladder.decided(pb, replace(now, resolution=""), "fail", facts, at)
    if ladder.barred_by_law(pb, now, pb.target(pb.stage(now.stage), "pass")):
        return Played(now)
    return ladder.decided(pb, now, "pass", facts, at)


def too_early(pb: Playbook, now: Position, facts: Facts, at: datetime) -> Refused | None:
    """Why the gate may not decide yet, where the stage must stay open for some time."""
    least = pb.stage(now.stage).gate.not_before
    if least is None or at >= (opens := facts.calendar.add(now.entered_at, least)):
        return None
    when = opens.astimezone(SHANGHAI)
    name = pb.words().stages[now.stage].name
    return Refused(
        "too_early",
        f"“{name}”至少要开放到{when.month}月{when.day}日{when:%H:%M}。",
        "请到时候再来；大家还在看材料、说意见。",
    )


def _awaited(gate: Gate, resolution: Resolution) -> bool:
    rule = gate.rule
    return rule is None or isinstance(rule, HouseRule) or statutory.counts_for(rule, resolution)


def _not_adding_up(tally: Tally) -> str:
    """The number that cannot be, "" when all can."""
    hands = {"for": tally.for_, "against": tally.against, "abstain": tally.abstain}
    if negative := [name for name, n in hands.items() if n < 0]:
        return negative[0]
    if not sum(hands.values()) <= tally.present <= tally.electorate:
        return "present"
    return ""


def _dispatch(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    if not move.assignees or len(set(move.assignees)) != len(move.assignees):
        return Refused("assignees_wrong", "请选承办人，同一个人不要选两次。")
    return Played(replace(now, step=Step.HANDLING))


def _report_done(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    last = facts.open_parts <= 1
    return Played(replace(now, step=Step.VERIFYING) if last else now)


def _verify(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return ladder.decided(pb, now, "pass", facts, at)


def _send_back(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return Played(replace(now, step=Step.HANDLING))


def judge_ratings(gate: Gate, ratings: Ratings | None, *, over: bool) -> Judgement:
    """What the answers say so far; `over` when no more will be waited for.

    Half or more saying "not solved" fails it whatever the mean of the scores given is. Fewer
    answers than `min_raters` say nothing about satisfaction ("silent"), but a "not solved" among
    them is heard.
    """
    answered = 0 if ratings is None else ratings.answered
    wanted = max(gate.min_raters or 1, 1)
    if ratings is None or answered == 0:
        return ("fail" if ratings and ratings.not_solved else "silent") if over else "open"
    share = Fraction(1) if gate.enough is None else gate.enough
    if not over and (answered < min(wanted, ratings.asked) or answered < share * ratings.asked):
        return "open"
    if over and answered < wanted and ratings.asked >= wanted:
        return "fail" if ratings.not_solved else "silent"
    points, scored = sum(s * n for s, n in ratings.scores.items()), answered - ratings.unscored
    happy = gate.threshold is None or not scored or Fraction(points, scored) >= gate.threshold
    return "pass" if happy and 2 * ratings.not_solved < answered else "fail"


def well_formed(ratings: Ratings) -> bool:
    """Whether the counts can be true."""
    stars = all(1 <= score <= 5 and n >= 0 for score, n in ratings.scores.items())
    told = stars and ratings.unscored >= 0 and ratings.answered <= ratings.asked
    return told and 0 <= ratings.not_solved <= ratings.asked


def _rate(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    if move.ratings is None or not well_formed(move.ratings):
        return Refused("ratings_wrong", "评价填得不对。", "请打一到五分，或选“没有解决”。")
    said = judge_ratings(pb.stage(now.stage).gate, move.ratings, over=False)
    if said == "pass" or said == "fail":
        return ladder.decided(pb, now, said, facts, at)
    return Played(now)


def _publish(pb: Playbook, now: Position, move: Move, facts: Facts, at: datetime) -> Answer:
    return ladder.decided(pb, now, "pass", facts, at)


Handler = Callable[[Playbook, Position, Move, Facts, datetime], Answer]
HANDLERS: dict[Verb, Handler] = {
    Verb.ACCEPT: _accept,
    Verb.REFUSE: _refuse,
    Verb.SIGN: _sign,
    Verb.ATTACH: _attach,
    Verb.HEAR: _hear,
    Verb.RESOLVE: _resolve,
    Verb.DISPATCH: _dispatch,
    Verb.REPORT_DONE: _report_done,
    Verb.VERIFY: _verify,
    Verb.SEND_BACK: _send_back,
    Verb.RATE: _rate,
    Verb.PUBLISH: _publish,
}


def can_fail(stage: Stage) -> bool:
    """Whether the gate itself may decide against the matter."""
    return stage.gate.kind in ("vote", "rate")
