"""Charts as SVG made on the server (Vega-Lite by vl-convert), kept by content.

Text keeps its size in pixels: the page scrolls a wide picture sideways in its own box instead of
shrinking it. Every picture stands beside a table with the same numbers.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import vl_convert
from django.utils.translation import gettext as _
from markupsafe import Markup

FONT = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
LEVELS = ("#549a84", "#2b7391", "#23598b", "#152f55")
AGES = ("#b7d5ea", "#7fb0d8", "#3f7fb8", "#1b4e86")
INK = "#1f2328"


def shares(rows: Sequence[Mapping[str, Any]], title: str, *, width: int) -> Markup:
    """One 100 % stacked bar of shares by level with dashed ticks where the targets would lie.

    `width` in pixels: about 320 for a phone, 640 for a desk.
    """
    bars: list[dict[str, Any]] = []
    ticks: list[dict[str, Any]] = []
    start, target = 0.0, 0.0
    for row in rows:
        share = float(row["share"])
        bars.append(
            {"name": row["name"], "from": start, "to": start + share, "mid": start + share / 2,
             "ink": INK if not bars else "#fff",
             "words": row["name"] if share > 0.09 else "",
             "share": f"{share:.0%}" if share > 0.06 else ""}
        )  # fmt: skip
        start += share
        if row["target"] is not None:
            wanted = float(row["target"])
            place = target + wanted / 2
            target += wanted
            ticks.append(
                {
                    "at": target,
                    "mid": place,
                    "ink": INK,
                    "words": _("目标%s") % f"{wanted:.0%}" if wanted > 0.15 else f"{wanted:.0%}",
                }
            )
    scale = {"domain": [0, 1]}
    x = {"type": "quantitative", "scale": scale, "axis": None}
    names = [row["name"] for row in rows]
    colour = {"field": "name", "type": "nominal", "legend": None, "sort": names,
              "scale": {"domain": names, "range": list(LEVELS)}}  # fmt: skip
    layers: list[dict[str, Any]] = [
        {"data": {"values": bars}, "mark": {"type": "bar", "height": 64, "stroke": "#fff"},
         "encoding": {"x": {**x, "field": "from"}, "x2": {"field": "to"}, "color": colour,
                      "y": {"value": 72}}},
        _text(bars, "words", 62, 600, x), _text(bars, "share", 84, 400, x),
    ]  # fmt: skip
    if ticks:
        layers.append(
            {"data": {"values": [t for t in ticks if t["at"] < 0.999]},
             "mark": {"type": "rule", "strokeDash": [4, 4], "strokeWidth": 2, "color": INK},
             "encoding": {"x": {**x, "field": "at"}, "y": {"value": 30}, "y2": {"value": 116}}}
        )  # fmt: skip
        layers.append(_text(ticks, "words", 18, 400, x))
    return _svg({"width": width, "height": 120, "layer": layers}, title)


def stages(view: Mapping[str, Any], title: str) -> Markup:
    """How many open matters stand on each step, as bars with their numbers."""
    values = [{"name": s["name"], "n": s["open"]} for s in view["stages"]]
    return _bars(values, [v["name"] for v in values], LEVELS[2], title)


def ages(view: Mapping[str, Any], names: Mapping[str, str], title: str) -> Markup:
    """How old the open matters are."""
    values = [{"name": names[key], "n": n} for key, n in view["ages"].items()]
    return _bars(values, [v["name"] for v in values], AGES[2], title)


def bars(values: list[dict[str, Any]], title: str) -> Markup:
    """Bars with their numbers, in the order given: values carry `name` and `n`."""
    return _bars(values, [value["name"] for value in values], LEVELS[2], title)


def drawn(spec: dict[str, Any], title: str) -> Markup:
    """A picture of one's own: a Vega-Lite specification drawn in the manner of the house."""
    return _svg(spec, title)


def _bars(values: list[dict[str, Any]], order: list[str], colour: str, title: str) -> Markup:
    y = {"field": "name", "type": "nominal", "sort": order, "title": None,
         "axis": {"domain": False, "ticks": False, "labelFontSize": 16, "labelPadding": 10,
                  "labelLimit": 220}}  # fmt: skip
    x = {"field": "n", "type": "quantitative", "axis": None}
    layer = [
        {"mark": {"type": "bar", "height": 26, "color": colour, "cornerRadiusEnd": 4},
         "encoding": {"x": x, "y": y}},
        {"mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 17, "fontWeight": 600},
         "encoding": {"x": x, "y": y, "text": {"field": "n"}}},
    ]  # fmt: skip
    spec = {"width": 190, "height": {"step": 42}, "data": {"values": values}, "layer": layer}
    return _svg(spec, title)


def _text(
    values: Sequence[Mapping[str, Any]], field: str, y: int, weight: int, x: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    """Words at the middle of each part; `ink` of a value is their colour where it has one."""
    return {
        "data": {"values": list(values)},
        "mark": {"type": "text", "fontSize": 16, "fontWeight": weight},
        "encoding": {
            "color": {"field": "ink", "type": "nominal", "scale": None},
            "x": {**x, "field": "mid"},
            "y": {"value": y},
            "text": {"field": field},
        },
    }


def _svg(spec: dict[str, Any], title: str) -> Markup:
    full = spec | {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "config": {"font": FONT, "view": {"stroke": None}, "text": {"color": INK}},
    }
    return _rendered(json.dumps(full, sort_keys=True), title)


@lru_cache(maxsize=256)
def _rendered(spec: str, title: str) -> Markup:
    svg = vl_convert.vegalite_to_svg(spec)
    # One name for the whole picture; vega's own roles on its parts would be read out one by one.
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)
    head = Markup('<svg role="img" aria-label="{}" ').format(title)
    return Markup(svg.replace("<svg ", str(head), 1))  # noqa: S704 - made here from our own numbers
