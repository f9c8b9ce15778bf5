"""Whether every stage can be reached, left and ended, and every clock has a way out."""

from collections.abc import Iterator

from gongzhi.playbooks.kinds import END, REFUSED, EdgeKind
from gongzhi.playbooks.problems import Problem
from gongzhi.playbooks.schema import Playbook, Stage

_KINDS: dict[str, tuple[EdgeKind, ...]] = {
    "accept": ("pass", "refuse"),
    "approve": ("pass", "refuse"),
    "vote": ("pass", "fail"),
    "rate": ("pass", "fail"),
}
_ENDS = (END, REFUSED)
# Where silence may count as an answer; nowhere is it counted as agreement or as work well done.
_SILENCE_PASSES = ("rate", "sign", "attach", "accept")


def check(pb: Playbook) -> Iterator[Problem]:
    """The slips of the way through the stages."""
    yield from _edges(pb)
    yield from _unreachable(pb)
    yield from _never_ends(pb)
    yield from _deadlines(pb)
    yield from _ladder(pb)


def _at(*path: str) -> str:
    return f"playbook.toml · {' → '.join(path)}"


def outcomes(pb: Playbook, stage: Stage) -> tuple[EdgeKind, ...]:
    """What can happen in a stage by its gate and its clock."""
    kinds = _KINDS.get(stage.gate.kind, ("pass",))
    if stage.deadline is not None and stage.deadline.then == "fail" and "fail" not in kinds:
        kinds = (*kinds, "fail")
    return kinds


def _edges(pb: Playbook) -> Iterator[Problem]:
    for stage in pb.stages:
        where = _at("stages", stage.id, "next")
        seen: set[str] = set()
        for edge in stage.next:
            if edge.on in seen:
                yield Problem("two_ways", where, f"“{edge.on}”有两条路", "每种情况只写一条路")
            seen.add(edge.on)
            if edge.on != "escalate" and edge.on not in outcomes(pb, stage):
                what = f"“{stage.gate.kind}”这种关口不会出现“{edge.on}”"
                known = (*outcomes(pb, stage), "escalate")
                yield Problem("way_never_taken", where, what, "去掉这条路", known)
            if edge.on == "escalate" and edge.to in _ENDS:
                yield Problem("way_up_ends", where, "上一级以后就结束了", "写上一级从哪一步接着办")
        if "fail" in outcomes(pb, stage) and pb.target(stage, "fail") is None:
            if stage.gate.kind == "vote" and pb.climb and "vote_fail" in pb.climb.by:
                continue
            what = "没通过时没有路走"
            yield Problem("fail_without_way", where, what, '加上 { to = "…", on = "fail" }')


def _forward(pb: Playbook, stage: Stage) -> set[str]:
    """Everywhere the gate and the clock of a stage may lead."""
    to = {pb.target(stage, kind) for kind in outcomes(pb, stage)}
    if pb.climb is not None and not stage.level:
        to.add(pb.target(stage, "escalate"))
        to.add(pb.top_stage())
    return {target for target in to if target is not None}


def _unreachable(pb: Playbook) -> Iterator[Problem]:
    reached = {pb.stages[0].id, pb.limits.reopen_to or pb.stages[0].id}
    while True:
        more = {to for s in pb.stages if s.id in reached for to in _forward(pb, s)} - reached
        if not more:
            break
        reached |= more
    for stage in pb.stages:
        if stage.id not in reached:
            what = "没有哪一步能走到这里"
            yield Problem(
                "unreachable", _at("stages", stage.id), what, "在别的步骤的 next 里写上它"
            )


def _never_ends(pb: Playbook) -> Iterator[Problem]:
    ending = set(_ENDS)
    while True:
        more = {
            s.id
            for s in pb.stages
            if s.id not in ending
            and {pb.target(s, kind) for kind in outcomes(pb, s) if kind != "refuse"} & ending
        }
        if not more:
            break
        ending |= more
    for stage in pb.stages:
        where = _at("stages", stage.id, "next")
        if stage.id not in ending:
            yield Problem("never_ends", where, "从这里永远走不到结束", '有一条路要通到 "end"')
        elif _goes_back(pb, stage):
            what = "通过以后反而往回走"
            yield Problem("pass_back", where, what, '通过以后往下走；没通过才往回走（on = "fail"）')


def _goes_back(pb: Playbook, stage: Stage) -> bool:
    to = pb.target(stage, "pass")
    return to is not None and to not in _ENDS and pb.stage_index(to) <= pb.stage_index(stage.id)


def _deadlines(pb: Playbook) -> Iterator[Problem]:
    for stage in pb.stages:
        deadline, where = stage.deadline, _at("stages", stage.id, "deadline")
        if deadline is None:
            continue
        climbs = pb.climb is not None and "deadline" in pb.climb.by
        if deadline.then == "escalate" and (not climbs or stage.level):
            what = "到期要上一级，可是没有路上去"
            yield Problem(
                "escalate_without_climb", where, what, "在 climb.by 里写 deadline，或改 then"
            )
        if deadline.then == "fail" and pb.target(stage, "fail") is None:
            yield Problem(
                "clock_without_way", where, "到期算没通过，可是没有路走", '加上 on = "fail" 的路'
            )
        if deadline.then == "pass" and stage.gate.kind not in _SILENCE_PASSES:
            what = f"“{stage.gate.kind}”这一步，没人做也算通过了"
            yield Problem(
                "clock_decides", where, what, "要有人做才能通过：then 写 escalate 或 remind"
            )
        if list(deadline.warn) != sorted(set(deadline.warn)):
            yield Problem(
                "warn_order", where, "提醒的百分比顺序不对", "从小到大，不重复，例如 [50, 80, 100]"
            )
        if deadline.then == "remind" and 100 not in deadline.warn:
            what = "到期只提醒，可是 warn 里没有 100"
            yield Problem("clock_without_way", where, what, "在 warn 里加上 100")


def _ladder(pb: Playbook) -> Iterator[Problem]:
    way_up = any(edge.on == "escalate" for stage in pb.stages for edge in stage.next)
    if way_up and pb.climb is None:
        what = "有往上一级的路，却没有写怎样上去（climb）"
        yield Problem("escalate_without_climb", _at("climb"), what, "加上 [climb]")
    if pb.climb is not None and len(pb.levels) < 2:
        yield Problem(
            "ladder_too_short", _at("climb"), "只有一级，没有地方可上", "写两级以上，或去掉 climb"
        )
    votes = any(stage.gate.kind == "vote" for stage in pb.stages)
    if pb.climb is not None and "vote_fail" in pb.climb.by and not votes:
        what = "by 里有 vote_fail，却没有表决的步骤"
        yield Problem("climb_unused", _at("climb"), what, "去掉 vote_fail")
    top = pb.top_stage()
    if top is not None and pb.stage(top).level != pb.levels[-1].id:
        what = f"“{top}”不在最高一级"
        yield Problem(
            "top_not_at_top", _at("climb", "top"), what, f'给这一步写 level = "{pb.levels[-1].id}"'
        )
