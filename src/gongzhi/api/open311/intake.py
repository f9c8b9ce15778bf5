"""POST requests: a matter raised through somebody else's app, by the person its key belongs to."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from gongzhi.api.open311 import arguments, services
from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotFound
from gongzhi.matters import actions
from gongzhi.matters.models import Source
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places

MOST = 4000  # characters of a description, as the standard says
CONTACT = ("last_name", "first_name", "phone", "email")


def take(given: Mapping[str, str], *, by: Viewer, at: datetime, key: str | None) -> tuple[str, str]:
    """Raise the matter; its number and what happens next, in words.

    NotFound for an unknown service, BadInput otherwise.
    """
    code = given.get("service_code", "").strip()
    if not code:
        raise BadInput("service_code", "缺少 service_code。")
    category = services.category_of(code)
    lat, lon = _point(given)
    place_id, where = _place(given, by, lat, lon)
    description = text.clean(given.get("description", ""), MOST, field="description")
    body = description if len(description) > 1 else services.name_of(category)
    note = "\n".join(line for line in (_contact(given), _media(given)) if line)
    with db.atomic():
        raised = actions.raise_matter(
            by=by.person_id, at=at, key=key, body=body, place_id=place_id,
            source=Source.OPEN311, category=category, where=where, lon=lon, lat=lat,
        )  # fmt: skip
        if note and not raised.repeated:
            actions.move(
                matter_id=raised.id, verb="comment", by=by.person_id, at=at, note=note,
                private=True,
            )  # fmt: skip
    return raised.number, "已收到，会按本地的办事规程办理，可凭编号查询进展。"


def _point(given: Mapping[str, str]) -> tuple[float | None, float | None]:
    lat = arguments.degrees("lat", given.get("lat", ""), 90)
    lon = arguments.degrees("long", given.get("long", ""), 180)
    if (lat is None) != (lon is None):
        raise BadInput("lat", "lat 和 long 要一起给。")
    return lat, lon


def _place(
    given: Mapping[str, str], by: Viewer, lat: float | None, lon: float | None
) -> tuple[int, str]:
    """Where: a point in a grid, else a code of ours, else words and the key's own place."""
    where = text.clean(given.get("address_string", ""), 200, field="address_string", one_line=True)
    address_id = given.get("address_id", "").strip()
    if lat is not None and lon is not None:
        grid = places.grid_at(lon, lat)
        if grid is None:
            raise BadInput("lat", "这个位置不在本地任何网格里。", todo="请检查 lat 和 long。")
        return grid.pk, where
    if address_id:
        try:
            return places.by_code(address_id[:24]).pk, where
        except NotFound:
            raise BadInput("address_id", "没有这个 address_id。") from None
    if not where:
        raise BadInput("lat", "缺少位置：请给 lat 和 long，或 address_string，或 address_id。")
    home = _own_place(by)
    if home is None:
        raise BadInput("lat", "只有文字地址时不知道归哪个社区。", todo="请同时给 lat 和 long。")
    return home, where


def _own_place(by: Viewer) -> int | None:
    """The smallest place the key's person works or lives in."""
    paths = [post.place_path for post in by.posts] + list(by.places)
    path = max(paths, key=lambda path: path.count("/"), default="")
    return int(path.strip("/").rpartition("/")[2]) if path else None


def _media(given: Mapping[str, str]) -> str:
    """The address of a picture, for handlers only; it is never fetched."""
    url = given.get("media_url", "").strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or len(url) > 500:
        raise BadInput("media_url", "media_url 应当是 http 或 https 网址。")
    return f"提交人给的照片网址：{url}"


def _contact(given: Mapping[str, str]) -> str:
    """How to reach who reported it, for handlers only."""
    known = [given.get(name, "").strip() for name in CONTACT]
    words = text.clean(" ".join(part for part in known if part), 200, field="phone", one_line=True)
    return f"提交人留下的联系方式：{words}" if words else ""
