"""Chinese map coordinates, against the points published with the open-source formulas."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core.coords import System, from_wgs84, to_wgs84

LON = st.floats(73.6, 135.0)
LAT = st.floats(18.2, 53.5)


def metres(one: tuple[float, float], two: tuple[float, float]) -> float:
    east = (one[0] - two[0]) * math.cos(math.radians(one[1]))
    return 111_320 * math.hypot(east, one[1] - two[1])


def test_a_place_in_peking_is_where_amap_and_baidu_show_it() -> None:
    amap = from_wgs84(116.404, 39.915, "gcj02")
    assert amap == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    # gcj02 (116.404, 39.915) is bd09 (116.41036949371029, 39.92133699351022)
    place = to_wgs84(116.404, 39.915, "gcj02")
    baidu = from_wgs84(*place, "bd09")
    assert baidu == pytest.approx((116.41036949371029, 39.92133699351022), abs=1e-7)


@given(LON, LAT, st.sampled_from(["wgs84", "gcj02", "bd09"]))
def test_there_and_back_is_the_same_place(lon: float, lat: float, system: System) -> None:
    back = to_wgs84(*from_wgs84(lon, lat, system), system)
    assert metres((lon, lat), back) < 0.01


@given(LON, LAT)
def test_the_shift_is_some_hundred_metres(lon: float, lat: float) -> None:
    assert 20 < metres((lon, lat), from_wgs84(lon, lat, "gcj02")) < 1500


def test_other_countries_are_not_shifted() -> None:
    assert from_wgs84(2.35, 48.85, "gcj02") == (2.35, 48.85)
    assert to_wgs84(2.35, 48.85, "bd09") == (2.35, 48.85)
