"""Schematic areas for places nobody has drawn yet, to be captioned 示意图.

Seeded, so the same county always looks the same. Neighbours share their edges exactly, at every
depth: the lines of the whole tree are noded together once, and every area is made of its faces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

Plan: TypeAlias = "int | Sequence[Plan]"
"""How an area is divided: into so many cells, or into one area for each plan."""

_GRAIN = 1e-6  # degrees, about a tenth of a metre: coordinates are multiples of it
_ROUNDS = 12  # of evening out the sizes


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon (WKB) and the areas it is made of, in the order of the plan."""

    polygon: bytes
    parts: tuple["Area", ...]


@dataclass(frozen=True, slots=True)
class _Sketch:
    """An area before the lines are noded."""

    shape: Polygon
    parts: list["_Sketch"]


def schematic_grids(seed: int, bbox: tuple[float, float, float, float], n: int) -> list[bytes]:
    """`n` areas (WKB) that fill the box (west, south, east, north) without gap or overlap."""
    whole = schematic(seed, bbox, n)
    return [part.polygon for part in whole.parts] or [whole.polygon]


def schematic(seed: int, bbox: tuple[float, float, float, float], plan: Plan) -> Area:
    """The box divided as `plan` says; `[27, 27]` is two communities of 27 grids each.

    ValueError for a box without area, a plan without areas, or too many areas for the box.
    """
    box = shapely.box(*(round(edge / _GRAIN) * _GRAIN for edge in bbox))
    if not box.area > 0:
        raise ValueError("a box needs west < east and south < north")
    sketch = _sketch(np.random.default_rng(seed), box, plan)
    faces = _faces(sketch)
    area = _area(sketch, faces)
    if len(faces) != _leaves(area):
        raise ValueError("too many areas for so small a box")
    return area


def _sketch(rng: np.random.Generator, shape: Polygon, plan: Plan) -> _Sketch:
    plans = [1] * plan if isinstance(plan, int) else list(plan)
    if not plans or (isinstance(plan, int) and plan < 1):
        raise ValueError("a plan needs at least one area")
    if isinstance(plan, int) and plan == 1:
        return _Sketch(shape, [])
    cells = _cells(rng, shape, len(plans))
    parts = [_sketch(rng, cell, part) for cell, part in zip(cells, plans, strict=True)]
    return _Sketch(shape, parts)


def _cells(rng: np.random.Generator, shape: Polygon, n: int) -> list[Polygon]:
    """Voronoi cells of `n` points, evened out (Lloyd), north-west first."""
    if n == 1:
        return [shape]
    sites = _scattered(rng, shape, n)
    cells: list[Any] = []
    for _ in range(_ROUNDS):
        voronoi = shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=shape)
        cells = [shapely.intersection(cell, shape) for cell in shapely.get_parts(voronoi)]
        sites = np.array([cell.centroid.coords[0] for cell in cells])
    if len(cells) != n:
        raise ValueError("too many areas for so small a box")
    return [cells[i] for i in np.lexsort((sites[:, 0], -sites[:, 1]))]


def _scattered(rng: np.random.Generator, shape: Polygon, n: int) -> NDArray[np.float64]:
    """Points at random inside a shape."""
    west, south, east, north = shape.bounds
    found = np.empty((0, 2))
    while len(found) < n:
        points = rng.uniform((west, south), (east, north), size=(4 * n, 2))
        found = np.vstack([found, points[shapely.contains_xy(shape, points)]])
    return found[:n]


def _outlines(sketch: _Sketch) -> list[Any]:
    below = [line for part in sketch.parts for line in _outlines(part)]
    return below or [shapely.boundary(sketch.shape)]


def _faces(sketch: _Sketch) -> NDArray[np.object_]:
    """What the lines of all the smallest areas enclose, once they meet in the same points."""
    lines = shapely.union_all(_outlines(sketch), grid_size=_GRAIN)
    return np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))), dtype=object)


def _area(sketch: _Sketch, faces: NDArray[np.object_]) -> Area:
    """The area made of `faces`, each given to the part its middle lies in."""
    if not sketch.parts:
        return Area(_wkb(faces), ())
    middles = shapely.point_on_surface(faces)
    tree = shapely.STRtree([part.shape for part in sketch.parts])
    owner = tree.query_nearest(middles, all_matches=False)[1]
    parts = [_area(part, faces[owner == i]) for i, part in enumerate(sketch.parts)]
    return Area(_wkb(faces), tuple(parts))


def _wkb(faces: NDArray[np.object_]) -> bytes:
    if not len(faces):
        raise ValueError("too many areas for so small a box")
    whole = shapely.normalize(shapely.coverage_union_all(faces))
    if whole.geom_type != "Polygon":
        raise ValueError("too many areas for so small a box")
    return bytes(shapely.to_wkb(whole))


def _leaves(area: Area) -> int:
    return sum(_leaves(part) for part in area.parts) or 1
