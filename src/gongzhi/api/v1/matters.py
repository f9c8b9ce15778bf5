"""Matters: raising, finding, reading. What is done with them is in `moves`."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Body, Header, Query, Router
from pydantic import Field

from gongzhi.api.keys import Bearer, who
from gongzhi.api.schemas import (
    REFUSALS,
    ErrorOut,
    Key,
    MadeOut,
    MatterOut,
    MatterPage,
    Moment,
    NewMatter,
    Number,
    PlaceCode,
    SimilarOut,
)
from gongzhi.api.v1 import shapes
from gongzhi.api.v1.answers import answers_as, json
from gongzhi.core.errors import BadInput
from gongzhi.matters import actions, queries
from gongzhi.matters.queries import sighted
from gongzhi.matters.suggest import taxonomy
from gongzhi.places import queries as places

router = Router(tags=["matters"])
READ, WRITE = Bearer("matters:read"), Bearer("matters:write", bare=True)
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
State = Literal["", "open", "ended", "overdue", "parked", "paused"]
Sort = Literal["newest", "oldest", "due", "changed"]
Cursor = Annotated[str, Field(pattern=r"^([ap][0-9]{1,15})?$", description="上一页的 next")]
Word = Annotated[str, Query(max_length=40)]


@router.post(
    "/matters",
    response={frozenset({200, 201}): MadeOut, REFUSALS: ErrorOut},
    auth=WRITE,
    summary="提一件事",
)
def raise_matter(
    request: HttpRequest,
    new: Annotated[NewMatter, Body()],
    idempotency_key: Annotated[Key | None, Header(alias="Idempotency-Key")] = None,
) -> HttpResponse:
    """Raise a matter. With an Idempotency-Key a repeated call changes nothing.

    The place comes by `place`, or by `lon` and `lat` inside one of our grids.
    """
    raised = actions.raise_matter(
        by=who(request).person_id, at=timezone.now(), key=idempotency_key, body=new.body,
        place_id=_place(new), source=new.source, raised_by=new.raised_by, title=new.title,
        category=_category(new.category), where=new.where, lon=new.lon, lat=new.lat,
        anonymous=new.anonymous, sensitive=new.sensitive, urgent=new.urgent,
        consent_note=new.consent_note, uploads=tuple(new.uploads),
    )  # fmt: skip
    made = {"number": raised.number, "repeated": raised.repeated}
    response = json(made, 200 if raised.repeated else 201)
    response["Location"] = f"/api/v1/matters/{raised.number}"
    return response


def _place(new: NewMatter) -> int:
    if new.place is not None:
        return places.id_and_path(new.place)[0]
    if new.lon is None or new.lat is None:
        raise BadInput("place", "没有写在哪里。", todo="给地方代码 place，或给 lon 和 lat。")
    grid = places.grid_at(new.lon, new.lat)
    if grid is None:
        raise BadInput("lon", "这个位置不在任何网格里。", todo="请改用地方代码 place。")
    return grid.pk


def _category(code: str) -> str:
    if code and code not in taxonomy.categories():
        raise BadInput("category", "没有这个分类。", todo="说不清就留空。")
    return code


@router.get("/matters", response={200: MatterPage, REFUSALS: ErrorOut}, auth=READ, summary="查事项")
def find(
    request: HttpRequest,
    q: Annotated[
        str, Query(max_length=100, description="编号，或标题、内容、地点里的任何一段")
    ] = "",
    stage: Word = "",
    level: Word = "",
    place: Annotated[PlaceCode | None, Query()] = None,
    category: Word = "",
    state: Annotated[State, Query()] = "",
    source: Word = "",
    unit: Annotated[int | None, Query(ge=1, le=2**62, description="承办单位")] = None,
    mine: Annotated[bool, Query(description="只看交给我或我单位的")] = False,
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
    sort: Annotated[Sort, Query()] = "newest",
    size: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[
        str, Query(pattern=r"^([ap][0-9]{1,15})?$", description="上一页的 next")
    ] = "",
) -> HttpResponse:
    """Matters the caller works on, or raised. `cursor` is the `next` of the page before."""
    at_id = int(cursor[1:]) if cursor[:1] == "a" else None
    filters = queries.Filters(
        q=q, stage=stage, level=level, place=place or "", category=category, state=state,
        source=source, unit=unit, mine=mine, since=since, until=until, sort=sort,
        after=at_id, page=int(cursor[1:7]) if cursor[:1] == "p" else 1, size=size,
    )  # fmt: skip
    found = queries.list_(who(request), filters, timezone.now())
    items = [shapes.row(row) for row in found["rows"]]
    return json({"items": items, "next": _next(found, sort)})


def _next(found: dict[str, Any], sort: Sort) -> str | None:
    """Where the next page begins: after a row where ids are in order, else by its number."""
    if not found["more"]:
        return None
    if sort in ("newest", "oldest"):
        return f"a{found['rows'][-1]['id']}"
    return f"p{found['page'] + 1}"


@router.get(
    "/search", response={200: MatterPage, REFUSALS: ErrorOut}, auth=READ, summary="搜索事项"
)
def search(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=100, description="任何一段文字，或编号")],
    size: Annotated[int, Query(ge=1, le=200)] = 20,
) -> HttpResponse:
    """Matters in which every word occurs, newest first, within what the caller may list."""
    found = queries.list_(who(request), queries.Filters(q=q, size=size), timezone.now())
    return json({"items": [shapes.row(row) for row in found["rows"]], "next": None})


@router.get(
    "/matters/{number}",
    response={200: MatterOut, REFUSALS: ErrorOut},
    auth=READ,
    summary="一件事和它的经过",
)
def one(request: HttpRequest, number: Number) -> HttpResponse:
    """A matter with timeline, as much of it as the caller may see, and the moves open to him."""
    return json(shapes.detail(queries.get(who(request), number, timezone.now())))


@router.get(
    "/matters/{number}/similar",
    response={200: list[SimilarOut], REFUSALS: ErrorOut},
    auth=READ,
    summary="邻居也报过的",
)
def similar(request: HttpRequest, number: Number) -> HttpResponse:
    """Open matters nearby that may be the same one."""
    viewer, at = who(request), timezone.now()
    matter = queries.get(viewer, number, at)
    words = f"{matter['title']} {matter['body']}"
    near = queries.similar(words, matter["place_id"], viewer, at, but=matter["id"])
    return json([shapes.similar(row) for row in near])


@router.get(
    "/suggest/similar",
    response={200: list[SimilarOut], REFUSALS: ErrorOut},
    auth=READ,
    summary="还没提时，看邻居是不是报过",
)
def likely(
    request: HttpRequest,
    text: Annotated[str, Query(min_length=1, max_length=2000)],
    place: Annotated[PlaceCode, Query()],
) -> HttpResponse:
    """Open matters near a place that may be the one being typed; from 8 characters on."""
    near = queries.similar(text, places.by_code(place).pk, who(request), timezone.now())
    return json([shapes.similar(row) for row in near])


@router.get(
    "/matters/{number}/attachments/{sha256}",
    response={200: bytes, REFUSALS: ErrorOut},
    openapi_extra=answers_as("image/jpeg", "audio/*"),
    auth=READ,
    summary="照片或语音",
)
def attachment(request: HttpRequest, number: Number, sha256: Sha) -> HttpResponse:
    """A picture or voice note of a matter."""
    viewer = who(request)
    sighted.seen(viewer, number)
    mime, content = queries.picture(viewer, sha256)
    response = HttpResponse(content, content_type=mime)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response
