"""Polygons of places in memory: which one a point lies in, reading and writing GeoJSON.

Pure. Polygons are WKB in WGS-84 degrees, longitude first.
"""

import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from gongzhi.core import coords
from gongzhi.core.errors import BadInput

Key = TypeVar("Key", bound=Hashable)
Box = tuple[float, float, float, float]  # west, south, east, north

MAX_BYTES = 50 * 1024 * 1024
MAX_FEATURES = 20_000

_CODE_NAMES = ("code", "编码", "代码", "区划代码", "adcode", "id")
_NAME_NAMES = ("name", "名称", "NAME", "Name", "名字")
_SAME_AS_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")
"""CGCS2000 (EPSG 4490) differs from WGS-84 by centimetres."""


class PointIndex(Generic[Key]):
    """Finds the polygon a point lies in. On a shared edge the polygon given first wins."""

    def __init__(self, items: Iterable[tuple[Key, bytes]]) -> None:
        """`items` are ids with their WKB; unreadable WKB is a ValueError."""
        pairs = list(items)
        self._keys: list[Key] = [key for key, _ in pairs]
        self._shapes = shapely.from_wkb(np.array([wkb for _, wkb in pairs], dtype=object))
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, lon: float, lat: float) -> Key | None:
        """The id of the polygon around the point, edges included; None where there is none."""
        near = self._tree.query(shapely.Point(lon, lat))
        for index in sorted(int(i) for i in near):
            if shapely.intersects_xy(self._shapes[index], lon, lat):
                return self._keys[index]
        return None

    def find_many(self, points: Sequence[tuple[float, float]]) -> list[Key | None]:
        """`find` for many points (longitude, latitude) at once."""
        found: list[Key | None] = [None] * len(points)
        if not points:
            return found
        asked, hits = self._tree.query(shapely.points(points), predicate="intersects")
        for which, hit in sorted(zip(asked.tolist(), hits.tolist(), strict=True), reverse=True):
            found[which] = self._keys[hit]
        return found


@dataclass(frozen=True, slots=True)
class Feature:
    """One polygon of a file; `repaired` when its outline crossed itself and was put right."""

    code: str
    name: str
    polygon: bytes  # WKB, WGS-84
    bbox: Box
    repaired: bool
    properties: Mapping[str, Any]


def read_geojson(data: bytes, system: coords.System = "wgs84") -> list[Feature]:
    """The polygons of a GeoJSON file whose coordinates are in `system`.

    BadInput says which feature is wrong and why: not polygons, not degrees, longitude and latitude
    changed round, another coordinate system, no area.
    """
    content = _parsed(data)
    _check_crs(content)
    features = _features(content)
    return [_feature(n, item, system) for n, item in enumerate(features, start=1)]


def bbox(wkb: bytes) -> Box:
    """West, south, east and north edge of a polygon."""
    west, south, east, north = shapely.bounds(shapely.from_wkb(wkb)).tolist()
    return west, south, east, north


def simplify_for_display(polygons: Sequence[bytes], tolerance: float = 0.0001) -> list[bytes]:
    """Fewer vertices for the screen; edges that two polygons share stay shared.

    `tolerance` is in degrees: 0.0001 is about ten metres.
    """
    shapes = shapely.from_wkb(np.array(polygons, dtype=object))
    return [bytes(wkb) for wkb in shapely.to_wkb(shapely.coverage_simplify(shapes, tolerance))]


