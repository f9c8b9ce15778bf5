"""Boundaries: from a file of outlines, or as a schematic map (示意图)."""

from datetime import datetime

from django.db import transaction

from gongzhi.core import coords
from gongzhi.core.errors import BadInput
from gongzhi.places import geometry, queries
from gongzhi.places.actions.telling import changed
from gongzhi.places.models import Kind, Place
from gongzhi.places.schematic import schematic


def load_polygons(
    *, data: bytes, by: int | None, at: datetime, within: str = "/",
    system: coords.System = "wgs84",
) -> dict[str, list[str]]:  # fmt: skip
    """Boundaries from a GeoJSON file, matched by code; {"drawn": codes, "unknown": codes…}.

    BadInput for a file that cannot be read. Codes outside `within` are unknown.
    """
    features = geometry.read_geojson(data, system)
    known = dict(
        Place.objects.filter(
            code__in={f.code for f in features}, path__startswith=within, valid_to=None
        ).values_list("code", "id")
    )
    with transaction.atomic():
        for feature in features:
            if feature.code in known:
                _draw(known[feature.code], feature.polygon, schematic=False)
        changed("places_drawn", 0, at, count=len(known), by=by)
    return {
        "drawn": [f.code for f in features if f.code in known],
        "repaired": [f.code for f in features if f.code in known and f.repaired],
        "unknown": [f.code or f.name for f in features if f.code not in known],
    }


def make_grid_schematic(
    *, place_id: int, seed: int, bounds: geometry.Box, by: int | None, at: datetime
) -> int:
    """Draw a town or village and its grids as a schematic map (示意图); returns how many grids.

    `bounds` is west, south, east, north. Places without grids below are left out.
    """
    place = queries.by_id(place_id)
    villages = [place.pk]
    if place.kind != Kind.VILLAGE:
        villages = [row["id"] for row in queries.children(place_id, Kind.VILLAGE)]
    grids = {v: [row["id"] for row in queries.children(v, Kind.GRID)] for v in villages}
    grids = {v: inside for v, inside in grids.items() if inside}
    if not grids:
        raise BadInput("place", "这里还没有网格，先添加网格再画示意图。")
    whole = schematic(seed, bounds, [len(inside) for inside in grids.values()])
    parts = whole.parts or (whole,)
    drawn = {place.pk: whole.polygon}
    for (village, inside), area in zip(grids.items(), parts, strict=True):
        drawn[village] = area.polygon
        cells = area.parts or (area,)
        drawn |= {pk: cell.polygon for pk, cell in zip(inside, cells, strict=True)}
    with transaction.atomic():
        for pk, wkb in drawn.items():
            _draw(pk, wkb, schematic=True)
        changed("places_drawn", place_id, at, count=len(drawn), schematic=True, by=by)
    return sum(map(len, grids.values()))


def _draw(place_id: int, wkb: bytes, *, schematic: bool) -> None:
    west, south, east, north = geometry.bbox(wkb)
    Place.objects.filter(pk=place_id).update(
        polygon=wkb, west=west, south=south, east=east, north=north, schematic=schematic
    )
