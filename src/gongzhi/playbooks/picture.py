"""The flow of a playbook as a picture: steps from left to right, a lane for every rung.

Drawn with attributes only (no style sheets, no scripts), so it looks the same on the page, on
paper and in a file, and needs nothing the page's security policy would refuse.
"""

from html import escape

from gongzhi.playbooks import graph, phrases
from gongzhi.playbooks.graph import Edge, Node
from gongzhi.playbooks.schema import Playbook

_COLUMN, _LANE, _LEFT, _TOP = 150, 112, 92, 46
_WIDTH, _HEIGHT = 112, 52
_INK, _LINE, _QUIET, _LANE_FILL = "#1f2328", "#1b5a8f", "#767e88", ("#ffffff", "#f5f4f1")
_COLOURS = {
    "pass": "#1a6b3c",
    "fail": "#b3261e",
    "up": "#1b5a8f",
    "down": "#767e88",
    "unsolved": "#8a4b00",
    "refuse": "#767e88",
}
"""Ways are told apart by their dashes and their direction as well, never by colour alone."""
_DASHES = {"down": "2 4", "unsolved": "8 4", "refuse": "2 4", "fail": "6 3"}
_SHOWN = ("pass", "fail", "up", "unsolved")  # and a refusal that leads on


def svg(playbook: Playbook, language: str = "zh-Hans") -> str:
    """The picture; it has a title and a description for those who do not see it."""
    drawn, language = graph.of(playbook), phrases.spoken(language)
    words = playbook.words(language)
    width = _LEFT + len(playbook.stages) * _COLUMN + 70
    height = _TOP + len(playbook.levels) * _LANE + 44
    parts = [_lanes(playbook, language, width), _heads(playbook, language)]
    shown = [edge for edge in drawn.edges if edge.way in _SHOWN or _leads_on(edge)]
    parts += [_edge(playbook, edge) for edge in shown]
    parts += [_node(playbook, node, language, node in drawn.entries) for node in drawn.nodes]
    parts += [
        _end(playbook, language),
        _legend(language, height, [*_SHOWN, *{e.way for e in shown if _leads_on(e)}]),
    ]
    title = phrases.say("title_flow", language, name=words.name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="system-ui, PingFang SC, Noto Sans CJK SC, '
        f'Noto Sans SC, Microsoft YaHei, sans-serif" font-size="14" fill="{_INK}">'
        f"<title>{escape(title)}</title><desc>{escape(_told(playbook, language))}</desc>"
        f"{_markers()}{''.join(parts)}</svg>"
    )


def _leads_on(edge: Edge) -> bool:
    """A refusal that is no end: an appeal, or to the board with its reason."""
    return edge.way == "refuse" and edge.end[0] != "refused"


def _told(playbook: Playbook, language: str) -> str:
    words = playbook.words(language)
    steps = " → ".join(words.stages[stage.id].name for stage in playbook.stages)
    rungs = " → ".join(words.levels[level.id] for level in playbook.levels)
    return f"{steps}; {rungs}"


def _markers() -> str:
    return "<defs>" + "".join(
        f'<marker id="to-{way}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        f'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
        for way, colour in _COLOURS.items()
    ) + "</defs>"  # fmt: skip


def _row(playbook: Playbook, level: str) -> int:
    return len(playbook.levels) - 1 - playbook.level_index(level)


def _corner(playbook: Playbook, node: Node) -> tuple[int, int]:
    if not node[1]:
        return _LEFT + len(playbook.stages) * _COLUMN, _TOP
    x = _LEFT + playbook.stage_index(node[0]) * _COLUMN + (_COLUMN - _WIDTH) // 2
    return x, _TOP + _row(playbook, node[1]) * _LANE + (_LANE - _HEIGHT) // 2


def _lanes(playbook: Playbook, language: str, width: int) -> str:
    words, parts = playbook.words(language), []
    for row, level in enumerate(reversed(playbook.levels)):
        y = _TOP + row * _LANE
        parts.append(
            f'<rect x="0" y="{y}" width="{width}" height="{_LANE}" fill="{_LANE_FILL[row % 2]}" '
            f'stroke="#d5d9de"/>'
            f'<text x="12" y="{y + _LANE // 2 - 4}" font-weight="600">'
            f"{escape(words.levels[level.id])}</text>"
        )
        if level.target_share is not None:
            share = f"{float(level.target_share * 100):g}%"
            parts.append(f'<text x="12" y="{y + _LANE // 2 + 16}" fill="{_QUIET}">{share}</text>')
    return "".join(parts)


