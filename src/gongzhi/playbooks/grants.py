"""Who may do what, when: one table, and the one function that reads it.

A verb is open to somebody when the matter's state knows it, the stage waits for it, a role named
by the stage is his, and it would not be judging his own work.
"""

from typing import Literal

from gongzhi.playbooks.kinds import GateKind
from gongzhi.playbooks.moves import Facts, Outcome, Position, Refused, Step, Verb
from gongzhi.playbooks.schema import Playbook, Stage

# by, do, verify: the roles which the stage names there. staff: those of by and do that are no
# neighbours (neither raiser, affected nor residents). chief: the staff among by.
Source = Literal["by", "do", "verify", "staff", "chief", "raiser", "any"]

WHO: dict[Verb, Source] = {
    Verb.ACCEPT: "by",
    Verb.REFUSE: "by",
    Verb.SIGN: "by",
    Verb.ATTACH: "by",
    Verb.HEAR: "by",
    Verb.RESOLVE: "by",
    Verb.RATE: "by",
    Verb.PUBLISH: "by",
    Verb.DISPATCH: "by",
    Verb.REPORT_DONE: "do",
    Verb.VERIFY: "verify",
    Verb.SEND_BACK: "verify",
    Verb.ESCALATE: "staff",
    Verb.SEND_DOWN: "chief",
    Verb.TRANSFER: "by",
    Verb.RETURN: "do",
    Verb.ACCEPT_RETURN: "by",
    Verb.REJECT_RETURN: "by",
    Verb.EXTEND: "chief",
    Verb.PAUSE: "staff",
    Verb.RESUME: "staff",
    Verb.PARK: "chief",
    Verb.UNPARK: "chief",
    Verb.RECALL: "raiser",
    Verb.REOPEN: "raiser",
    Verb.DIVERT: "chief",
    Verb.MERGE: "chief",
    Verb.MARK: "chief",
    Verb.COMMENT: "any",
}

# Which gate a verb belongs to; verbs of care belong to none.
GATE: dict[Verb, tuple[GateKind, ...]] = {
    Verb.ACCEPT: ("accept", "approve"),
    Verb.REFUSE: ("accept", "approve"),
    Verb.SIGN: ("sign",),
    Verb.ATTACH: ("attach",),
    Verb.HEAR: ("hearing",),
    Verb.RESOLVE: ("vote",),
    Verb.RATE: ("rate",),
    Verb.PUBLISH: ("publish",),
    Verb.DISPATCH: ("joint",),
    Verb.REPORT_DONE: ("joint",),
    Verb.VERIFY: ("joint",),
    Verb.SEND_BACK: ("joint",),
    Verb.TRANSFER: ("joint",),
    Verb.RETURN: ("joint",),
    Verb.ACCEPT_RETURN: ("joint",),
    Verb.REJECT_RETURN: ("joint",),
}

# The step of a joint gate, and whether a return waits for review, that a verb needs.
STEP: dict[Verb, tuple[Step, bool]] = {
    Verb.DISPATCH: (Step.DISPATCHING, False),
    Verb.REPORT_DONE: (Step.HANDLING, False),
    Verb.TRANSFER: (Step.HANDLING, False),
    Verb.RETURN: (Step.HANDLING, False),
    Verb.ACCEPT_RETURN: (Step.HANDLING, True),
    Verb.REJECT_RETURN: (Step.HANDLING, True),
    Verb.VERIFY: (Step.VERIFYING, False),
    Verb.SEND_BACK: (Step.VERIFYING, False),
}

