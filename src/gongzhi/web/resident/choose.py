"""Find one's community by a piece of its name, when no code was scanned and no home is known."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from gongzhi.core import text
from gongzhi.places import queries
from gongzhi.places.models import Kind, Place
from gongzhi.web import here, modes
from gongzhi.web.asked import Asked

MOST = 30


def page(request: Asked) -> HttpResponse:
    """A search; choosing one leads to the report page about it."""
    if request.method == "POST":
        return _chosen(request)
    words = text.clean(request.GET.get("q", ""), 30, field="q", one_line=True)
    rows = _found(words) if words else []
    return render(request, "resident/choose.html", {"q": words, "rows": rows})


def _chosen(request: Asked) -> HttpResponse:
    place = queries.by_code(request.POST.get("code", "")[:24])
    answer = HttpResponseRedirect(f"{reverse('report')}?place={place.pk}")
    return modes.remember(answer, here.COOKIE, str(place.pk))


def _found(words: str) -> list[dict[str, object]]:
    found = Place.objects.filter(name__contains=words, kind=Kind.VILLAGE, valid_to=None)
    rows = found.order_by("code").values("id", "code", "name", "parent__name")[:MOST]
    return [dict(row) for row in rows]
