"""Schematic areas fill their box without gap or overlap, at every depth, the same every time."""

from collections.abc import Iterator

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.places.schematic import Area, Plan, schematic, schematic_grids

BOX = (120.10, 33.30, 120.20, 33.40)


SMALL = st.integers(1, 4)
PLANS = st.lists(
    st.integers(1, 8) | st.lists(SMALL, min_size=1, max_size=4), min_size=1, max_size=6
)


def shapes(areas: list[bytes]) -> list[shapely.Geometry]:
    return [shapely.from_wkb(area) for area in areas]


def leaves(area: Area) -> Iterator[bytes]:
    if not area.parts:
        yield area.polygon
    for part in area.parts:
        yield from leaves(part)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 60))
def test_they_fill_the_box_without_gap_or_overlap(seed: int, n: int) -> None:
    grids = shapes(schematic_grids(seed, BOX, n))
    assert len(grids) == n
    assert all(grid.is_valid and grid.geom_type == "Polygon" for grid in grids)
    assert shapely.coverage_is_valid(grids)
    assert sum(grid.area for grid in grids) == pytest.approx(0.01, rel=1e-9)
    assert shapely.union_all(grids).equals(shapely.union_all(grids).envelope)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9), PLANS)
def test_every_area_is_exactly_its_parts(seed: int, plan: Plan) -> None:
    whole = schematic(seed, BOX, plan)

    def check(area: Area) -> None:
        if area.parts:
            parts = shapes([part.polygon for part in area.parts])
            assert shapely.coverage_is_valid(parts)
            assert shapely.coverage_union_all(parts).equals(shapely.from_wkb(area.polygon))
        for part in area.parts:
            check(part)

    check(whole)
    assert shapely.coverage_is_valid(shapes(list(leaves(whole))))


def test_the_county_looks_the_same_every_time_and_another_looks_different() -> None:
    plan = [27] * 7
    assert schematic(5, BOX, plan) == schematic(5, BOX, plan)
    assert schematic(5, BOX, plan) != schematic(6, BOX, plan)
    assert [len(part.parts) for part in schematic(5, BOX, plan).parts] == [27] * 7


def test_sizes_are_even_enough_to_look_at() -> None:
    areas = sorted(grid.area for grid in shapes(schematic_grids(1, BOX, 27)))
    assert areas[-1] / areas[0] < 3


@pytest.mark.parametrize(
    ("box", "plan"),
    [
        ((1.0, 1.0, 1.0, 2.0), 3),
        (BOX, 0),
        (BOX, []),
        ((120.1, 33.3, 120.100004, 33.300004), 50),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    box: tuple[float, float, float, float], plan: Plan
) -> None:
    with pytest.raises(ValueError, match=r"box|plan"):
        schematic(1, box, plan)
