"""The public board, and how matters were settled: what anybody may know."""

from datetime import timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from gongzhi.api.keys import Bearer, who
from gongzhi.api.schemas import (
    REFUSALS,
    BoardItem,
    BoardPage,
    ErrorOut,
    Moment,
    PlaceCode,
    RowId,
    SharesOut,
)
from gongzhi.api.v1.answers import json
from gongzhi.core.errors import BadInput
from gongzhi.matters import queries
from gongzhi.places import queries as places
from gongzhi.publications import queries as board

router = Router(tags=["board"])
ROW = ("id", "title", "place", "version", "audience", "from_at", "until_at", "objections")
SHARE = ("level", "name", "target", "settled", "total", "share", "low", "high", "reopened",
         "reopened_share")  # fmt: skip
LONGEST = timedelta(days=366 * 3)


@router.get(
    "/board",
    response={200: BoardPage, REFUSALS: ErrorOut},
    auth=Bearer("publications:read", public=True),
    summary="公示栏",
)
def listed(
    request: HttpRequest,
    place: Annotated[PlaceCode | None, Query()] = None,
    q: Annotated[str, Query(max_length=60)] = "",
    current: Annotated[bool, Query(description="false：看已到期的")] = True,
    cursor: Annotated[str, Query(pattern=r"^(p[0-9]{1,6})?$")] = "",
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> HttpResponse:
    """What hangs on the boards the caller may read, newest first."""
    page = int(cursor[1:]) if cursor else 1
    path = places.by_code(place).path if place else "/"
    found = board.board(
        who(request), timezone.now(), place_path=path, words=q, current=current, page=page,
        size=size,
    )  # fmt: skip
    items = [{name: row[name] for name in ROW} for row in found["rows"]]
    return json({"items": items, "next": f"p{max(page, 1) + 1}" if found["more"] else None})


@router.get(
    "/board/{item_id}",
    response={200: BoardItem, REFUSALS: ErrorOut},
    auth=Bearer("publications:read", public=True),
    summary="公示的一项",
)
def one(request: HttpRequest, item_id: RowId) -> HttpResponse:
    """One item with its versions and objections."""
    found = board.item(who(request), item_id, timezone.now())
    shown: dict[str, Any] = {name: found[name] for name in ROW if name != "objections"}
    return json(
        shown
        | {"body": found["body"], "digest": found["digest"], "current": found["current"]}
        | {"versions": found["versions"], "objection_list": found["objections"]}
        | {"objections": len(found["objections"])}
    )


@router.get(
    "/places/{code}/shares",
    response={200: SharesOut, REFUSALS: ErrorOut},
    auth=Bearer("publications:read", public=True),
    summary="各级解决了多少",
)
def shares(
    request: HttpRequest,
    code: PlaceCode,
    since: Annotated[Moment | None, Query(description="默认一年前")] = None,
    until: Annotated[Moment | None, Query(description="默认现在")] = None,
) -> HttpResponse:
    """Settled matters by level with intervals, and the reopened share beside each."""
    end = until or timezone.now()
    start = since or end - timedelta(days=365)
    if not timedelta(0) < end - start <= LONGEST:
        raise BadInput("since", "时间段要从前到后，最长三年。")
    place = places.by_code(code)
    rows = queries.shares_by_level(place.path, start, end)
    named = {"code": place.code, "name": place.name, "kind": place.kind}
    levels = [{name: row[name] for name in SHARE} for row in rows]
    return json({"place": named, "since": start, "until": end, "levels": levels})
