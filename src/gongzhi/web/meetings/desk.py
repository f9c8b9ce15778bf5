"""The staff's side of bodies: founding one, its seats, calling its sessions, the list of all."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed
from gongzhi.deliberation.bodies import actions as founding
from gongzhi.deliberation.bodies import permissions
from gongzhi.deliberation.bodies import queries as bodies
from gongzhi.deliberation.bodies import rules as body_rules
from gongzhi.deliberation.bodies.models import SeatClass
from gongzhi.deliberation.meetings import actions, queries
from gongzhi.deliberation.meetings.models import Session
from gongzhi.people import queries as people
from gongzhi.playbooks import rules as law
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.meetings import shared
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import access, reads


@require_GET
@shared.staff_only
@never_cache
def meetings(request: Asked) -> HttpResponse:
    """What is being prepared, run or sorted below one's posts, and what was held there."""
    at = timezone.now()
    path = shared.staff_home(request.viewer)
    held = queries.held(path, page=paging.number(request))
    rows = queries.desk(request.viewer, at)
    waiting = {row["id"] for row in rows}
    page = {
        "title": _("会议"), "rows": rows,
        "held": [row for row in held["rows"] if row["id"] not in waiting],
        "pager": paging.pager(request, paging.number(request), has_more=held["more"]),
        "cadence": queries.cadence(path, at.astimezone(SHANGHAI).date()), **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/staff/meetings.html", page)


@require_GET
@shared.staff_only
def listed(request: Asked) -> HttpResponse:
    """All bodies below one's posts."""
    path = shared.staff_home(request.viewer)
    found = bodies.listed(path, page=paging.number(request))
    page = {
        "title": _("会议组织"), "rows": found["rows"],
        "pager": paging.pager(request, paging.number(request), has_more=found["more"]),
        "founds": [post for post in access.roots(request.viewer)
                   if permissions.may_found(request.viewer, post.place_path)],
    }  # fmt: skip
    return render(request, "meetings/staff/bodies.html", page)


@shared.staff_only
def found(request: Asked, place_id: int) -> HttpResponse:
    """Found a body at a place out of the usual kinds."""
    place = access.place(request.viewer, place_id)
    if not permissions.may_found(request.viewer, place.path):
        raise NotAllowed("设立会议和确定成员，由这里的两委成员或镇（街道）干部来做。")
    sheet = Sheet.of(request.POST, "blueprint", "name", "edition", "cadence_months")
    if request.method == "POST":
        made: list[int] = []
        if shared.attempt(sheet, lambda: made.append(founding.found(
            place_id=place_id, blueprint=sheet["blueprint"], name=sheet["name"],
            edition=sheet["edition"] or law.EDITION, by=request.viewer.person_id,
            at=timezone.now(), cadence_months=sheet.whole("cadence_months"),
        ))):  # fmt: skip
            return shared.done(request, _("已经设立。"), "staff_body", body_id=made[0])
    levels = {"village": {"village"}, "grid": {"grid"}, "town": {"town"}, "building": {"building"},
              "compound": {"building", "grid", "village"}}.get(place.kind, set())  # fmt: skip
    kinds = [one for one in body_rules.blueprints().values() if one.level in levels]
    presets = law.presets(sheet["edition"] if sheet["edition"] in law.EDITIONS else law.EDITION)
    page = {
        "title": _("设立会议组织"), "place": place, "kinds": kinds, "presets": presets,
        "sheet": sheet,
        "editions": [(edition, edition) for edition in law.EDITIONS],
    }  # fmt: skip
    return render(request, "meetings/staff/found.html", page, status=sheet.status)


@shared.staff_only
@never_cache
def body(request: Asked, body_id: int) -> HttpResponse:
    """A body with its seats; those who may, seat people and call sessions here."""
    row = bodies.whereabouts(body_id)
    access.place(request.viewer, row["place_id"])
    sheet = Sheet.of(request.POST, "person", "q", "seat_class", "organisation", "area", "why",
                     "from_on", "to_on")  # fmt: skip
    if request.method == "POST" and shared.attempt(sheet, lambda: _seat(request, body_id, sheet)):
        return shared.done(request, _("席位已经加上。"), "staff_body", "seats", body_id=body_id)
    return _show_body(request, row, sheet)


def _seat(request: Asked, body_id: int, sheet: Sheet) -> None:
    square = sheet["area"]
    founding.seat(
        body_id=body_id, person_id=shared.whole(sheet, "person"), seat_class=sheet["seat_class"],
        organisation_id=sheet.whole("organisation"), why=sheet["why"],
        area=round(float(square) * 100) if square and sheet.decimal("area") is not None else None,
        from_on=shared.day(sheet, "from_on") if sheet["from_on"] else None,
        to_on=shared.day(sheet, "to_on") if sheet["to_on"] else None,
        by=request.viewer.person_id, at=timezone.now(),
    )  # fmt: skip


def _show_body(request: Asked, row: dict[str, Any], sheet: Sheet) -> HttpResponse:
    at = timezone.now()
    on = at.astimezone(SHANGHAI).date()
    wanted = request.GET.get("q", "") or sheet["q"]
    page = {
        "title": row["name"], "row": row, "seats": bodies.seats(row["id"], on), "sheet": sheet,
        "rule": body_rules.rule_of(row["rule"], row["edition"], row["house"]),
        "classes": SeatClass.choices, "units": reads.organisations(row["place__path"]),
        "sessions": queries.of_body(row["id"])["rows"], "q": wanted,
        "people": people.find(viewer=request.viewer, query=wanted) if wanted else [],
        "founds": permissions.may_found(request.viewer, row["place__path"]),
        "runs": permissions.may_run(request.viewer, row["place__path"], row["level"]),
        **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/staff/body.html", page, status=sheet.status)


@shared.staff_only
@shared.post_only
def unseat(request: Asked, seat_id: int) -> HttpResponse:
    """End a seat."""
    body_id = founding.unseat(seat_id=seat_id, by=request.viewer.person_id, at=timezone.now())
    return shared.done(request, _("席位已经结束。"), "staff_body", "seats", body_id=body_id)


@shared.staff_only
def call(request: Asked, body_id: int) -> HttpResponse:
    """Call a session of a body."""
    row = bodies.whereabouts(body_id)
    if not permissions.may_run(request.viewer, row["place__path"], row["level"]):
        raise NotAllowed("召集这个会，由这里的两委成员、议事坊主持人或镇（街道）干部来做。")
    sheet = Sheet.of(request.POST, "title", "starts_at", "venue", "mode", "online", "key")
    rule = body_rules.rule_of(row["rule"], row["edition"], row["house"])
    if request.method == "POST":
        made: list[int] = []
        if shared.attempt(sheet, lambda: made.append(actions.call(
            body_id=body_id, starts_at=shared.moment(sheet, "starts_at"), venue=sheet["venue"],
            title=sheet["title"], mode=sheet["mode"] or Session.Mode.ONSITE,
            online=sheet["online"], by=request.viewer.person_id, at=timezone.now(),
            key=sheet["key"] or None,
        ))):  # fmt: skip
            told = _("会已经排上，还没有通知。请看一遍议程，再发通知。")
            return shared.done(request, told, "prepare", session_id=made[0])
    page = {
        "title": _("召集一次会议"), "row": row, "sheet": sheet, "rule": rule,
        "days": body_rules.notice_days(rule, row["house"]), **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/staff/call.html", page, status=sheet.status)


@shared.staff_only
def pledge(request: Asked, pledge_id: int) -> HttpResponse:
    """Say whether a pledge was kept."""
    at = timezone.now()
    row = queries.pledge(pledge_id, at)
    if not permissions.may_judge(request.viewer, row["place_path"]):
        raise NotAllowed("承诺兑现没有，由监督委员会或镇（街道）来认定。")
    sheet = Sheet.of(request.POST, "verdict", "note", "due_on")
    if request.method == "POST" and shared.attempt(sheet, lambda: actions.judge_pledge(
        pledge_id=pledge_id, verdict=sheet["verdict"], note=sheet["note"],
        due_on=shared.day(sheet, "due_on") if sheet["due_on"] else None,
        by=request.viewer.person_id, at=at,
    )):  # fmt: skip
        return shared.done(request, _("已经认定，大家都看得到。"), "pledges")
    page = {"title": _("承诺兑现没有"), "row": row, "sheet": sheet, **shared.words()}
    return render(request, "meetings/staff/pledge.html", page, status=sheet.status)
