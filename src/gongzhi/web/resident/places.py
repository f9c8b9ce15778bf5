"""Where a matter can be: the scanned building, home, the community, a point on the map, words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from gongzhi.core.errors import BadInput, NotFound
from gongzhi.matters.actions.intake import RAISABLE
from gongzhi.people.models import Household
from gongzhi.places import queries
from gongzhi.places.models import Place
from gongzhi.web.asked import Asked
from gongzhi.web.sheet import Sheet

MAP = "map"


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of "在哪里": what is sent and what is shown."""

    value: str
    name: str
    why: str


def choices(request: Asked, scanned: str = "") -> list[Choice]:
    """The likeliest first: the code just scanned, then home, then the community."""
    found: dict[str, Choice] = {}
    home = _home(request)
    if home is not None and scanned in {"", str(home.pk)}:
        found[str(home.pk)] = Choice(str(home.pk), _named(home), _("您的住处"))
    elif scanned.isdecimal() and len(scanned) < 16:
        place = Place.objects.filter(pk=int(scanned), valid_to=None, kind__in=RAISABLE).first()
        if place is not None:
            found[scanned] = Choice(scanned, _named(place), _("您选的地方"))
    if home is not None:
        found.setdefault(str(home.pk), Choice(str(home.pk), _named(home), _("您的住处")))
    if request.here:
        here = str(request.here.id)
        found.setdefault(here, Choice(here, request.here.name, _("整个社区（村）")))
    return list(found.values())


def chosen(sheet: Sheet) -> tuple[int, float | None, float | None]:
    """The place and the point as filled in; BadInput("place") when nothing usable was chosen."""
    lon, lat = sheet.decimal("lon"), sheet.decimal("lat")
    if sheet["place"] == MAP:
        grid = None if lon is None or lat is None else queries.grid_at(lon, lat)
        if grid is None:
            raise BadInput("place", _("地图上点的地方不在我们的网格里。"), todo=_("请重新点一下。"))
        return grid.pk, lon, lat
    place = sheet.whole("place")
    if place is None:
        raise BadInput("place", _("还没有选在哪里。"), todo=_("请选一个地方。"))
    return place, None, None


def scanned(token: str) -> Place:
    """The place whose code is on the wall, if a matter can be raised there."""
    place = queries.by_token(token)
    if place.kind not in RAISABLE:
        raise NotFound("这个二维码不能报事。")
    return place


def community(place: Place) -> Place | None:
    """The village or community a place lies in."""
    return next((p for p in queries.ancestors(place) if p.kind == "village"), None)


def _home(request: Asked) -> Place | None:
    if request.viewer.household_id is None:
        return None
    door = Household.objects.select_related("place").filter(pk=request.viewer.household_id).first()
    return door.place if door and door.place.kind in RAISABLE else None


def _named(place: Place) -> str:
    return queries.full_name(place, since="village")
