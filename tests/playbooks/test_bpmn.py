"""The BPMN export is valid, and run by another engine it goes where `decide` goes."""

import io
import random
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from gongzhi.playbooks import bpmn, graph, load
from gongzhi.playbooks.graph import Node, Way
from gongzhi.playbooks.schema import Playbook

from . import walks

XSD = Path(__file__).parent / "xsd" / "BPMN20.xsd"
EXAMPLE = Path(__file__).parent / "examples" / "everything"
FOLDERS = [f for f in sorted(load.shipped().iterdir()) if f.is_dir()] + [EXAMPLE]
ALL = load.load_all(FOLDERS)[0]
PLAYBOOKS = pytest.mark.parametrize("playbook", ALL.values(), ids=ALL)
Path_ = tuple[tuple[Way, Node], ...]


def _bounded(playbook: Playbook, loops: int, descents: int) -> Playbook:
    assert playbook.climb is not None
    climb = playbook.climb.model_copy(update={"max_descents": descents, "max_climbs": None})
    limits = playbook.limits.model_copy(update={"loops": loops})
    return playbook.model_copy(update={"climb": climb, "limits": limits})


def _spec(playbook: Playbook) -> Any:
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(bpmn.export(playbook).encode()))
    return parser.get_spec(playbook.id)


def _run(spec: Any, entry: Node, path: Path_) -> list[str]:
    """The tasks the other engine stops at when it is told the ways of the path."""
    workflow = BpmnWorkflow(spec)
    for task in workflow.get_tasks(state=TaskState.READY):
        task.data["entry"] = entry[1]
    workflow.do_engine_steps()
    visited = []
    for found, _ in path:
        (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
        visited.append(task.task_spec.name)
        task.data["way"] = found
        task.run()
        workflow.do_engine_steps()
    assert workflow.is_completed()
    ends = [t.task_spec.name for t in workflow.get_tasks(state=TaskState.COMPLETED)]
    return [*visited, next(name for name in ends if name.startswith("end_"))]


@PLAYBOOKS
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_it_is_valid_against_the_standards_own_schema(playbook: Playbook, language: str) -> None:
    document = etree.fromstring(bpmn.export(playbook, language).encode())
    etree.XMLSchema(etree.parse(str(XSD))).assertValid(document)


@PLAYBOOKS
def test_everything_is_drawn_inside_its_lane(playbook: Playbook) -> None:
    document = etree.fromstring(bpmn.export(playbook).encode())
    names = {"b": bpmn.BPMN, "di": bpmn.DI, "dc": bpmn.DC}
    bounds = {
        shape.get("bpmnElement"): {k: float(v) for k, v in shape.find("dc:Bounds", names).items()}
        for shape in document.iterfind(".//di:BPMNShape", names)
    }
    for lane in document.iterfind(".//b:lane", names):
        outer = bounds[lane.get("id")]
        for reference in lane.iterfind("b:flowNodeRef", names):
            inner = bounds[reference.text]
            assert outer["y"] <= inner["y"]
            assert inner["y"] + inner["height"] <= outer["y"] + outer["height"]
            assert outer["x"] <= inner["x"]
            assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    flows = {edge.get("bpmnElement") for edge in document.iterfind(".//di:BPMNEdge", names)}
    assert flows == {flow.get("id") for flow in document.iterfind(".//b:sequenceFlow", names)}


@PLAYBOOKS
def test_the_graph_has_exactly_the_steps_that_decide_makes(playbook: Playbook) -> None:
    """With one way back and one down, so that every state before and after a bound is met.

    A bound on climbs is taken away: the graph shows the ladder, not how often one may use it.
    """
    playbook = _bounded(playbook, loops=1, descents=1)
    drawn, made = graph.of(playbook), set()
    seen, todo = set(), [walks.room(playbook, level) for _, level in drawn.entries]
    while todo:
        table = todo.pop()
        for found, there in walks.steps(table):
            made.add(graph.Edge(walks.node(table.position), found, walks.node(there.position)))
            now = there.position
            key = (now.stage, now.level, now.loops, now.descents, now.unsolved, now.outcome)
            if key not in seen and not now.outcome:
                seen.add(key)
                todo.append(there)
    assert made == set(drawn.edges)


@PLAYBOOKS
def test_another_engine_takes_the_same_way_on_every_path(playbook: Playbook) -> None:
    playbook = _bounded(playbook, loops=1, descents=0)
    spec, count = _spec(playbook), 0
    for entry in graph.of(playbook).entries:
        for path in walks.paths(walks.room(playbook, entry[1])):
            expected = [bpmn.name_of(n) for n in (entry, *(to for _, to in path))]
            assert _run(spec, entry, path) == expected
            count += 1
    assert count > 10


@PLAYBOOKS
def test_and_on_random_paths_with_the_playbooks_own_bounds(playbook: Playbook) -> None:
    spec, chance = _spec(playbook), random.Random(20260302)
    entries = graph.of(playbook).entries
    for _ in range(60):
        entry = chance.choice(entries)
        table, path = walks.room(playbook, entry[1]), []
        while not table.position.outcome:
            found, table = chance.choice(list(walks.steps(table)))
            path.append((found, walks.node(table.position)))
        expected = [bpmn.name_of(n) for n in (entry, *(to for _, to in path))]
        assert _run(spec, entry, tuple(path)) == expected
