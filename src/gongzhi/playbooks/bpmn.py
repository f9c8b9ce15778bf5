"""BPMN 2.0 with its own diagram: the playbook for tools of others. A view, never the source.

One lane per rung; a user task per stage and rung, and behind it a gateway that reads the variable
`way` (pass, fail, refuse, up, down, unsolved). Deadlines in working time are no BPMN timers (those
know no holidays): they stand in the documentation of the task, and their effect is the way "up".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from gongzhi.playbooks import graph
from gongzhi.playbooks.graph import Edge, Graph, Node
from gongzhi.playbooks.schema import Playbook

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
_COLUMN, _LANE, _LEFT, _TOP = 220, 150, 120, 40
_TASK, _GATE, _EVENT = (120, 70), (40, 40), (36, 36)

Shape = tuple[int, int, int, int]


@dataclass
class _Drawing:
    """What is being written: the process, and where each of its parts is drawn."""

    playbook: Playbook
    language: str
    graph: Graph
    process: ET.Element
    shapes: dict[str, Shape] = field(default_factory=dict)
    flows: dict[str, tuple[str, str]] = field(default_factory=dict)
    lanes: dict[str, list[str]] = field(default_factory=dict)


def export(playbook: Playbook, language: str = "zh-Hans") -> str:
    """The document as text."""
    for prefix, uri in (("bpmn", BPMN), ("bpmndi", DI), ("dc", DC), ("di", DD)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(
        _q("definitions"),
        {"id": f"definitions_{playbook.id}", "targetNamespace": f"urn:gongzhi:{playbook.digest}"},
    )
    words = playbook.words(language)
    collaboration = _sub(root, "collaboration", id=f"collaboration_{playbook.id}")
    _sub(
        collaboration,
        "participant",
        id=f"pool_{playbook.id}",
        name=words.name,
        processRef=playbook.id,
    )
    process = _sub(root, "process", id=playbook.id, name=words.name, isExecutable="true")
    drawing = _Drawing(playbook, language, graph.of(playbook), process)
    drawing.lanes = {level.id: [] for level in playbook.levels}
    lane_set = _sub(process, "laneSet", id="lanes")
    _entry(drawing)
    for node in drawing.graph.nodes:
        _task(drawing, node)
    _ends(drawing)
    _flows(drawing)
    _lanes(drawing, lane_set)
    _diagram(drawing, root)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def name_of(node: Node) -> str:
    """The id of the task of a node."""
    return f"{node[0]}__{node[1]}" if node[1] else f"end_{node[0]}"


def _q(tag: str, uri: str = BPMN) -> str:
    return f"{{{uri}}}{tag}"


def _sub(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, _q(tag), attributes)


def _place(drawing: _Drawing, element: str, node: Node, dx: int, size: tuple[int, int]) -> None:
    """Puts an element into the lane of the node's rung, `dx` right of its column."""
    playbook = drawing.playbook
    row = len(playbook.levels) - 1 - playbook.level_index(node[1])
    x = _LEFT + playbook.stage_index(node[0]) * _COLUMN + dx
    y = _TOP + row * _LANE + (_LANE - size[1]) // 2
    drawing.shapes[element] = (x, y, *size)
    drawing.lanes[node[1]].append(element)


def _entry(drawing: _Drawing) -> None:
    entries = drawing.graph.entries
    _sub(drawing.process, "startEvent", id="start")
    _place(drawing, "start", entries[0], -80, _EVENT)
    if len(entries) > 1:
        _sub(drawing.process, "exclusiveGateway", id="entry")
        _place(drawing, "entry", entries[0], -30, _GATE)


def _task(drawing: _Drawing, node: Node) -> None:
    words = drawing.playbook.words(drawing.language)
    stage = drawing.playbook.stage(node[0])
    name = f"{words.stages[node[0]].name}（{words.levels[node[1]]}）"
    task = ET.Element(_q("userTask"), {"id": name_of(node), "name": name})
    text = words.stages[node[0]].what
    if stage.deadline is not None:
        text += f" [{stage.deadline.due} → {stage.deadline.then}]"
    _sub(task, "documentation").text = text
    drawing.process.append(task)
    _place(drawing, name_of(node), node, 20, _TASK)
    if len(_out(drawing, node)) > 1:
        _sub(drawing.process, "exclusiveGateway", id=f"way_{name_of(node)}")
        _place(drawing, f"way_{name_of(node)}", node, 155, _GATE)


def _out(drawing: _Drawing, node: Node) -> list[Edge]:
    return [edge for edge in drawing.graph.edges if edge.start == node]


