"""Building a questionnaire and opening a round of it."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import Permission, name_of
from gongzhi.surveys import actions, permissions, queries, rules
from gongzhi.surveys.models import Instrument, Question, Round
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import frame
from gongzhi.web.surveys import questions

FIELDS = ("do", "key", "question", "kind", "words", "options", "needed", "groups", "title", "intro")
OPENING = ("key", "title", "audience", "sheets", "closes_at", "fail_over", "chair")


@frame.staff_only
def new(request: HttpRequest) -> HttpResponse:
    """A name, a kind, a place."""
    viewer = frame.viewer(request)
    posts = viewer.posts_with(Permission.PUBLISH, "publication")
    sheet = Sheet.of(request.POST, "key", "title", "intro", "kind", "place")
    if request.method == "POST":
        try:
            made = actions.make_instrument(
                place_id=sheet.whole("place") or 0, kind=sheet["kind"], title=sheet["title"],
                intro=sheet["intro"], viewer=viewer, at=frame.now(), key=sheet["key"] or None,
            )  # fmt: skip
            return HttpResponseRedirect(reverse("survey_build", kwargs={"instrument_id": made}))
        except Refused as refusal:
            sheet.wrong(refusal)
    page = {
        "title": _("新问卷"), "sheet": sheet, "posts": posts,
        "kinds": [(k.value, k.label) for k in Instrument.Kind],
    }  # fmt: skip
    return render(request, "surveys/new.html", page, status=sheet.status)


@frame.staff_only
def build(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """The questions in order, each with its buttons; one form for a new one or a changed one."""
    viewer = frame.viewer(request)
    form = _form(viewer, instrument_id)
    sheet = Sheet.of(request.POST, *FIELDS)
    if request.method == "POST":
        try:
            to = _write(sheet, instrument_id, viewer, frame.now())
            return HttpResponseRedirect(reverse("survey_build", kwargs={"instrument_id": to}))
        except Refused as refusal:
            sheet.wrong(refusal)
    else:
        sheet = _changing(request, form)
    page = {
        "title": form["title"], "form": None, "it": form, "sheet": sheet,
        "kinds": [(k.value, k.label) for k in Question.Kind if k != "appraise"],
        "kind_words": dict(Question.Kind.choices),
    }  # fmt: skip
    return render(request, "surveys/build.html", page, status=sheet.status)


@frame.staff_only
def preview(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """The questionnaire as people will see it; nothing is sent from here."""
    form = _form(frame.viewer(request), instrument_id)
    example = [{"id": 1, "name": _("（被评的人）"), "post": ""}]
    page = {
        "head": form, "rows": questions.rows(instrument_id, example), "values": {},
        "sheet": Sheet(), "preview": True, "ends": questions.ENDS,
    }  # fmt: skip
    return render(request, "surveys/form.html", page)


@frame.staff_only
def open_it(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Who answers, until when, how many sheets; of an appraisal also who is rated."""
    viewer = frame.viewer(request)
    form = _form(viewer, instrument_id)
    sheet = Sheet.of(request.POST, *OPENING)
    chosen = [int(p) for p in request.POST.getlist("rated") if p.isdecimal() and len(p) < 18]
    if request.method == "POST":
        try:
            made = actions.open_round(
                instrument_id=instrument_id, viewer=viewer, at=frame.now(),
                closes_at=_moment(sheet["closes_at"]), audience=sheet["audience"],
                title=sheet["title"], sheets=_number(sheet, "sheets"), rated=chosen,
                fail_over=sheet["fail_over"], key=sheet["key"] or None,
            )  # fmt: skip
            return HttpResponseRedirect(reverse("survey_round", kwargs={"round_id": made}))
        except Refused as refusal:
            sheet.wrong(refusal)
    else:
        until = (frame.now().astimezone(SHANGHAI) + timedelta(days=7)).replace(hour=18, minute=0)
        sheet.values |= {"closes_at": until.strftime("%Y-%m-%dT%H:%M"), "sheets": "100"}
    page = {
        "title": _("发出：%s") % form["title"], "it": form, "sheet": sheet, "chosen": chosen,
        "audiences": [(a.value, a.label) for a in Round.Audience],
        "members": _members(form), "fail_over": rules.appraisal()["fail_over"],
        "article": rules.article(form["code"]) if form["kind"] == "appraisal" else "",
    }  # fmt: skip
    return render(request, "surveys/open.html", page, status=sheet.status)


def _form(viewer: Viewer, instrument_id: int) -> dict[str, Any]:
    form = queries.form(instrument_id)
    if not permissions.builds(viewer, form["place_path"]):
        raise NotFound("没有这份问卷，或者它不在您负责的地方。")
    return form


def _write(sheet: Sheet, instrument_id: int, viewer: Viewer, at: datetime) -> int:
    """The button that was pressed; the questionnaire to go on with."""
    do, which = sheet["do"], sheet.whole("question") or 0
    mine = {q["id"] for q in queries.questions(instrument_id)}
    if which and which not in mine and do != "remove":
        raise NotFound("没有这一题，可能刚被别人去掉了。")
    asked: dict[str, Any] = {
        "kind": sheet["kind"], "words": sheet["words"], "options": sheet["options"],
        "needed": sheet.ticked("needed"), "groups": sheet.ticked("groups"),
    }  # fmt: skip
    who: dict[str, Any] = {"viewer": viewer, "at": at}
    if do == "version":
        return actions.new_version(instrument_id=instrument_id, **who)
    if do == "rename":
        actions.rename(
            instrument_id=instrument_id, title=sheet["title"], intro=sheet["intro"], **who
        )
    elif do in ("up", "down"):
        actions.move_question(question_id=which, up=do == "up", **who)
    elif do == "remove":
        if which in mine:
            actions.remove_question(question_id=which, **who)
    elif which:
        actions.change_question(question_id=which, **asked, **who)
    else:
        actions.add_question(instrument_id=instrument_id, key=sheet["key"] or None, **asked, **who)
    return instrument_id


def _changing(request: HttpRequest, form: dict[str, Any]) -> Sheet:
    """The form of one question filled with what it says now; empty for a new one."""
    wanted = frame.number(request, "question", 0)
    for q in form["questions"]:
        if q["id"] == wanted:
            return Sheet({
                "question": str(q["id"]), "kind": q["kind"], "words": q["words"],
                "options": "\n".join(q["options"]), "needed": "1" if q["needed"] else "",
                "groups": "1" if q["groups"] else "",
            })  # fmt: skip
    return Sheet({"kind": "single", "needed": "1"})


def _members(form: dict[str, Any]) -> list[dict[str, Any]]:
    if form["kind"] != "appraisal":
        return []
    on = frame.now().astimezone(SHANGHAI).date()
    rows = people.posts_at(form["place_id"], on, "committee", "party_secretary")
    found = {r["person_id"]: r | {"role": name_of(r["role"])} for r in rows}
    return list(found.values())


def _moment(words: str) -> datetime:
    try:
        return datetime.strptime(words, "%Y-%m-%dT%H:%M").replace(tzinfo=SHANGHAI)
    except ValueError as wrong:
        raise BadInput("closes_at", "请选截止的日子和钟点。") from wrong


def _number(sheet: Sheet, name: str) -> int:
    if not sheet[name]:
        return 0
    found = sheet.whole(name)
    if found is None:
        raise BadInput(name, "请填数字。")
    return found
