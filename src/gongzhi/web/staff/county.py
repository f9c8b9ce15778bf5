"""For leaders: where matters stand, how old they are, where time is over. Never who is best."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongzhi.matters import queries
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.places.models import Place
from gongzhi.web import charts
from gongzhi.web.staff import access, frame, reads

YEAR = timedelta(days=365)


@frame.staff_only
def county(request: HttpRequest) -> HttpResponse:
    """The viewer's widest place: steps, ages, overdue by unit, shares by level."""
    viewer, at = frame.viewer(request), frame.now()
    place = _place(request, viewer)
    view = queries.county_view(viewer, place.pk, at)
    shares = queries.shares_by_level(place.path, at - YEAR, at)
    names = {
        "d1": _("一天以内"), "d3": _("一到三天"), "d7": _("三到七天"), "older": _("七天以上"),
    }  # fmt: skip
    late = sum(row["overdue"] for row in view["places"])
    finding = _("%(name)s：正在办的%(total)d件，其中超期%(late)d件") % {
        "name": place.name, "total": view["total"], "late": late,
    }  # fmt: skip
    said = _("，").join(f"{row['name']} {row['share']:.0%}" for row in shares)
    told = _("近一年办结的事在哪一级解决：%s") % said
    page = {
        "title": _("一览：%s") % place.name,
        "place": place,
        "line": [p for p in places.ancestors(place) if access.may_open(viewer, p.path)],
        "below": [row for row in places.children(place.pk) if row["inside"]],
        "view": view,
        "ages": names,
        "finding": finding,
        "told": told,
        "shares": shares,
        "units": reads.overdue_by_unit(place.path, at),
        "stage_picture": charts.stages(view, finding) if view["stages"] else "",
        "age_picture": charts.ages(view, names, _("正在办的事提出多久了")) if view["total"] else "",
        "share_picture": charts.shares(shares, told, width=640) if shares else "",
    }
    return frame.page(request, "county.html", page)


def _place(request: HttpRequest, viewer: Viewer) -> Place:
    wanted = frame.number(request, "place", access.home(viewer).place_id)
    return access.place(viewer, wanted)
