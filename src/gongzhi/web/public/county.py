"""The county in the open: how many matters stand on which step, how old, settled at which level."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gongzhi.core.errors import NotFound
from gongzhi.matters import queries
from gongzhi.places import queries as places
from gongzhi.places.models import Kind, Place
from gongzhi.web import charts
from gongzhi.web.asked import Asked

YEAR = timedelta(days=365)


@require_GET
def page(request: Asked, code: str = "") -> HttpResponse:
    """Towns of a county (or villages of a town): counts of matters, never of people."""
    place = places.by_code(code) if code else _own(request)
    view = queries.county_view(request.viewer, place.pk, timezone.now())
    names = {
        "d1": _("一天以内"), "d3": _("一到三天"), "d7": _("三到七天"), "older": _("七天以上"),
    }  # fmt: skip
    late = sum(row["overdue"] for row in view["places"])
    finding = _("%(name)s：正在办的%(total)d件，其中超期%(late)d件") % {
        "name": place.name, "total": view["total"], "late": late,
    }  # fmt: skip
    page = {
        "place": place, "view": view, "age_names": names, "finding": finding,
        "stages": charts.stages(view, finding) if view["stages"] else "",
        "ages": charts.ages(view, names, _("正在办的事有多久了")) if view["total"] else "",
    }  # fmt: skip
    return render(request, "public/county.html", page)


@require_GET
def shares(request: Asked, code: str) -> HttpResponse:
    """Where matters were settled, beside the target. A thermometer, not a score."""
    place = places.by_code(code)
    now = timezone.now()
    rows = queries.shares_by_level(place.path, now - YEAR, now)
    said = _("，").join(f"{row['name']} {row['share']:.0%}" for row in rows)
    finding = _("%(name)s近一年：%(said)s") % {"name": place.name, "said": said}
    page = {
        "place": place, "rows": rows, "finding": finding,
        "total": rows[0]["total"] if rows else 0,
        "slim": charts.shares(rows, finding, width=316) if rows else "",
        "roomy": charts.shares(rows, finding, width=680) if rows else "",
    }  # fmt: skip
    return render(request, "public/shares.html", page)


def _own(request: Asked) -> Place:
    """The county he lives or works in; for a stranger, the first that governs itself."""
    posts = [post.place_path for post in request.viewer.posts]
    path = request.here.path if request.here else (posts or [""])[0]
    ids = [int(part) for part in path.split("/") if part]
    found = Place.objects.filter(kind=Kind.COUNTY, valid_to=None)
    own = found.filter(pk__in=ids) if ids else found.filter(adoptions__isnull=False)
    county = own.order_by("id").first()
    if county is None:
        raise NotFound("还不知道您在哪个县（区）。", todo="请先从首页选您的社区（村）。")
    return county
