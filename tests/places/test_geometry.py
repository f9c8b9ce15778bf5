"""Polygons: points found, files read with clear errors, edges that stay shared."""

import json
import random
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core.coords import from_wgs84
from gongzhi.core.errors import BadInput
from gongzhi.places.geometry import (
    PointIndex,
    bbox,
    read_geojson,
    simplify_for_display,
    to_geojson,
)
from gongzhi.places.schematic import schematic_grids

BOX = (120.10, 33.30, 120.20, 33.40)
GRIDS = schematic_grids(9, BOX, 60)
INDEX = PointIndex(list(enumerate(GRIDS)))
SQUARE = [[120.1, 33.3], [120.2, 33.3], [120.2, 33.4], [120.1, 33.4], [120.1, 33.3]]


def wkb(*box: float) -> bytes:
    return bytes(shapely.to_wkb(shapely.box(*box)))


def collection(*rings: Any, kind: str = "Polygon", **properties: Any) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": kind, "coordinates": [ring]},
        }
        for ring in rings
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@given(st.floats(120.10, 120.20), st.floats(33.30, 33.40))
def test_every_point_of_the_box_is_in_a_grid(lon: float, lat: float) -> None:
    found = INDEX.find(lon, lat)
    assert found is not None
    assert shapely.intersects_xy(shapely.from_wkb(GRIDS[found]), lon, lat)
    inside = [g for g in GRIDS if shapely.contains_xy(shapely.from_wkb(g), lon, lat)]
    assert len(inside) <= 1


def test_points_outside_are_in_no_grid() -> None:
    assert INDEX.find(121.0, 33.35) is None
    assert PointIndex([]).find(120.1, 33.3) is None


def test_on_a_shared_edge_the_first_grid_wins() -> None:
    left, right = (1, wkb(0, 0, 1, 1)), (2, wkb(1, 0, 2, 1))
    assert PointIndex([left, right]).find(1, 0.5) == 1
    assert PointIndex([right, left]).find(1, 0.5) == 2
    assert PointIndex([left, right]).find_many([(1, 0.5), (1.5, 0.5), (5, 5)]) == [1, 2, None]


def test_many_points_at_once_are_found_as_one_by_one() -> None:
    rng = random.Random(1)
    points = [(rng.uniform(120.09, 120.21), rng.uniform(33.29, 33.41)) for _ in range(500)]
    assert INDEX.find_many(points) == [INDEX.find(*point) for point in points]


def test_a_file_gives_codes_names_and_boxes() -> None:
    (feature,) = read_geojson(collection(SQUARE, 代码="320903050001", name="新禾社区", note=1))
    assert (feature.code, feature.name) == ("320903050001", "新禾社区")
    assert feature.bbox == bbox(feature.polygon) == (120.1, 33.3, 120.2, 33.4)
    assert not feature.repaired
    assert feature.properties["note"] == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_chinese_names_survive_other_encodings(encoding: str) -> None:
    text = collection(SQUARE, name="新禾社区").decode().encode().decode("unicode_escape")
    assert read_geojson(text.encode(encoding))[0].name == "新禾社区"


def test_an_open_ring_a_height_and_several_parts_are_understood() -> None:
    high = [[*point, 12.5] for point in SQUARE[:-1]]
    assert read_geojson(collection(high))[0].bbox == (120.1, 33.3, 120.2, 33.4)
    moved = [[x + 1, y] for x, y in SQUARE]
    geometry = {"type": "MultiPolygon", "coordinates": [[SQUARE], [moved]]}
    assert read_geojson(json.dumps(geometry).encode())[0].bbox == (120.1, 33.3, 121.2, 33.4)


def test_an_outline_that_crosses_itself_is_put_right_and_said_so() -> None:
    bow = [[120.1, 33.3], [120.2, 33.4], [120.2, 33.3], [120.1, 33.4], [120.1, 33.3]]
    (feature,) = read_geojson(collection(bow))
    assert feature.repaired
    shape = shapely.from_wkb(feature.polygon)
    assert shape.is_valid
    assert shape.area == pytest.approx(0.005)


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_chinese_coordinates_are_stored_in_wgs84(system: Any) -> None:
    shifted = [list(from_wgs84(x, y, system)) for x, y in SQUARE]
    (feature,) = read_geojson(collection(shifted), system)
    assert feature.bbox == pytest.approx((120.1, 33.3, 120.2, 33.4), abs=1e-6)


