"""Running a session from one screen. All is in the database: a crashed browser loses nothing."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from gongzhi.core.errors import BadInput, NotFound
from gongzhi.deliberation.ballots.actions import propose_motion
from gongzhi.deliberation.meetings import actions, queries
from gongzhi.deliberation.meetings.models import AgendaItem
from gongzhi.web.asked import Asked
from gongzhi.web.meetings import shared
from gongzhi.web.meetings.prepare import handed, runs
from gongzhi.web.sheet import Sheet

FIELDS = (
    "item", "seen", "record", "outcome", "words", "lead", "co_1", "co_2", "days", "question",
    "answer", "answerer", "text", "asker", "how", "suggestion", "speaker", "name", "owner",
    "due_on", "place", "party", "statement", "title", "kind", "minutes", "survey", "sheets", "key",
)  # fmt: skip
# Where on the page one is after the step.
ANCHORS = {"ask": "questions", "answer": "questions", "carry": "questions", "pledge": "pledges",
           "speaker": "speakers", "floor": "speakers", "floor_end": "speakers"}  # fmt: skip


@shared.staff_only
@never_cache
def page(
    request: Asked, session_id: int, sheet: Sheet | None = None, form: str = ""
) -> HttpResponse:
    """The runner: agenda and clocks, what is on now, the quorum, questions, pledges."""
    at = timezone.now()
    row = runs(request, session_id)
    agenda = queries.agenda(session_id)
    now = next((item for item in agenda if item["id"] == row["item_id"]), None)
    before = queries.pledges_before(row, at) if now and now["kind"] == "readback" else []
    shown = {
        "title": row["title"], "row": row, "agenda": agenda, "now": now, "at": at,
        "standing": queries.standing(row), "questions": queries.questions(session_id),
        "speakers": queries.speakers(row["item_id"]), "parties": queries.parties(session_id),
        "pledges": queries.pledges_of_session(session_id, at), "before": before,
        "last_list": queries.rectification(body_id=row["body_id"], before=row["number"], at=at,
                                           size=200) if before or _reads(now) else None,
        "next_item": _next(agenda, row["item_id"]), "offers": shared.offers(row["place_path"], at),
        "villages": shared.villages(row), "motions": shared.motions(session_id),
        "surveys": queries.surveys_of(session_id),
        "forms": queries.surveys_offered(row["place_path"])
                 if now and now["kind"] == "survey" else [],
        "left": [one for one in agenda
                 if one["kind"] in ("item", "motion", "hearing") and not one["outcome"]],
        "other_host": _other(request, row), "live": shared.live(request, session_id),
        "progress": shared.progress, "sheet": sheet or Sheet(), "form": form, **shared.words(),
    }  # fmt: skip
    status = sheet.status if sheet else 200
    return render(request, "meetings/staff/run.html", shown, status=status)


def _reads(now: dict[str, Any] | None) -> bool:
    return now is not None and now["kind"] == "readback"


def _next(agenda: list[dict[str, Any]], item_id: int | None) -> dict[str, Any] | None:
    """What comes after the running part: the first one not begun."""
    return next((one for one in agenda if not one["started_at"] and one["id"] != item_id), None)


def _other(request: Asked, row: dict[str, Any]) -> dict[str, Any] | None:
    """Somebody else who took the last step: two hosts know of each other."""
    last = row["last"]
    running = row["state"] == "open" and last and last["by"]
    return last if running and last["by"] != request.viewer.person_id else None


@shared.staff_only
@shared.post_only
def step(request: Asked, session_id: int, verb: str) -> HttpResponse:
    """One step of the host; a refusal, or another host's step, comes back with what was typed."""
    runs(request, session_id)
    sheet = Sheet.of(request.POST, *FIELDS)
    call = _calls(request, session_id, sheet).get(verb)
    if call is None:
        raise BadInput("", "没有这种操作。")
    if not shared.attempt(sheet, lambda: shared.once(request, session_id, verb, sheet, call)):
        return page(request, session_id, sheet, _form(verb, sheet))
    if verb == "motion":
        found = shared.motions(session_id).get(shared.whole(sheet, "item"))
        if found is not None:
            return redirect("staff_vote", motion_id=found["id"])
    if verb == "close":
        told = _("散会了。没有答复的问题请在三天内归纳交办。")
        return shared.done(request, told, "sorting", session_id=session_id)
    return shared.done(request, "", "runner", ANCHORS.get(verb, ""), session_id=session_id)


