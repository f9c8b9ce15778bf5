"""Places: the tree, a page for each, QR codes to print, outlines uploaded or drawn as a scheme."""

from math import cos, radians
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from gongzhi.core.errors import BadInput
from gongzhi.matters import words as matter_words
from gongzhi.people.roles import ROLES
from gongzhi.places import actions, queries
from gongzhi.places.models import Kind, Place
from gongzhi.web.staff import access, frame, maps, reads

_LAYERS = (Kind.GRID, Kind.VILLAGE, Kind.TOWN, Kind.COUNTY)
MAX_GEOJSON = 12 * 1024 * 1024


class GeoJsonForm(frame.Form):
    """A file of outlines."""

    file = forms.FileField(
        label=gettext_lazy("GeoJSON 文件"),
        help_text=gettext_lazy("每个图形要有属性 code（地方的代码）；坐标用经纬度，先经度后纬度。"),
    )
    system = forms.ChoiceField(
        label=gettext_lazy("坐标系"),
        choices=[
            ("wgs84", gettext_lazy("WGS-84 或 CGCS2000（天地图、测绘）")),
            ("gcj02", gettext_lazy("GCJ-02（高德、腾讯地图）")),
            ("bd09", gettext_lazy("BD-09（百度地图）")),
        ],
    )