def _ends(drawing: _Drawing) -> None:
    playbook = drawing.playbook
    reached = {edge.end for edge in drawing.graph.edges if not edge.end[1]}
    for row, node in enumerate(sorted(reached)):
        element = name_of(node)
        _sub(drawing.process, "endEvent", id=element, name=node[0])
        x = _LEFT + len(playbook.stages) * _COLUMN
        level = playbook.levels[-1 - row % len(playbook.levels)].id
        lane = len(playbook.levels) - 1 - playbook.level_index(level)
        drawing.shapes[element] = (x, _TOP + lane * _LANE + (_LANE - _EVENT[1]) // 2, *_EVENT)
        drawing.lanes[level].append(element)


def _flows(drawing: _Drawing) -> None:
    entries = drawing.graph.entries
    _flow(drawing, "start", "entry" if len(entries) > 1 else name_of(entries[0]))
    for node in entries if len(entries) > 1 else ():
        _flow(drawing, "entry", name_of(node), f"entry == '{node[1]}'")
    for node in drawing.graph.nodes:
        out = _out(drawing, node)
        source = name_of(node)
        if len(out) > 1:
            _flow(drawing, source, f"way_{source}")
            source = f"way_{source}"
        for edge in out:
            condition = f"way == '{edge.way}'" if len(out) > 1 else ""
            _flow(drawing, source, name_of(edge.end), condition, edge.way)
    _incoming(drawing)


def _flow(drawing: _Drawing, start: str, end: str, condition: str = "", name: str = "") -> None:
    flow_id = f"flow_{len(drawing.flows) + 1}"
    attributes = {"id": flow_id, "sourceRef": start, "targetRef": end}
    flow = _sub(drawing.process, "sequenceFlow", **attributes, **({"name": name} if name else {}))
    if condition:
        expression = _sub(flow, "conditionExpression")
        expression.set("{http://www.w3.org/2001/XMLSchema-instance}type", "bpmn:tFormalExpression")
        expression.text = condition
    drawing.flows[flow_id] = (start, end)


def _incoming(drawing: _Drawing) -> None:
    """Each element names its flows, after its documentation as the schema wants it."""
    elements = {element.get("id"): element for element in drawing.process}
    for flow_id, (start, _) in drawing.flows.items():
        _sub(elements[start], "outgoing").text = flow_id
    for flow_id, (_, end) in drawing.flows.items():
        element = elements[end]
        marks = [child for child in element if child.tag == _q("outgoing")]
        at = list(element).index(marks[0]) if marks else len(element)
        incoming = ET.Element(_q("incoming"))
        incoming.text = flow_id
        element.insert(at, incoming)


def _lanes(drawing: _Drawing, lane_set: ET.Element) -> None:
    words = drawing.playbook.words(drawing.language)
    for level in reversed(drawing.playbook.levels):
        lane = _sub(lane_set, "lane", id=f"lane_{level.id}", name=words.levels[level.id])
        for element in drawing.lanes[level.id]:
            _sub(lane, "flowNodeRef").text = element


def _diagram(drawing: _Drawing, root: ET.Element) -> None:
    playbook = drawing.playbook
    diagram = ET.SubElement(root, _q("BPMNDiagram", DI), {"id": "diagram"})
    reference = f"collaboration_{playbook.id}"
    plane = ET.SubElement(diagram, _q("BPMNPlane", DI), {"id": "plane", "bpmnElement": reference})
    width = len(playbook.stages) * _COLUMN + _LEFT + 80
    height = len(playbook.levels) * _LANE
    _shape(plane, f"pool_{playbook.id}", (0, _TOP, width, height), horizontal=True)
    for row, level in enumerate(reversed(playbook.levels)):
        lane = (30, _TOP + row * _LANE, width - 30, _LANE)
        _shape(plane, f"lane_{level.id}", lane, horizontal=True)
    for element, shape in drawing.shapes.items():
        _shape(plane, element, shape)
    for flow_id, (start, end) in drawing.flows.items():
        edge = ET.SubElement(
            plane, _q("BPMNEdge", DI), {"id": f"di_{flow_id}", "bpmnElement": flow_id}
        )
        for x, y in _points(drawing.shapes[start], drawing.shapes[end]):
            ET.SubElement(edge, _q("waypoint", DD), {"x": str(x), "y": str(y)})


def _shape(plane: ET.Element, element: str, shape: Shape, *, horizontal: bool = False) -> None:
    attributes = {"id": f"di_{element}", "bpmnElement": element}
    if horizontal:
        attributes["isHorizontal"] = "true"
    drawn = ET.SubElement(plane, _q("BPMNShape", DI), attributes)
    names = ("x", "y", "width", "height")
    bounds = {name: str(value) for name, value in zip(names, shape, strict=True)}
    ET.SubElement(drawn, _q("Bounds", DC), bounds)


def _points(start: Shape, end: Shape) -> Iterable[tuple[int, int]]:
    """Straight to the right, up and down by the sides, back to the left below both."""
    x1, y1 = start[0] + start[2], start[1] + start[3] // 2
    x2, y2 = end[0], end[1] + end[3] // 2
    if x2 >= x1 and y1 == y2:
        return ((x1, y1), (x2, y2))
    if x2 >= x1:
        return ((x1, y1), (x2 - 12, y1), (x2 - 12, y2), (x2, y2))
    below = max(start[1] + start[3], end[1] + end[3]) + 14
    middle = end[0] + end[2] // 2
    foot = start[0] + start[2] // 2
    return ((foot, start[1] + start[3]), (foot, below), (middle, below), (middle, end[1] + end[3]))
