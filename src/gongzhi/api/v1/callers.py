"""What concerns the caller himself, and what only suggests."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Header, Query, Router
from ninja.files import UploadedFile

from gongzhi.api.keys import Bearer, who
from gongzhi.api.schemas import REFUSALS, ErrorOut, Key, MeOut, SuggestedOut, UploadOut
from gongzhi.api.v1.answers import json
from gongzhi.core.errors import BadInput
from gongzhi.matters import actions, queries
from gongzhi.people.roles import name_of

router = Router()
MOST_BYTES = 15 * 1024 * 1024


@router.get(
    "/me", response={200: MeOut, REFUSALS: ErrorOut}, auth=Bearer(), tags=["me"], summary="我是谁"
)
def me(request: HttpRequest) -> HttpResponse:
    """The person behind the token or session, with posts and scopes."""
    viewer = who(request)
    posts = [
        {"role": post.role, "name": name_of(post.role),
         "place": post.place_name, "place_kind": post.place_kind}
        for post in viewer.posts
    ]  # fmt: skip
    scopes = None if viewer.scopes is None else sorted(viewer.scopes)
    return json({"name": viewer.name, "posts": posts, "scopes": scopes})


@router.get(
    "/suggest/category",
    response={200: SuggestedOut, REFUSALS: ErrorOut},
    auth=Bearer("matters:read", public=True),
    tags=["suggest"],
    summary="猜分类",
)
def category(
    request: HttpRequest, text: Annotated[str, Query(min_length=1, max_length=2000)]
) -> HttpResponse:
    """Likely categories of a text with the words that speak for them; never imposed."""
    return json(queries.category_suggestions(text))


@router.post(
    "/uploads",
    response={201: UploadOut, REFUSALS: ErrorOut},
    auth=Bearer("matters:write"),
    tags=["matters"],
    summary="上传照片或语音",
)
def upload(
    request: HttpRequest,
    file: Annotated[UploadedFile, File(description="JPEG、PNG、WebP、HEIC，或语音")],
    idempotency_key: Annotated[Key, Header(alias="Idempotency-Key", min_length=8)],
    kind: Annotated[Literal["photo", "voice"], Query()] = "photo",
) -> HttpResponse:
    """Store one file before its matter exists; name its key in `uploads` within 48 hours."""
    if (file.size or 0) > MOST_BYTES:
        raise BadInput("file", "一个文件不超过15兆。", code="too_large")
    stored = actions.upload(
        by=who(request).person_id,
        at=timezone.now(),
        key=idempotency_key,
        data=file.read(),
        name=file.name or "",
        kind=kind,
    )
    return json({"key": stored.key, "kind": stored.kind, "sha256": stored.sha256}, 201)
