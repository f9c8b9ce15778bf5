"""Meetings as anybody reads them: what is coming, one session, minutes, pledges, lists."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.bodies import queries as bodies
from gongzhi.deliberation.bodies import rules as body_rules
from gongzhi.deliberation.meetings import actions, queries
from gongzhi.deliberation.meetings.models import Session
from gongzhi.deliberation.rounds import queries as rounds
from gongzhi.places import queries as places
from gongzhi.publications import queries as board
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.meetings import pdf, shared
from gongzhi.web.sheet import Sheet


def around(request: Asked) -> tuple[str, str]:
    """The path and name of the place a list is about: asked for by code, or one's own."""
    code = request.GET.get("code", "")
    if code:
        place = places.by_code(code)
        return place.path, place.name
    here = request.here
    return (here.path, here.name) if here else ("/", "")


@require_GET
@never_cache
def index(request: Asked) -> HttpResponse:
    """Sessions that are coming near me, and those held."""
    at = timezone.now()
    path, name = around(request)
    held = queries.held(path, page=paging.number(request))
    page = {
        "upcoming": queries.upcoming(path, at), "held": held["rows"], "name": name,
        "pager": paging.pager(request, held["page"], has_more=held["more"]), **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/index.html", page)


@never_cache
def session(
    request: Asked, session_id: int, sheet: Sheet | None = None, form: str = ""
) -> HttpResponse:
    """One session: notice, papers, agenda, who is there, questions, pledges."""
    at = timezone.now()
    row = queries.page(session_id, request.viewer)
    standing, agenda = queries.standing(row), queries.agenda(session_id)
    matters = [item["matter_id"] for item in agenda if item["matter_id"]]
    page = {
        "row": row, "standing": standing, "agenda": agenda,
        "became": board.of_subjects(request.viewer, "matter", matters),
        "questions": queries.questions(session_id), "papers": queries.papers(session_id),
        "parties": queries.parties(session_id), "motions": shared.motions(session_id),
        "surveys": queries.surveys_of(session_id),
        "rounds": rounds.of_session(session_id, request.viewer),
        "pledges": queries.pledges_of_session(session_id, at),
        "came": queries.signed_in(session_id, request.viewer.person_id),
        "times": queries.times(row, at), "can_come": _can_come(row, at),
        "speakers": queries.speakers(row["item_id"]),
        "live": shared.live(request, session_id), "sheet": sheet or Sheet(), "form": form,
        **shared.words(),
    }  # fmt: skip
    status = sheet.status if sheet else 200
    return render(request, "meetings/session.html", page, status=status)


def _can_come(row: dict[str, Any], at: datetime) -> bool:
    soon: bool = row["starts_at"] - at < actions.BEFORE
    return bool(row["state"] == "open" or (row["state"] == "noticed" and soon))


@require_POST
@login_required
def ask(request: Asked, session_id: int) -> HttpResponse:
    """A question from a phone; nobody picks among them."""
    sheet = Sheet.of(request.POST, "text", "named", "suggestion", "key")
    by = shared.signed(request)
    if not shared.attempt(sheet, lambda: actions.ask(
        session_id=session_id, words=sheet["text"], by=by, at=timezone.now(),
        anonymous=not sheet.ticked("named"), suggestion=sheet.ticked("suggestion"),
        key=f"{by}:{sheet['key']}"[:80] if sheet["key"] else None,
    )):  # fmt: skip
        return session(request, session_id, sheet, "ask")
    return shared.done(request, _("问题已经收到，会上按先后答复，答不了的会后办理。"), "meeting",
                       "questions", session_id=session_id)  # fmt: skip


@require_POST
@login_required
def come_online(request: Asked, session_id: int) -> HttpResponse:
    """Take part on line: counted as those in the room, once."""
    by = shared.signed(request)
    sheet = Sheet()
    if not shared.attempt(sheet, lambda: actions.sign_in(
        session_id=session_id, person_id=by, how="online", by=by, at=timezone.now(),
    )):  # fmt: skip
        return session(request, session_id, sheet, "come")
    return shared.done(request, _("已经签到（线上）。"), "meeting", session_id=session_id)


@require_POST
@login_required
def speak(request: Asked, session_id: int) -> HttpResponse:
    """Put oneself on the speakers list of what is on now."""
    by, sheet = shared.signed(request), Sheet()
    row = queries.page(session_id, request.viewer)
    if row["item_id"] is None:
        return session(request, session_id, sheet)
    if not shared.attempt(sheet, lambda: actions.want_to_speak(
        item_id=row["item_id"], by=by, person_id=by, at=timezone.now(),
    )):  # fmt: skip
        return session(request, session_id, sheet, "speak")
    return shared.done(request, _("已经排上发言。"), "meeting", session_id=session_id)


@never_cache
def scan(request: Asked, token: str) -> HttpResponse:
    """The code at the door: one button, and one is in."""
    found = Session.objects.filter(token=token).values_list("id", flat=True).first()
    if found is None:
        raise NotFound("没有这场会的签到码。", todo="请重新扫会场门口的码。")
    row = queries.page(found, request.viewer)
    sheet = Sheet()
    if request.method == "POST":
        if request.viewer.person_id is None:
            return redirect(f"{reverse('sign_in')}?next={request.path}")
        by = request.viewer.person_id
        if shared.attempt(sheet, lambda: actions.sign_in_by_code(
            token=token, person_id=by, at=timezone.now()
        )):  # fmt: skip
            return redirect("meeting_scan", token=token)
    page = {
        "row": row, "came": queries.signed_in(found, request.viewer.person_id), "sheet": sheet,
        "standing": queries.standing(row), **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/scan.html", page, status=sheet.status)


@require_GET
def minutes(request: Asked, session_id: int) -> HttpResponse:
    """The minutes, any version of them."""
    row = queries.page(session_id, request.viewer)
    version = request.GET.get("version", "")
    kept = queries.minutes(
        session_id, int(version) if version.isdecimal() and len(version) < 5 else None
    )
    page = {
        "row": row, "kept": kept, "told": kept["body"], "sheet": Sheet(), "form": "",
        "published": board.of_subject(request.viewer, "minutes", session_id), **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/minutes.html", page)


@require_GET
def minutes_pdf(request: Asked, session_id: int) -> HttpResponse:
    """The newest minutes as a PDF."""
    row = queries.page(session_id, request.viewer)
    kept = queries.minutes(session_id)
    page = {"row": row, "kept": kept, "told": kept["body"], **shared.words()}
    return pdf.answer(request, "meetings/minutes_print.html", page, f"{row['title']}纪要.pdf")


@require_GET
def calendar(request: Asked) -> HttpResponse:
    """The sessions of a month at and below a place, day by day."""
    path, name = around(request)
    first = _month(request.GET.get("month", ""), timezone.now().astimezone(SHANGHAI).date())
    after = (first + timedelta(days=32)).replace(day=1)
    page = {
        "days": queries.month(path, first, after - timedelta(days=1)), "first": first,
        "before": first - timedelta(days=1), "after": after, "name": name,
        "code": request.GET.get("code", ""), **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/calendar.html", page)


def _month(typed: str, today: date) -> date:
    """The first day of "2026-12"; of this month where that cannot be read."""
    try:
        return date.fromisoformat(f"{typed}-01")
    except ValueError:
        return today.replace(day=1)


@require_GET
def pledges(request: Asked) -> HttpResponse:
    """What was promised near here, and what became of it."""
    at = timezone.now()
    path, name = around(request)
    found = queries.pledges(path, at, page=paging.number(request))
    page = {
        "rows": found["rows"], "sums": found["sums"], "name": name,
        "pager": paging.pager(request, found["page"], has_more=found["more"]), **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/pledges.html", page)


@require_GET
def rectification(request: Asked) -> HttpResponse:
    """The list of what assemblies led to, with its sums: case 13's sentence out of records."""
    page = _list(request)
    return render(request, "meetings/rectification.html", page)


@require_GET
def rectification_pdf(request: Asked) -> HttpResponse:
    """The same on paper."""
    return pdf.answer(request, "meetings/rectification_print.html", _list(request, size=300),
                      _("整改清单.pdf"))  # fmt: skip


def _list(request: Asked, size: int = 30) -> dict[str, Any]:
    at = timezone.now()
    path, name = around(request)
    since = request.GET.get("since", "")
    from_at = (datetime(int(since), 1, 1, tzinfo=SHANGHAI)
               if since.isdecimal() and len(since) == 4 and int(since) else None)  # fmt: skip
    found = queries.rectification(
        path=path, at=at, from_at=from_at, page=paging.number(request), size=size
    )
    return {
        "found": found, "rows": found["rows"], "name": name, "since": since, "at": at,
        "told": queries.record(path, at, blueprint="small_stool", from_at=from_at),
        "cadence": queries.cadence(path, at.astimezone(SHANGHAI).date(), _first(since),
                                   blueprint="small_stool"),
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
        "progress": shared.progress, **shared.words(),
    }  # fmt: skip


def _first(year: str) -> date | None:
    return date(int(year), 1, 1) if year.isdecimal() and len(year) == 4 and int(year) else None


@require_GET
def cadence(request: Asked) -> HttpResponse:
    """How often they were to meet and how often they did, shown as it is."""
    path, name = around(request)
    on = timezone.now().astimezone(SHANGHAI).date()
    page = {"shown": queries.cadence(path, on), "name": name, **shared.words()}
    return render(request, "meetings/cadence.html", page)


@require_GET
def body(request: Asked, body_id: int) -> HttpResponse:
    """A body: what it is for, who sits in it, by which rule it decides, when it met."""
    at = timezone.now()
    row = bodies.whereabouts(body_id)
    rule = body_rules.rule_of(row["rule"], row["edition"], row["house"])
    on = at.astimezone(SHANGHAI).date()
    held = queries.of_body(body_id, page=paging.number(request))
    due = next((one for one in queries.cadence(row["place__path"], on)["rows"]
                if one["id"] == body_id), None)  # fmt: skip
    page = {
        "row": row, "rule": rule, "due": due, "sessions": held["rows"],
        "seats": [seat for seat in bodies.seats(body_id, on) if not seat["ended"]],
        "pager": paging.pager(request, held["page"], has_more=held["more"]), **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/body.html", page)
