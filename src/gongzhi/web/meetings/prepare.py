"""Before a session, and after it: agenda, papers, notice, sorting, minutes."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from gongzhi.core.errors import BadInput, NotAllowed
from gongzhi.deliberation.bodies import rules as body_rules
from gongzhi.deliberation.meetings import actions, queries
from gongzhi.matters.actions import Assignee
from gongzhi.web.asked import Asked
from gongzhi.web.meetings import shared
from gongzhi.web.sheet import Sheet

FIELDS = (
    "title", "kind", "minutes", "speaker", "note", "item", "parent", "text", "why_short", "reason",
    "starts_at", "venue", "name", "stand", "key",
)  # fmt: skip


def runs(request: Asked, session_id: int) -> dict[str, Any]:
    """The session, for somebody who may run it; NotAllowed for staff who may not."""
    row = queries.page(session_id, request.viewer)
    if not row["runs"]:
        raise NotAllowed("主持这场会，由这里的两委成员、议事坊主持人或镇（街道）干部来做。")
    return row


@shared.staff_only
@never_cache
def page(
    request: Asked, session_id: int, sheet: Sheet | None = None, form: str = ""
) -> HttpResponse:
    """The preparation of a session on one page."""
    at = timezone.now()
    row = runs(request, session_id)
    shown = {
        "title": row["title"], "row": row, "agenda": queries.agenda(session_id),
        "papers": queries.papers(session_id), "parties": queries.parties(session_id),
        "times": queries.times(row, at), "sheet": sheet or Sheet(), "form": form,
        "rule": body_rules.rule_of(row["rule"], row["edition"], row["house"]),
        **shared.words(),
    }  # fmt: skip
    status = sheet.status if sheet else 200
    return render(request, "meetings/staff/prepare.html", shown, status=status)


@shared.staff_only
@shared.post_only
def act(request: Asked, session_id: int, verb: str) -> HttpResponse:
    """One thing done in preparation; a refusal comes back to its form."""
    runs(request, session_id)
    sheet = Sheet.of(request.POST, *FIELDS)
    by, at = request.viewer.person_id, timezone.now()
    calls = {
        "item": lambda: actions.add_item(
            session_id=session_id, kind=sheet["kind"], title=sheet["title"], by=by, at=at,
            minutes=shared.whole(sheet, "minutes", 10), speaker=sheet["speaker"],
            note=sheet["note"], parent_id=sheet.whole("parent"),
        ),
        "removal": lambda: actions.remove_item(item_id=shared.whole(sheet, "item"), by=by, at=at),
        "paper": lambda: actions.add_paper(
            session_id=session_id, title=sheet["title"], words=sheet["text"], by=by, at=at
        ),
        "party": lambda: actions.add_party(
            item_id=shared.whole(sheet, "item"), name=sheet["name"], stand=sheet["stand"], by=by,
            at=at,
        ),
        "notice": lambda: actions.notice(
            session_id=session_id, by=by, at=at, why_short=sheet["why_short"]
        ),
        "move": lambda: actions.move(
            session_id=session_id, starts_at=shared.moment(sheet, "starts_at"),
            venue=sheet["venue"], by=by, at=at,
        ),
        "cancel": lambda: actions.cancel(
            session_id=session_id, reason=sheet["reason"], by=by, at=at
        ),
    }  # fmt: skip
    if verb not in calls:
        raise BadInput("", "没有这种操作。")
    if not shared.attempt(sheet, calls[verb]):
        return page(request, session_id, sheet, verb)
    told = {"notice": _("通知已经发出，大家在“会议”里看得到。"), "cancel": _("会已经取消。")}
    return shared.done(request, told.get(verb, _("已经保存。")), "prepare", verb,
                       session_id=session_id)  # fmt: skip


@shared.staff_only
@never_cache
def sorting(
    request: Asked, session_id: int, sheet: Sheet | None = None, form: str = ""
) -> HttpResponse:
    """After the session: each open question to one, to several, or with another (3 days)."""
    at = timezone.now()
    row = runs(request, session_id)
    asked = queries.questions(session_id)
    shown = {
        "title": _("会后归纳"), "row": row, "sheet": sheet or Sheet(), "form": form,
        "waiting": [one for one in asked if one["state"] == "carried" and not one["matter"]],
        "sorted": [one for one in asked if one["matter"]],
        "offers": shared.offers(row["place_path"], at), "villages": shared.villages(row),
        "found": queries.rectification(session_id=session_id, at=at, size=300),
        "progress": shared.progress, "late": _sort_late(row, at), **shared.words(),
    }  # fmt: skip
    status = sheet.status if sheet else 200
    return render(request, "meetings/staff/sorting.html", shown, status=status)


def _sort_late(row: dict[str, Any], at: Any) -> bool:
    return bool(row["closed_at"]) and (at - row["closed_at"]).days >= 3


@shared.staff_only
@shared.post_only
def sort(request: Asked, session_id: int, question_id: int) -> HttpResponse:
    """Give one question to somebody, or put it with another."""
    runs(request, session_id)
    sheet = Sheet.of(request.POST, "lead", "co_1", "co_2", "days", "into", "place", "key")
    by, at = shared.signed(request), timezone.now()

    def call() -> None:
        if sheet["into"]:
            actions.merge(question_id=question_id, into=shared.whole(sheet, "into"), by=by, at=at)
        else:
            given = handed(sheet, at)
            actions.hand_over(question_id=question_id, by=by, at=at, **given)

    if not shared.attempt(sheet, call):
        return sorting(request, session_id, sheet, f"q{question_id}")
    return shared.done(request, _("已经交办，提问的人看得到办到哪一步。"), "sorting",
                       session_id=session_id)  # fmt: skip


def handed(sheet: Sheet, at: Any) -> dict[str, Any]:
    """Lead, others and day of a hand-over form; BadInput names the field."""
    lead = shared.assignee(sheet["lead"])
    if lead is None:
        raise BadInput("lead", "请选谁来办。")
    chosen = [shared.assignee(sheet[name]) for name in ("co_1", "co_2")]
    others: tuple[Assignee, ...] = tuple(one for one in chosen if one is not None)
    days = sheet.whole("days")
    if days not in shared.DAYS:
        raise BadInput("days", "请选几天内办好。")
    due_at = at + timedelta(days=days)
    return {"lead": lead, "others": others, "due_at": due_at, "place_id": sheet.whole("place")}


@shared.staff_only
@shared.post_only
def minutes(request: Asked, session_id: int, verb: str) -> HttpResponse:
    """Correct the minutes by another version, or put them on the board."""
    row = runs(request, session_id)
    sheet = Sheet.of(request.POST, "correction", "reason", "seen")
    by, at = request.viewer.person_id, timezone.now()
    calls = {
        "correction": lambda: actions.correct_minutes(
            session_id=session_id, correction=sheet["correction"], reason=sheet["reason"], by=by,
            at=at, seen=shared.whole(sheet, "seen"),
        ),
        "publication": lambda: actions.publish_minutes(session_id=session_id, by=by, at=at),
    }  # fmt: skip
    if verb not in calls:
        raise BadInput("", "没有这种操作。")
    if not shared.attempt(sheet, calls[verb]):
        kept = queries.minutes(session_id)
        shown = {
            "row": row, "kept": kept, "told": kept["body"], "sheet": sheet, "form": verb,
            "published": None, **shared.words(),
        }  # fmt: skip
        return render(request, "meetings/minutes.html", shown, status=sheet.status)
    told = _("更正已作为新的一版。") if verb == "correction" else _("纪要已经公开，至少十五天。")
    return shared.done(request, told, "minutes", session_id=session_id)
