"""Sheets with the codes of buildings, to be printed and put on the wall by staff."""

import io

import segno
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from markupsafe import Markup

from gongzhi.core.errors import NotAllowed
from gongzhi.matters.actions.intake import RAISABLE
from gongzhi.places import queries
from gongzhi.places.models import Place
from gongzhi.web import paging
from gongzhi.web.asked import Asked

A_PAGE = 24


@require_GET
@login_required
def page(request: Asked, code: str) -> HttpResponse:
    """Codes of the place and of what lies in it; only for those who hold a post there."""
    place = queries.by_code(code)
    if not any(post.covers(place.path) for post in request.viewer.posts):
        raise NotAllowed("只有这里的工作人员能打印二维码。")
    number = paging.number(request)
    inside = Place.objects.filter(
        path__startswith=place.path, valid_to=None, kind__in=RAISABLE, token__isnull=False
    ).order_by("path")
    skip = (number - 1) * A_PAGE
    rows = list(inside.select_related("parent")[skip : skip + A_PAGE + 1])
    page = {
        "place": place,
        "rows": [(row, picture(address(request, row.token or ""))) for row in rows[:A_PAGE]],
        "pager": paging.pager(request, number, has_more=len(rows) > A_PAGE),
    }
    return render(request, "public/codes.html", page)


def address(request: Asked, token: str) -> str:
    """What the camera reads: short, so that the code stays coarse and scans from a wall."""
    return request.build_absolute_uri(reverse("scan", kwargs={"token": token}))


def picture(text: str) -> Markup:
    """The QR code of a text as SVG. Level M: a wall is weathered a little."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - segno's own picture