def with_crs(name: str) -> bytes:
    content = json.loads(collection(SQUARE))
    return json.dumps({**content, "crs": {"type": "name", "properties": {"name": name}}}).encode()


def test_the_national_degrees_are_as_good_as_wgs84() -> None:
    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4490"):
        assert len(read_geojson(with_crs(name))) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "读不懂"),
        (b"\xff\xfe\x00", "读不懂"),
        (b"[1]", "缺少“type”"),
        (b"[" * 100_000, "套得太深"),
        (b'{"type": "FeatureCollection", "features": []}', "没有图形"),
        (b'{"type": "FeatureCollection", "features": [1]}', "第1个图形读不懂"),
        (b'{"type": "Point", "coordinates": [1, 2]}', "不是面"),
        (b'{"type": "Polygon", "coordinates": []}', "没有坐标"),
        (b'{"type": "Polygon", "coordinates": [[[NaN, 1], [2, 3], [4, 5]]]}', "NaN"),
        (b'{"type": "Polygon", "coordinates": [[[1, 1], [2, 2]]]}', "不足三个点"),
        (b'{"type": "Polygon", "coordinates": [[[1, 1], ["a", 2], [3, 3]]]}', "读不懂"),
        (b'{"type": "Polygon", "coordinates": [[[1, 1], [1e999, 2], [3, 3]]]}', "不是数字"),
        (b'{"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [3, 3]]]}', "没有面积"),
        (b'{"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [1, 1]]]}', "没有面积"),
        (b'{"type": "Polygon", "coordinates": [[[1, 1], [1, 1], [1, 1]]]}', "没有面积"),
        (collection([[500_000, 3_700_000], [500_100, 3_700_000], [500_100, 1]]), "平面坐标"),
        (collection([[y, x] for x, y in SQUARE], name="东村"), "“东村”的经度和纬度写反了"),
        (with_crs("urn:ogc:def:crs:EPSG::4549"), "EPSG::4549"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_geojson(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "features", "geometry", "coordinates", "properties", "crs"]),
            inner | st.sampled_from(["FeatureCollection", "Feature", "Polygon", "MultiPolygon"]),
            max_size=5,
        )
    ),
)


RINGS = st.lists(st.lists(st.lists(st.floats() | st.integers(-9, 9), max_size=3), max_size=6))


@given(JSON | RINGS.map(lambda rings: {"type": "Polygon", "coordinates": rings}))
def test_no_file_is_an_error_of_the_program(content: Any) -> None:
    try:
        features = read_geojson(json.dumps(content).encode())
    except BadInput:
        return
    assert all(shapely.from_wkb(feature.polygon).area > 0 for feature in features)


def test_what_is_written_can_be_read_again() -> None:
    written = to_geojson([(i, grid, {"code": str(i)}) for i, grid in enumerate(GRIDS)])
    again = read_geojson(written)
    assert [feature.code for feature in again] == [str(i) for i in range(len(GRIDS))]
    for before, after in zip(GRIDS, again, strict=True):
        difference = shapely.from_wkb(before) ^ shapely.from_wkb(after.polygon)
        assert difference.area < 1e-5 * shapely.from_wkb(before).length
    assert shapely.coverage_is_valid([shapely.from_wkb(f.polygon) for f in again])
    assert b"120.1," in written or b"120.2," in written


def test_simplified_neighbours_still_share_their_edges() -> None:
    cells = [shapely.from_wkb(cell) for cell in schematic_grids(4, BOX, 400)]
    owners = PointIndex(list(enumerate(schematic_grids(5, BOX, 8))))
    groups: dict[int | None, list[Any]] = {}
    for cell in cells:
        groups.setdefault(owners.find(cell.centroid.x, cell.centroid.y), []).append(cell)
    wavy = [bytes(shapely.to_wkb(shapely.coverage_union_all(group))) for group in groups.values()]
    assert shapely.coverage_is_valid([shapely.from_wkb(g) for g in wavy])
    simple = [shapely.from_wkb(g) for g in simplify_for_display(wavy, 0.003)]
    assert shapely.coverage_is_valid(simple)
    points = sum(shapely.get_num_coordinates(g) for g in simple)
    assert points < sum(shapely.get_num_coordinates(shapely.from_wkb(g)) for g in wavy) / 2