def to_geojson(
    items: Iterable[tuple[Hashable, bytes, Mapping[str, Any]]], precision: int = 5
) -> bytes:
    """A FeatureCollection of (id, WKB, properties); 5 decimals are about a metre."""
    features = [
        {
            "type": "Feature",
            "id": key,
            "geometry": _rounded(shapely.geometry.mapping(shapely.from_wkb(wkb)), precision),
            "properties": dict(properties),
        }
        for key, wkb, properties in items
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _rounded(geometry: Mapping[str, Any], precision: int) -> dict[str, Any]:
    def tidy(value: Any) -> Any:
        if isinstance(value, (tuple, list)):
            return [tidy(part) for part in value]
        return round(value, precision)

    return {"type": geometry["type"], "coordinates": tidy(geometry["coordinates"])}


def _bad(words: str) -> BadInput:
    return BadInput("file", words)


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise _bad("文件太大，最多50兆。请先简化图形，或分成几个文件。")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _bad(f"不是GeoJSON文件：第{error.lineno}行第{error.colno}个字符读不懂。") from error
    except RecursionError as error:
        raise _bad("不是GeoJSON文件：括号套得太深。") from error
    if not isinstance(content, dict) or "type" not in content:
        raise _bad("不是GeoJSON文件：缺少“type”。")
    return content


def _no_constant(name: str) -> NoReturn:
    raise _bad(f"坐标里有“{name}”，不是数字。")


def _check_crs(content: Mapping[str, Any]) -> None:
    """GeoJSON is WGS-84; older files may say something else."""
    crs = content.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else str(crs)
    if not name.endswith(_SAME_AS_WGS84):
        raise _bad(f"坐标系是“{name[:60]}”。请在制图软件里转成WGS84经纬度（EPSG:4326）再导出。")


def _features(content: Mapping[str, Any]) -> list[Any]:
    kind = content["type"]
    if kind == "FeatureCollection":
        features = content.get("features")
    elif kind == "Feature":
        features = [content]
    else:
        features = [{"type": "Feature", "geometry": content, "properties": {}}]
    if not isinstance(features, list) or not features:
        raise _bad("文件里没有图形。")
    if len(features) > MAX_FEATURES:
        raise _bad(f"文件里有{len(features)}个图形，最多{MAX_FEATURES}个。")
    return features


def _feature(number: int, item: Any, system: coords.System) -> Feature:
    if not isinstance(item, dict):
        raise _bad(f"第{number}个图形读不懂。")
    properties = item.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    code, name = _first(properties, _CODE_NAMES), _first(properties, _NAME_NAMES)
    who = f"第{number}个图形" + (f"“{(name or code)[:40]}”" if name or code else "")
    shape = _shape(who, item.get("geometry"))
    shape, repaired = _repaired(who, _in_wgs84(shape, system))
    west, south, east, north = shape.bounds
    wkb = bytes(shapely.to_wkb(shape))
    return Feature(code, name, wkb, (west, south, east, north), repaired, properties)


def _first(properties: Mapping[str, Any], names: Iterable[str]) -> str:
    for name in names:
        value = properties.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _shape(who: str, geometry: Any) -> Polygon | MultiPolygon:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise _bad(f"{who}不是面（Polygon），是“{str(kind)[:40]}”。")
    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list) or not parts:
        raise _bad(f"{who}没有坐标。")
    polygons = [_polygon(who, part) for part in parts]
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def _polygon(who: str, rings: Any) -> Polygon:
    if not isinstance(rings, list) or not rings:
        raise _bad(f"{who}没有坐标。")
    outline, *holes = (_ring(who, ring) for ring in rings)
    try:
        return Polygon(outline, holes)
    except (ValueError, shapely.errors.ShapelyError) as error:  # a closed ring of two points
        raise _bad(f"{who}没有面积。") from error


def _ring(who: str, ring: Any) -> NDArray[np.float64]:
    try:
        points = np.array([[point[0], point[1]] for point in ring], dtype=np.float64)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
        raise _bad(f"{who}的坐标里有读不懂的地方，应当是一对对数字。") from error
    if len(points) < 3 or not np.isfinite(points).all():
        raise _bad(f"{who}的一圈坐标不足三个点，或者不是数字。")
    _check_degrees(who, points)
    return points


def _check_degrees(who: str, points: NDArray[np.float64]) -> None:
    lon, lat = points[:, 0], points[:, 1]
    # Swapped, the longitudes of China stand where latitudes should.
    if ((lon > 3) & (lon < 54) & (lat > 73) & (lat < 136)).all():
        raise _bad(f"{who}的经度和纬度写反了。每个点应当先写经度，再写纬度。")
    if (np.abs(lon) > 180).any() or (np.abs(lat) > 90).any():
        raise _bad(
            f"{who}的坐标不是经纬度（例如{lon[0]:.10g}, {lat[0]:.10g}），"
            "可能是平面坐标。请转成WGS84经纬度再导出。"
        )


def _in_wgs84(shape: Polygon | MultiPolygon, system: coords.System) -> Polygon | MultiPolygon:
    if system == "wgs84":
        return shape

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([coords.to_wgs84(lon, lat, system) for lon, lat in points.tolist()])

    return shapely.transform(shape, moved)


def _repaired(who: str, shape: Any) -> tuple[Polygon | MultiPolygon, bool]:
    """The shape, its crossings put right, and whether there were any."""
    valid = bool(shapely.is_valid(shape))
    if not valid:
        parts = shapely.get_parts(shapely.make_valid(shape))
        faces = [part for part in shapely.get_parts(parts) if part.geom_type == "Polygon"]
        shape = shapely.union_all(faces)
    if shape.is_empty or not math.isfinite(shape.area) or shape.area == 0:
        raise _bad(f"{who}没有面积。")
    return shape, not valid
