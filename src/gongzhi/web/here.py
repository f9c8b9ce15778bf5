"""The community a page is about: where the viewer lives, whose QR code was scanned, or works."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from gongzhi.people.permissions import Viewer
from gongzhi.places.models import Kind, Place

COOKIE = "here"


@dataclass(frozen=True, slots=True)
class Here:
    """A village or community as the head and foot of a page need it."""

    id: int
    name: str
    path: str
    phone: str


def here(request: HttpRequest, viewer: Viewer) -> Here | None:
    """His own community, else the one whose code he scanned; in a demonstration, the first one.

    One statement at most, none for a stranger who scanned nothing.
    """
    ids = _candidates(viewer)
    cookie = request.COOKIES.get(COOKIE, "")
    if not ids and cookie.isdecimal() and len(cookie) < 16:
        ids = [int(cookie)]
    if not ids and not settings.DEMO:
        return None
    found = Place.objects.filter(valid_to=None, kind=Kind.VILLAGE)
    found = found.filter(id__in=ids) if ids else found.exclude(phone="")
    row = found.order_by("id").values_list("id", "name", "path", "phone").first()
    return Here(*row) if row else None


def _candidates(viewer: Viewer) -> list[int]:
    paths = viewer.places or tuple(post.place_path for post in viewer.posts)
    return sorted({int(part) for path in paths for part in path.split("/") if part})