def _heads(playbook: Playbook, language: str) -> str:
    return "".join(
        f'<text x="{_LEFT + i * _COLUMN + _COLUMN // 2}" y="28" text-anchor="middle" '
        f'fill="{_QUIET}">{i + 1}</text>'
        for i in range(len(playbook.stages))
    )


def _node(playbook: Playbook, node: Node, language: str, entry: bool) -> str:
    x, y = _corner(playbook, node)
    name = playbook.words(language).stages[node[0]].name
    thick = 3 if entry else 1.5
    lines = _wrapped(name, language)
    top = y + _HEIGHT // 2 + 5 - (len(lines) - 1) * 9
    text = "".join(
        f'<text x="{x + _WIDTH // 2}" y="{top + i * 18}" text-anchor="middle">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="10" fill="#ffffff" '
        f'stroke="{_LINE}" stroke-width="{thick}"/>{text}'
    )


def _wrapped(name: str, language: str) -> list[str]:
    """At most two lines that fit a box."""
    if language == "zh-Hans":
        return (
            [name]
            if len(name) <= 7
            else [name[: (len(name) + 1) // 2], name[(len(name) + 1) // 2 :]]
        )
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) > 14 and len(lines) < 2:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [line if len(line) <= 17 else f"{line[:16]}…" for line in lines]


def _edge(playbook: Playbook, edge: Edge) -> str:
    dash = f' stroke-dasharray="{_DASHES[edge.way]}"' if edge.way in _DASHES else ""
    return (
        f'<path d="{_path(playbook, edge)}" fill="none" stroke="{_COLOURS[edge.way]}" '
        f'stroke-width="1.6"{dash} marker-end="url(#to-{edge.way})"/>'
    )


def _path(playbook: Playbook, edge: Edge) -> str:
    """Straight where nothing is between; above for skipping, below for going back."""
    x1, y1 = _corner(playbook, edge.start)
    x2, y2 = _corner(playbook, edge.end)
    middle1, middle2 = y1 + _HEIGHT // 2, y2 + _HEIGHT // 2
    if edge.end[0] == "end":
        return f"M{x1 + _WIDTH} {middle1}H{x2 + 8}"
    if edge.way == "up" and x1 == x2:
        return f"M{x1 + _WIDTH - 18} {y1}V{y2 + _HEIGHT + 2}"
    if y1 != y2:
        bend = f"{x1 + _WIDTH + 20} {middle1} {x2 - 24} {middle2}"
        return f"M{x1 + _WIDTH} {middle1}C{bend} {x2 - 2} {middle2}"
    if edge.way == "pass" and x2 - x1 == _COLUMN:
        return f"M{x1 + _WIDTH} {middle1}H{x2 - 2}"
    if x2 > x1:
        lift = 20 if edge.way == "pass" else 26
        return _arc(x1 + _WIDTH - 30, x2 + 24, y1, -lift)
    return _arc(x1 + 30, x2 + _WIDTH - 40, y1 + _HEIGHT, 22)


def _arc(x1: int, x2: int, y: int, bend: int) -> str:
    land = y - 2 if bend < 0 else y + 2
    return f"M{x1} {y}C{x1} {y + bend} {x2} {y + bend} {x2} {land}"


def _end(playbook: Playbook, language: str) -> str:
    x, _ = _corner(playbook, ("end", ""))
    height = len(playbook.levels) * _LANE
    label = phrases.say("end", language)
    return (
        f'<rect x="{x + 10}" y="{_TOP + 6}" width="44" height="{height - 12}" rx="10" '
        f'fill="#e5f3ea" stroke="{_COLOURS["pass"]}"/>'
        f'<text x="{x + 32}" y="{_TOP + height // 2}" text-anchor="middle">{escape(label)}</text>'
    )


def _legend(language: str, height: int, ways: list[str]) -> str:
    parts, x = [], 12
    for way in ways:
        label = phrases.say(f"way_{way}", language)
        dash = f' stroke-dasharray="{_DASHES[way]}"' if way in _DASHES else ""
        parts.append(
            f'<path d="M{x} {height - 20}h34" stroke="{_COLOURS[way]}" stroke-width="1.6" '
            f'fill="none"{dash} marker-end="url(#to-{way})"/>'
            f'<text x="{x + 42}" y="{height - 15}">{escape(label)}</text>'
        )
        x += 60 + len(label) * (15 if language == "zh-Hans" else 8) + 16
    return "".join(parts)
