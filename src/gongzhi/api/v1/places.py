"""Places and their map layers. Public geography: anybody may read it."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from gongzhi.api.keys import Bearer, who
from gongzhi.api.schemas import REFUSALS, ErrorOut, FeatureCollection, PlaceCode, PlaceOut, PlaceRef
from gongzhi.api.v1.answers import answers_as, geojson, json
from gongzhi.core.errors import NotFound
from gongzhi.matters.queries import map
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.places.models import Kind, Place

router = Router(tags=["places"], auth=Bearer("places:read", public=True))

Lon = Annotated[float, Query(ge=-180, le=180, description="经度，WGS-84")]
Lat = Annotated[float, Query(ge=-90, le=90, description="纬度，WGS-84")]
DRAWN = frozenset(kind.value for kind in (Kind.COUNTY, Kind.TOWN, Kind.VILLAGE, Kind.GRID,
                                          Kind.COMPOUND, Kind.BUILDING))  # fmt: skip


@router.get("/places", response={200: list[PlaceRef], REFUSALS: ErrorOut}, summary="按名称找地方")
def find(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=80, description="名称的一部分")],
    within: Annotated[PlaceCode | None, Query(description="只在这个地方里面找")] = None,
    size: Annotated[int, Query(ge=1, le=200)] = 20,
) -> HttpResponse:
    """Places whose name contains `q`, the widest first."""
    path = places.by_code(within).path if within else "/"
    return json([_short(row) for row in places.find(q, within=path, limit=size)])


@router.get("/places/at", response={200: PlaceOut, REFUSALS: ErrorOut}, summary="这个点在哪个网格")
def at(request: HttpRequest, lon: Lon, lat: Lat) -> HttpResponse:
    """The grid a point lies in."""
    grid = places.grid_at(lon, lat)
    if grid is None:
        raise NotFound("这个位置不在任何网格里。")
    return json(_whole(grid))


@router.get("/places/{code}", response={200: PlaceOut, REFUSALS: ErrorOut}, summary="一个地方")
def one(request: HttpRequest, code: PlaceCode) -> HttpResponse:
    """One place, with the line of places around it."""
    return json(_whole(places.by_code(code)))


@router.get(
    "/places/{code}/children",
    response={200: list[PlaceRef], REFUSALS: ErrorOut},
    summary="下一级的地方",
)
def children(request: HttpRequest, code: PlaceCode) -> HttpResponse:
    """Places directly inside."""
    inside = places.children(places.by_code(code).pk)
    return json([_short(row) | {"inside": row["inside"]} for row in inside])


@router.get(
    "/layers/{kind}.geojson",
    response={200: FeatureCollection, REFUSALS: ErrorOut},
    openapi_extra=answers_as("application/geo+json"),
    summary="地图图层",
)
def layer(
    request: HttpRequest,
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,12}$")],
    within: Annotated[PlaceCode, Query(description="哪个地方里面")],
) -> HttpResponse:
    """Drawn places of a kind as GeoJSON. The layer `matters` shows open matters.

    Who works on matters gets each at its point; everybody else a count in the middle of each grid.
    """
    path = places.by_code(within).path
    if kind == "matters":
        return geojson(_matters(who(request), path))
    if kind not in DRAWN:
        raise NotFound("没有这个图层。")
    return geojson(places.layer(kind, path))


def _matters(viewer: Viewer, path: str) -> dict[str, Any]:
    at = timezone.now()
    seen = map.points(viewer, path, at) if viewer.allows("matters:read") else []
    return {
        "type": "FeatureCollection",
        "features": [_feature(row) for row in seen or map.by_grid(path, at)],
    }


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [row.pop("lon"), row.pop("lat")]}
    return {"type": "Feature", "geometry": point, "properties": row}


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {"code": row["code"], "name": row["name"], "kind": row["kind"]}


def _whole(place: Place) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "kind": place.kind,
        "phone": place.phone,
        "bounds": None
        if place.west is None
        else [place.west, place.south, place.east, place.north],
        "schematic": place.schematic,
        "line": [{"code": p.code, "name": p.name, "kind": p.kind} for p in places.ancestors(place)],
    }