# Nobody judges, rates, publishes or closes what he handled himself (cases.md 1.2, invariant 2).
NOT_BY_HANDLER = frozenset(
    {
        Verb.VERIFY,
        Verb.SEND_BACK,
        Verb.RATE,
        Verb.PUBLISH,
        Verb.REFUSE,
        Verb.DIVERT,
        Verb.MERGE,
        Verb.ACCEPT_RETURN,
        Verb.REJECT_RETURN,
        Verb.EXTEND,
        Verb.MARK,
    }
)
# Nor judges what concerns his own family, home or firm.
NOT_IN_CONFLICT = frozenset(
    {Verb.VERIFY, Verb.SEND_BACK, Verb.ACCEPT, Verb.REFUSE, Verb.ACCEPT_RETURN, Verb.REJECT_RETURN}
)
NEEDS_REASON = frozenset(
    {
        Verb.REFUSE,
        Verb.SEND_BACK,
        Verb.ESCALATE,
        Verb.SEND_DOWN,
        Verb.TRANSFER,
        Verb.RETURN,
        Verb.REJECT_RETURN,
        Verb.EXTEND,
        Verb.PAUSE,
        Verb.PARK,
        Verb.DIVERT,
    }
)
# Gates that look back at the work: there nobody sends it up or down by decision any more.
FINISHED = ("rate", "publish")
ALWAYS = frozenset({Verb.COMMENT})
WHILE_PAUSED = ALWAYS | {Verb.RESUME, Verb.RECALL, Verb.MERGE, Verb.DIVERT}
WHILE_PARKED = ALWAYS | {Verb.UNPARK, Verb.RECALL, Verb.MERGE, Verb.DIVERT}

NAMES: dict[Verb, str] = {
    Verb.RAISE: "提出",
    Verb.ACCEPT: "受理",
    Verb.REFUSE: "不予受理",
    Verb.SIGN: "签字",
    Verb.ATTACH: "附材料",
    Verb.HEAR: "记录议事",
    Verb.RESOLVE: "登记表决",
    Verb.DISPATCH: "交办",
    Verb.REPORT_DONE: "报办结",
    Verb.VERIFY: "核查通过",
    Verb.SEND_BACK: "退回重办",
    Verb.RATE: "评价",
    Verb.PUBLISH: "公开",
    Verb.ESCALATE: "提请上级",
    Verb.SEND_DOWN: "交下级办",
    Verb.TRANSFER: "转办",
    Verb.RETURN: "退单",
    Verb.ACCEPT_RETURN: "同意退单",
    Verb.REJECT_RETURN: "不同意退单",
    Verb.EXTEND: "延期",
    Verb.PAUSE: "暂停计时",
    Verb.RESUME: "恢复计时",
    Verb.PARK: "挂账",
    Verb.UNPARK: "销挂",
    Verb.RECALL: "撤回",
    Verb.REOPEN: "重新打开",
    Verb.DIVERT: "引导到别的渠道",
    Verb.MERGE: "并案",
    Verb.MARK: "标为会议决定的事项",
    Verb.COMMENT: "留言",
    Verb.TICK: "到时查看",
}


def holders(playbook: Playbook, position: Position, verb: Verb) -> frozenset[str]:
    """The roles that may play this verb where the matter stands now."""
    stage, source = playbook.stage(position.stage), WHO[verb]
    by, do = frozenset(stage.gate.by), frozenset(stage.do)
    if source == "raiser":
        return frozenset(role.id for role in playbook.roles if role.special == "raiser")
    if source == "any":
        return frozenset(role.id for role in playbook.roles)
    named = {
        "by": by,
        "do": do,
        "verify": frozenset(stage.gate.verify_by),
        "staff": by | do,
        "chief": by,
    }[source]
    if source in ("staff", "chief"):
        return frozenset(r for r in named if playbook.role(r).special in ("", "assignee"))
    return named


def barred(playbook: Playbook, position: Position, verb: Verb, facts: Facts) -> Refused | None:
    """Why this actor may not play this verb here, or None if he may."""
    if verb not in WHO:
        return Refused("not_yours", "这一步由系统自动完成。")
    return (
        _state(position, verb)
        or _stage(playbook, position, playbook.stage(position.stage), verb)
        or _actor(playbook, position, verb, facts)
    )


def _state(position: Position, verb: Verb) -> Refused | None:
    if position.outcome:
        if verb in ALWAYS or (verb is Verb.REOPEN and position.outcome == Outcome.DONE):
            return None
        return Refused("ended", "这件事已经了结，不能再改。", "对结果不满意，提出人可以重新打开。")
    if verb is Verb.REOPEN:
        return Refused("not_ended", "这件事还没有办结，不用重新打开。")
    if position.parked_until is not None:
        if verb not in WHILE_PARKED:
            return Refused("parked", "这件事正在挂账。", "要继续办，请先销挂。")
    elif position.paused_at is not None and verb not in WHILE_PAUSED:
        return Refused("paused", "这件事正在暂停计时。", "要继续办，请先恢复计时。")
    return None


