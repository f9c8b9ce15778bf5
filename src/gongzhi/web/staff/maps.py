"""A map without tiles: the outlines of places as one picture, each a link. Works on paper too."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians
from typing import Any

WIDTH, MARGIN = 720, 8


@dataclass(frozen=True)
class Shape:
    """One place in the picture."""

    id: int
    name: str
    path: str
    x: float
    y: float
    tone: int


@dataclass(frozen=True)
class Picture:
    """What the template draws."""

    width: int
    height: int
    shapes: list[Shape]
    schematic: bool


def draw(layer: dict[str, Any], tone: Callable[[int], int] = lambda _: 0) -> Picture | None:
    """The outlines of a GeoJSON layer fitted into a picture; None when nothing is drawn yet."""
    features = layer["features"]
    rings = {f["id"]: _rings(f["geometry"]) for f in features}
    points = [point for many in rings.values() for ring in many for point in ring]
    if not points:
        return None
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrow = cos(radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / max((east - west) * narrow, (north - south) / 1.2, 1e-9)

    def fit(x: float, y: float) -> tuple[float, float]:
        return MARGIN + (x - west) * narrow * scale, MARGIN + (north - y) * scale

    shapes = [_shape(f, rings[f["id"]], fit, tone(f["id"])) for f in features]
    height = round((north - south) * scale) + 2 * MARGIN
    drawn_by_us = any(f["properties"].get("schematic") for f in features)
    width = round((east - west) * narrow * scale) + 2 * MARGIN
    return Picture(width, height, shapes, drawn_by_us)


Fit = Callable[[float, float], tuple[float, float]]


def _shape(feature: dict[str, Any], rings: list[list[Any]], fit: Fit, tone: int) -> Shape:
    fitted = [[fit(x, y) for x, y in ring] for ring in rings]
    path = "".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in ring) + "Z" for ring in fitted)
    xs, ys = [x for x, _ in fitted[0]], [y for _, y in fitted[0]]
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    return Shape(feature["id"], feature["properties"]["name"], path, *middle, tone)


def _rings(geometry: dict[str, Any]) -> list[list[Any]]:
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    return [[(p[0], p[1]) for p in ring] for polygon in polygons for ring in polygon]