class SchemeForm(frame.Form):
    """Where about the place lies, so that its grids can be drawn until somebody measures them."""

    lon = forms.FloatField(label=gettext_lazy("中心的经度"), min_value=73, max_value=136)
    lat = forms.FloatField(label=gettext_lazy("中心的纬度"), min_value=3, max_value=54)
    km = forms.FloatField(
        label=gettext_lazy("大约几公里宽"), min_value=0.2, max_value=100, initial=2
    )

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of a square around the middle."""
        typed = self.cleaned_data
        high = typed["km"] / 222.0
        wide = high / cos(radians(typed["lat"]))
        return (
            typed["lon"] - wide, typed["lat"] - high, typed["lon"] + wide, typed["lat"] + high,
        )  # fmt: skip


@frame.staff_only
def index(request: HttpRequest) -> HttpResponse:
    """Where the viewer works, and a search by name."""
    viewer = frame.viewer(request)
    roots = access.roots(viewer)
    wanted = request.GET.get("q", "").strip()[:60]
    found = [row for post in roots for row in queries.find(wanted, post.place_path, 30)]
    page = {
        "title": _("地方"),
        "q": wanted,
        "found": found if wanted else [],
        "trees": [queries.tree(queries.by_id(post.place_id).code, 1) for post in roots],
        "kinds": dict(Kind.choices),
    }
    return frame.page(request, "places.html", page)


@frame.staff_only
def place(request: HttpRequest, place_id: int) -> HttpResponse:
    """One place: what lies inside, who belongs to it, its outline, what it governs by."""
    return _show(request, place_id)


def _show(
    request: HttpRequest,
    place_id: int,
    upload: GeoJsonForm | None = None,
    scheme: SchemeForm | None = None,
) -> HttpResponse:
    viewer, at = frame.viewer(request), frame.now()
    here = access.place(viewer, place_id)
    children = queries.children(here.pk)
    homes = []
    if here.kind in (Kind.BUILDING, Kind.COMPOUND, Kind.GRID):
        homes = reads.households(here.pk, frame.number(request, "page", 1))
    adopted = queries.adoption(here.pk, at.date())
    form: frame.Form | None = upload or scheme
    page = {
        "title": here.name,
        "place": here,
        "line": [(a, access.may_open(viewer, a.path)) for a in queries.ancestors(here)],
        "children": children,
        "kinds": dict(Kind.choices),
        "counts": reads.counts(here.path),
        "homes": homes[:50],
        "pager": {"page": frame.number(request, "page", 1), "has_more": len(homes) > 50},
        "picture": _picture(here.path, children),
        "history": queries.history(here.pk),
        "adopted": adopted,
        "adopted_words": matter_words.of(queries.playbook(adopted.version_id)) if adopted else None,
        "roles": ROLES,
        "posts": [row for row in reads.holders(here.path, at, 50) if row["place_id"] == here.pk],
        "may": viewer.administers("places", here.path),
        "may_people": viewer.administers("people", here.path),
        "upload": upload or GeoJsonForm(prefix="u"),
        "scheme": scheme or SchemeForm(prefix="s", initial=_middle(here)),
        "form": form,
    }
    return frame.page(request, "place.html", page, form.status if form is not None else 200)


def _middle(here: Place) -> dict[str, float]:
    """Where the place, or the nearest above that is drawn, has its middle."""
    for found in reversed(queries.ancestors(here)):
        if found.west is not None and found.east is not None:
            assert found.south is not None
            assert found.north is not None
            return {
                "lon": round((found.west + found.east) / 2, 4),
                "lat": round((found.south + found.north) / 2, 4),
            }
    return {}


def _picture(path: str, children: list[dict[str, Any]]) -> maps.Picture | None:
    """The outlines of what lies inside, else of the place itself."""
    kinds = list(dict.fromkeys(row["kind"] for row in children)) or list(_LAYERS)
    for kind in kinds:
        drawn = maps.draw(queries.layer(kind, path))
        if drawn is not None:
            return drawn
    return None


@frame.staff_only
@frame.post_only
def upload(request: HttpRequest, place_id: int) -> HttpResponse:
    """Outlines from a file; every feature that does not fit is named."""
    viewer = frame.viewer(request)
    here = access.administered(viewer, place_id, "places")
    form = GeoJsonForm(request.POST, request.FILES, prefix="u")

    def load(typed: dict[str, Any]) -> dict[str, list[str]]:
        if typed["file"].size > MAX_GEOJSON:
            raise BadInput(
                "file", "文件太大，最多12兆。", todo="请分成几个文件，或把边界简化一些。"
            )
        return actions.load_polygons(
            data=typed["file"].read(), within=here.path, system=typed["system"],
            by=viewer.person_id, at=frame.now(),
        )  # fmt: skip

    drawn = form.attempt(load)
    if drawn is None:
        return _show(request, place_id, upload=form)
    if drawn["unknown"]:
        names = "、".join(drawn["unknown"][:20])
        messages.warning(request, _("有几个图形的代码在这里找不到，没有画：%s") % names)
    words = _("画好了%d个地方的边界。") % len(drawn["drawn"])
    return frame.done(request, words, "place", place_id=place_id)


@frame.staff_only
@frame.post_only
def scheme(request: HttpRequest, place_id: int) -> HttpResponse:
    """Schematic grids of a town or village: valid, shared edges, captioned 示意图."""
    viewer = frame.viewer(request)
    here = access.administered(viewer, place_id, "places")
    form = SchemeForm(request.POST, prefix="s")
    made = form.attempt(
        lambda _typed: actions.make_grid_schematic(
            place_id=here.pk, seed=here.pk, bounds=form.bounds(), by=viewer.person_id,
            at=frame.now(),
        )
    )  # fmt: skip
    if made is None:
        return _show(request, place_id, scheme=form)
    return frame.done(request, _("画好了%d个网格的示意图。") % made, "place", place_id=place_id)


@frame.staff_only
def codes(request: HttpRequest, place_id: int) -> HttpResponse:
    """QR codes of the buildings inside, to print and put on the wall."""
    here = access.place(frame.viewer(request), place_id)
    buildings = reads.buildings(here.path)
    if here.token:
        own = {"id": here.pk, "name": here.name, "token": here.token, "parent__name": ""}
        buildings = [own, *[row for row in buildings if row["id"] != here.pk]]
    pictures = [row | {"qr": _qr(request, row["token"])} for row in buildings]
    page = {"title": _("楼栋二维码"), "place": here, "codes": pictures}
    return frame.page(request, "codes.html", page)


def _qr(request: HttpRequest, token: str) -> Markup:
    address = request.build_absolute_uri(reverse("scan", kwargs={"token": token}))
    drawn = segno.make(address, error="q", micro=False)
    return Markup(drawn.svg_inline(scale=5, border=2, omitsize=True))  # noqa: S704


@frame.staff_only
@frame.post_only
def new_code(request: HttpRequest, place_id: int) -> HttpResponse:
    """A new code for a building; the old paper on the wall stops working."""
    viewer = frame.viewer(request)
    access.administered(viewer, place_id, "places")
    actions.new_token(place_id=place_id, by=viewer.person_id, at=frame.now())
    return frame.done(
        request, _("新的二维码已经生成，旧的不能再用，请重新张贴。"), "codes", place_id=place_id
    )
