"""The roster of a station: a week as a table, planned by who keeps it, swapped by who is on it."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.deliberation.programmes import permissions, stations
from gongzhi.deliberation.programmes.models import Duty
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.web.programmes.open_pages import asked_day, today
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import frame


@frame.staff_only
def new(request: HttpRequest, place_id: int) -> HttpResponse:
    """A station: its name, what can be done there."""
    viewer, place = frame.viewer(request), places.by_id(place_id)
    if not permissions.keeps(viewer, place.path):
        raise NotFound("这里的驿站不归您管。")
    sheet = Sheet.of(request.POST, "name", "address", "phone", "services")
    if request.method == "POST":
        try:
            made = stations.open_station(
                place_id=place_id, name=sheet["name"], address=sheet["address"],
                phone=sheet["phone"], services=sheet["services"], viewer=viewer, at=frame.now(),
            )  # fmt: skip
            return HttpResponseRedirect(reverse("roster", kwargs={"station_id": made}))
        except Refused as refusal:
            sheet.wrong(refusal)
    page = {"title": _("新驿站"), "place": place, "sheet": sheet}
    return render(request, "programmes/station_new.html", page, status=sheet.status)


@frame.staff_only
def roster(request: HttpRequest, station_id: int) -> HttpResponse:
    """The week; adding and taking off for who keeps it, asking and answering for who is on it."""
    viewer, it = frame.viewer(request), stations.station(station_id)
    keeps = permissions.keeps(viewer, it["place_path"])
    if not keeps and not permissions.on_the_roster(station_id, viewer.person_id or 0, frame.now()):
        raise NotFound("没有这个驿站，或者您不在它的值班表上。")
    sheet = Sheet.of(request.POST, "do", "duty", "swap", "on", "part", "who", "to", "agreed")
    if request.method == "POST":
        try:
            messages.success(request, _did(station_id, sheet, viewer))
            return HttpResponseRedirect(request.get_full_path())
        except Refused as refusal:
            sheet.wrong(refusal)
    on = asked_day(request)
    page = {
        "title": _("值班表：%s") % it["name"], "it": it, "week": stations.week(station_id, on),
        "sheet": sheet, "keeps": keeps, "me": viewer.person_id, "today": today(), "on": on,
        "before": on - timedelta(days=7), "after": on + timedelta(days=7),
        "parts": [(p.value, p.label) for p in Duty.Part],
        "others": [c for c in stations.colleagues(station_id, frame.now())
                   if c["id"] != viewer.person_id],
    }  # fmt: skip
    return render(request, "programmes/roster.html", page, status=sheet.status)


def _did(station_id: int, sheet: Sheet, viewer: Viewer) -> str:
    who: dict[str, Any] = {"viewer": viewer, "at": frame.now()}
    do = sheet["do"]
    if do == "off":
        stations.unplan(duty_id=sheet.whole("duty") or 0, **who)
        return _("已经从值班表上去掉。")
    if do == "ask":
        stations.ask_swap(duty_id=sheet.whole("duty") or 0, to=sheet.whole("to") or 0, **who)
        return _("已经问他了，他答应了才算换。")
    if do == "answer":
        agreed = sheet["agreed"] == "yes"
        stations.answer_swap(swap_id=sheet.whole("swap") or 0, agreed=agreed, **who)
        return _("这一班现在是您的。") if agreed else _("已经回话：不换。")
    stations.plan(
        station_id=station_id, on=_day(sheet["on"]), part=sheet["part"],
        person_id=_person(sheet["who"], viewer), **who,
    )  # fmt: skip
    return _("排好了。")


def _person(words: str, viewer: Viewer) -> int:
    if words in ("我", viewer.name) and viewer.person_id is not None:
        return viewer.person_id
    found = people.find(viewer=viewer, query=words, limit=2)
    if len(found) != 1:
        raise BadInput("who", "请写全姓名或手机号，找到一个人才行。自己值班写“我”。")
    return int(found[0]["id"])


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError as wrong:
        raise BadInput("on", "请选日子。") from wrong
