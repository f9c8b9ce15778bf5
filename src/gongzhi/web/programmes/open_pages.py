"""What everybody reads: how far a community has come, by which numbers; who is at the station."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.programmes import permissions, queries, stations
from gongzhi.places import queries as places
from gongzhi.web.asked import Asked

WORDS = {
    "disclosure_on_time": "%(of)d个季度里，有%(have)d个季度按时公开",
    "councils_seated": "%(of)d级议事会，坐齐了%(have)d级",
    "self_help_groups": "有%(have)d支，要%(of)d支",
    "help_matched": "%(of)d件求助，按时接的%(have)d件",
    "old_disputes": "没办结的%(of)d件里，拖久了的%(have)d件",
}


@require_GET
def here(request: Asked) -> HttpResponse:
    """The programme of the reader's own community; where none is known, he chooses it first."""
    if not request.here:
        return HttpResponseRedirect(reverse("choose"))
    code = places.by_id(request.here.id).code
    return HttpResponseRedirect(reverse("programme", kwargs={"code": code}))


@require_GET
def programme(request: Asked, code: str) -> HttpResponse:
    """The phases as a picture with dates, each criterion with a tick and its number."""
    place = places.by_code(code)
    page = {
        "place": place,
        "it": queries.of_place(place.pk, timezone.now(), translation.get_language() or "zh"),
        "words": WORDS,
        "stations": stations.at_place(place.path),
        "keeps": permissions.keeps(request.viewer, place.path),
    }
    return render(request, "programmes/programme.html", page)


@require_GET
def station(request: Asked, station_id: int) -> HttpResponse:
    """Services, how to reach it, and who is there this week."""
    it = stations.station(station_id)
    on = asked_day(request)
    page = {
        "it": it, "week": stations.week(station_id, on), "on": on, "today": today(),
        "before": on - timedelta(days=7), "after": on + timedelta(days=7),
        "keeps": permissions.keeps(request.viewer, it["place_path"])
        or permissions.on_the_roster(station_id, request.viewer.person_id or 0, timezone.now()),
    }  # fmt: skip
    return render(request, "programmes/station.html", page)


@require_GET
def photo(request: Asked, evidence_id: int) -> HttpResponse:
    """The photo of a piece of evidence, to those who keep the programme there."""
    found = queries.photo(evidence_id)
    if found is None or not permissions.keeps(request.viewer, found[1]):
        raise NotFound("没有这张照片。")
    answer = HttpResponse(found[0], content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def today() -> date:
    """The day it is here."""
    return timezone.now().astimezone(SHANGHAI).date()


def asked_day(request: HttpRequest) -> date:
    """A day of the week to show; today where none can be read."""
    try:
        found = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        return today()
    return found if abs((found - today()).days) < 1000 else today()
