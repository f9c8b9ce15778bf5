"""A playbook as a graph: one node per stage and rung, one edge per way out.

Pictures and BPMN draw it. The edges are exactly the steps `decide` can make (a test walks both);
recalling, diverting and merging, which end a matter from anywhere, are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gongzhi.playbooks.check_flow import outcomes
from gongzhi.playbooks.grants import FINISHED, WHO
from gongzhi.playbooks.kinds import END, REFUSED
from gongzhi.playbooks.moves import Verb
from gongzhi.playbooks.schema import Playbook, Stage

Way = Literal["pass", "fail", "refuse", "up", "down", "unsolved"]
Node = tuple[str, str]  # stage id and level id; an end is ("end", "") or ("refused", "")


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from a node to another."""

    start: Node
    way: Way
    end: Node


@dataclass(frozen=True)
class Graph:
    """Everything reachable, in the order of the file, lowest rung first."""

    entries: tuple[Node, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def of(playbook: Playbook) -> Graph:
    """The graph of a checked playbook."""
    levels = [playbook.start_level]
    climb = playbook.climb
    if climb is not None and "topic" in climb.by:
        levels += [level for level in climb.topics.values() if level not in levels]
    first = playbook.stages[0]
    entries = tuple((first.id, first.level or level) for level in levels)
    seen: dict[Node, list[Edge]] = {}
    todo = list(entries)
    while todo:
        node = todo.pop()
        if node not in seen and node[0] not in (END, REFUSED):
            seen[node] = list(_ways(playbook, node))
            todo += [edge.end for edge in seen[node]]
    nodes = sorted(seen, key=lambda n: (playbook.stage_index(n[0]), playbook.level_index(n[1])))
    return Graph(entries, tuple(nodes), tuple(edge for node in nodes for edge in seen[node]))


def _ways(pb: Playbook, node: Node) -> Iterator[Edge]:
    stage, level = pb.stage(node[0]), node[1]
    kinds = outcomes(pb, stage)
    for kind in kinds:
        target = pb.target(stage, kind)
        if target is not None and kind in ("pass", "fail", "refuse"):
            yield Edge(node, kind, _node(pb, target, level))
    if stage.deadline is not None and stage.deadline.then == "close" and "refuse" not in kinds:
        yield Edge(node, "refuse", (REFUSED, ""))
    above = _above(pb, stage, level)
    if above is not None and _may_rise(pb, stage, level, _goes_back(pb, stage)):
        yield Edge(node, "up", above)
    if _goes_back(pb, stage) and (_at_top(pb, stage, level) or _bounded(pb)):
        yield Edge(node, "unsolved", _published(pb, stage, level))
    if _may_sink(pb, stage, level):
        yield Edge(node, "down", (stage.id, pb.levels[pb.level_index(level) - 1].id))


def _goes_back(pb: Playbook, stage: Stage) -> bool:
    """Whether a failure leads back, which may be done only so often."""
    if "fail" not in outcomes(pb, stage):
        return False
    to = pb.target(stage, "fail")
    if to in (END, REFUSED):
        return False
    return to is None or pb.stage_index(to) <= pb.stage_index(stage.id)


def _node(pb: Playbook, stage_id: str, level: str) -> Node:
    if stage_id in (END, REFUSED):
        return (stage_id, "")
    return (stage_id, pb.stage(stage_id).level or level)


def _above(pb: Playbook, stage: Stage, level: str) -> Node | None:
    if pb.climb is None or stage.level:
        return None
    rung = pb.level_index(level) + 1
    if rung < len(pb.levels):
        return _node(pb, pb.target(stage, "escalate") or stage.id, pb.levels[rung].id)
    top = pb.top_stage()
    return None if top is None or top == stage.id else _node(pb, top, level)


def _may_rise(pb: Playbook, stage: Stage, level: str, can_fail: bool) -> bool:
    assert pb.climb is not None
    causes = set(pb.climb.by)
    by_clock = stage.deadline is not None and stage.deadline.then == "escalate"
    by_people = "decision" in causes and bool(staff(pb, stage, Verb.ESCALATE))
    by_vote = stage.gate.kind == "vote" and "vote_fail" in causes
    # A failure that may not go back rises too, but not onto a top stage that lies back as well.
    when_stuck = can_fail and causes != {"topic"} and not _at_top(pb, stage, level)
    return by_clock or by_people or by_vote or when_stuck


def _at_top(pb: Playbook, stage: Stage, level: str) -> bool:
    """Whether a failure without a way back finds no way up either."""
    if pb.climb is None or set(pb.climb.by) == {"topic"} or stage.level:
        return True
    return level == pb.levels[-1].id and not _top_ahead(pb, stage)


def _top_ahead(pb: Playbook, stage: Stage) -> bool:
    top = pb.top_stage()
    return top is not None and pb.stage_index(top) > pb.stage_index(stage.id)


def _bounded(pb: Playbook) -> bool:
    return pb.climb is not None and pb.climb.max_climbs is not None


def _published(pb: Playbook, stage: Stage, level: str) -> Node:
    for later in pb.stages[pb.stage_index(stage.id) + 1 :]:
        if later.gate.kind == "publish":
            return _node(pb, later.id, level)
    return (END, "")


def _may_sink(pb: Playbook, stage: Stage, level: str) -> bool:
    if pb.climb is None or stage.level or pb.level_index(level) == 0:
        return False
    return pb.climb.max_descents > 0 and bool(staff(pb, stage, Verb.SEND_DOWN))


def staff(pb: Playbook, stage: Stage, verb: Verb) -> frozenset[str]:
    """Who among the roles of the stage may send it up or down."""
    if stage.gate.kind in FINISHED:
        return frozenset()
    named = set(stage.gate.by) | (set(stage.do) if WHO[verb] == "staff" else set())
    return frozenset(r for r in named if pb.role(r).special in ("", "assignee"))