def _form(verb: str, sheet: Sheet) -> str:
    """Which form of the page the words belong to: one question has a form of its own."""
    return f"{verb}{sheet['question'] or sheet['party']}"


def _calls(request: Asked, session_id: int, sheet: Sheet) -> dict[str, Callable[[], object]]:
    by, at = shared.signed(request), timezone.now()
    who: dict[str, Any] = {"by": by, "at": at}

    def number(name: str) -> int:
        return shared.whole(sheet, name)

    seen = sheet.whole("seen")
    return {
        "open": lambda: actions.open_session(session_id=session_id, seen=seen, **who),
        "part": lambda: actions.start_part(item_id=number("item"), seen=seen, **who),
        "pause": lambda: actions.end_part(session_id=session_id, seen=seen, **who),
        "close": lambda: actions.close_session(session_id=session_id, seen=seen, **who),
        "record": lambda: actions.write_record(item_id=number("item"), words=sheet["record"],
                                               **who),
        "outcome": lambda: actions.record_outcome(
            item_id=number("item"), outcome=_plain(sheet["outcome"]),
            data={"words": sheet["words"]}, **who),
        "handover": lambda: actions.hand_over(item_id=number("item"), by=by, at=at,
                                              **handed(sheet, at)),
        "motion": lambda: _motion(session_id, number("item"), who),
        "survey": lambda: actions.open_survey(item_id=number("item"), **_chosen(sheet), **who),
        "item": lambda: actions.add_item(
            session_id=session_id, kind=sheet["kind"] or "item", title=sheet["title"],
            minutes=shared.whole(sheet, "minutes", 10), **who),
        "ask": lambda: actions.ask(
            session_id=session_id, words=sheet["text"], how=sheet["how"] or "floor",
            asker=sheet["asker"], anonymous=not sheet["asker"],
            suggestion=sheet.ticked("suggestion"), **who),
        "answer": lambda: actions.answer(question_id=number("question"), words=sheet["answer"],
                                         answerer=sheet["answerer"], **who),
        "carry": lambda: actions.carry(question_id=number("question"), **who),
        "speaker": lambda: actions.want_to_speak(item_id=number("item"), name=sheet["name"],
                                                 **who),
        "floor": lambda: actions.call_speaker(speaker_id=number("speaker"), **who),
        "floor_end": lambda: actions.end_speaker(speaker_id=number("speaker"), **who),
        "statement": lambda: actions.write_statement(party_id=number("party"),
                                                     words=sheet["statement"], **who),
        "pledge": lambda: _pledge(session_id, sheet, who),
    }  # fmt: skip


def _chosen(sheet: Sheet) -> dict[str, Any]:
    """What is handed out: a form ("form:3") by sheets or phones, or a round that runs."""
    what, _colon, number = sheet["survey"].partition(":")
    if what not in ("form", "round") or not number.isascii() or not number.isdecimal():
        raise BadInput("survey", "请选用哪一份问卷。")
    if what == "round":
        return {"round_id": int(number)}
    return {"instrument_id": int(number), "sheets": shared.whole(sheet, "sheets", 0)}


def _plain(outcome: str) -> str:
    """What a host may write himself: a vote's result comes from the vote alone."""
    if outcome not in ("opinion", "no_decision"):
        raise BadInput("outcome", "请选择这一项的结果。")
    return outcome


def _pledge(session_id: int, sheet: Sheet, who: dict[str, Any]) -> None:
    owner = shared.assignee(sheet["owner"])
    if owner is None:
        raise BadInput("owner", "请选谁来兑现。")
    actions.pledge(
        session_id=session_id, words=sheet["text"], due_on=shared.day(sheet, "due_on"),
        owner_id=owner.person_id, organisation_id=owner.organisation_id, **who,
    )  # fmt: skip


def _motion(session_id: int, item_id: int, who: dict[str, Any]) -> None:
    """Put an item to the vote by the rule of this session; once, however often it is pressed."""
    item = AgendaItem.objects.filter(pk=item_id, session=session_id, kind="motion").first()
    if item is None:
        raise NotFound("这一项不在这场会的议程里，或者不是要表决的。")
    if item_id not in shared.motions(session_id):
        propose_motion(
            session_id=session_id, item_id=item_id, matter_id=item.matter_id, title=item.title,
            text_=item.note or item.title, live=True, **who,
        )  # fmt: skip