def _stage(playbook: Playbook, position: Position, stage: Stage, verb: Verb) -> Refused | None:
    name = playbook.words().stages[stage.id].name
    if verb in GATE and stage.gate.kind not in GATE[verb]:
        return Refused(
            "not_now", f"现在是“{name}”，不能{NAMES[verb]}。", "请刷新后看现在该做什么。"
        )
    if verb in STEP and STEP[verb] != (position.step, position.return_pending):
        waiting = "退单正在等待审核。" if position.return_pending else ""
        return Refused("not_now", f"“{name}”还没到{NAMES[verb]}这一步。{waiting}")
    return _possible(playbook, position, stage, verb)


def _possible(playbook: Playbook, position: Position, stage: Stage, verb: Verb) -> Refused | None:
    climb, limits = playbook.climb, playbook.limits
    if verb is Verb.ESCALATE and (climb is None or "decision" not in climb.by):
        return Refused("no_ladder", "按规则，这类事不能由人提请上级。")
    if verb in (Verb.ESCALATE, Verb.SEND_DOWN) and stage.gate.kind in FINISHED:
        return Refused("no_ladder", "事情已经办好，不再上下交办。", "没办好的，等评价结果再说。")
    if verb is Verb.SEND_DOWN and (climb is None or stage.level):
        return Refused("no_ladder", "按规则，这一步不能交下级办。")
    if verb is Verb.MARK and stage.gate.kind in FINISHED:
        return Refused(
            "not_now", "事情已经办好，不用再标。", "没按规定决定就办了的，请写在留言里。"
        )
    if verb is Verb.RETURN and position.returns >= (climb.max_returns if climb else 2):
        return Refused("too_many_returns", "退单次数已经用完，不能再退。", "办不了的，请提请上级。")
    if verb is Verb.EXTEND and (stage.deadline is None or position.due_at is None):
        return Refused("no_deadline", "这一步没有期限，不用延期。")
    if verb is Verb.EXTEND and position.extensions >= limits.extensions:
        return Refused("too_many_extensions", "这一步已经延过期，不能再延。")
    if verb is Verb.PAUSE and (stage.deadline is None or not stage.deadline.pause_on):
        return Refused("no_pause", "这一步不能暂停计时。")
    if verb is Verb.RESUME and position.paused_at is None:
        return Refused("not_paused", "这件事没有暂停。")
    if verb is Verb.UNPARK and position.parked_until is None:
        return Refused("not_parked", "这件事没有挂账。")
    if verb is Verb.RECALL and not _may_recall(playbook, position):
        return Refused("too_late", "已经过了可以撤回的步骤。", "有新情况请留言。")
    if verb is Verb.REOPEN and (not limits.reopen_days or position.reopened):
        return Refused("reopened_once", "这件事已经重新打开过一次。", "可以另提一件新的事。")
    return None


def _may_recall(playbook: Playbook, position: Position) -> bool:
    until = playbook.limits.recall_until
    return bool(until) and playbook.stage_index(position.stage) <= playbook.stage_index(until)


def _actor(playbook: Playbook, position: Position, verb: Verb, facts: Facts) -> Refused | None:
    allowed = holders(playbook, position, verb)
    if not facts.roles & allowed:
        words = playbook.words()
        names = "、".join(words.roles[r.id] for r in playbook.roles if r.id in allowed)
        todo = f"这一步由{names}来做。" if names else "这一步没有人可以这样做。"
        return Refused("not_yours", f"您不能{NAMES[verb]}这件事。", todo)
    if verb in NOT_BY_HANDLER and facts.actor in facts.handlers:
        return own_work(verb)
    if verb in NOT_IN_CONFLICT and facts.conflict:
        return Refused(
            "conflict", f"这件事与您或您的家人有关，不能由您{NAMES[verb]}。", "请由别的同事来做。"
        )
    return None


def own_work(verb: Verb) -> Refused:
    """The refusal for somebody who would judge or close what he handled himself."""
    return Refused(
        "own_work", f"这件事是您经手办的，不能由您{NAMES[verb]}。", "请由没有经手的同事来做。"
    )
