"""Pictures of proposals: money planned and spent, days on each platform, how many came how far."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from gongzhi.deliberation.proposals import words
from gongzhi.web import charts
from gongzhi.web import words as said

PLANNED, SPENT = "#b7d5ea", "#23598b"


def money(lines: Sequence[Mapping[str, Any]]) -> Markup:
    """What is planned (light) and spent (dark) of each source of money."""
    values = [
        {
            "name": _(words.SOURCES[line["source"]]) + (f" {line['name']}" if line["name"] else ""),
            "planned": line["planned_fen"], "spent": max(line["spent_fen"], 0),
            "words": _("用了%(spent)s，计划%(planned)s") % {
                "spent": said.yuan(line["spent_fen"]), "planned": said.yuan(line["planned_fen"]),
            },
        }
        for line in lines
    ]  # fmt: skip
    x: dict[str, Any] = {"type": "quantitative", "axis": None}
    y: dict[str, Any] = {
        "field": "name", "type": "nominal", "sort": [v["name"] for v in values],
        "title": None, "axis": None,
    }  # fmt: skip
    layer = [
        {"mark": {"type": "bar", "height": 22, "color": PLANNED, "cornerRadiusEnd": 4},
         "encoding": {"x": {**x, "field": "planned"}, "y": y}},
        {"mark": {"type": "bar", "height": 22, "color": SPENT, "cornerRadiusEnd": 4},
         "encoding": {"x": {**x, "field": "spent"}, "y": y}},
        _over("name", -42, 600, y), _over("words", -22, 400, y),
    ]  # fmt: skip
    spec = {"width": 316, "height": {"step": 84}, "data": {"values": values}, "layer": layer}
    return charts.drawn(spec, _("钱从哪里来，用了多少"))


def _over(field: str, dy: int, weight: int, y: Mapping[str, Any]) -> dict[str, Any]:
    """Words above a bar, from the left edge."""
    return {
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dy": dy, "fontSize": 15,
                 "fontWeight": weight},
        "encoding": {"x": {"value": 0}, "y": y, "text": {"field": field}},
    }  # fmt: skip


def times(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Mean days on each platform."""
    values = [{"name": row["name"], "n": row["days"]} for row in rows]
    return charts.bars(values, _("在每一级平均几天"))


def way(found: Mapping[str, Any]) -> Markup:
    """How many came how far."""
    values = [
        {"name": _("立案"), "n": found["filed"]},
        {"name": _("受理"), "n": found["accepted"]["part"]},
        {"name": _("做好"), "n": found["done"]["part"]},
    ]
    return charts.bars(values, _("提案走到了哪一步"))
