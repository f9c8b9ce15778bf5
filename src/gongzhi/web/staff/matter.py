"""One matter in three columns: the list, the whole process, and what can be done now."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongzhi.core.errors import BadInput, Refused
from gongzhi.matters import actions, queries
from gongzhi.matters import words as matter_words
from gongzhi.people import queries as people
from gongzhi.places import queries as places
from gongzhi.playbooks import rules
from gongzhi.playbooks.moves import Move, Played, Verb
from gongzhi.web import words as web_words
from gongzhi.web.staff import ahead, besides, frame, moves, reads, uploads
from gongzhi.web.staff.inbox import GROUPS

LISTED = 8  # of each group in the left column


@frame.staff_only
def matter(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about it, with the form of the one thing it waits for."""
    row = case(request, number)
    first = next((v for v in moves.PRIMARY if v in _verbs(row)), None)
    form = moves.FORMS[first](case=row) if first else None
    return show(request, row, doing=first.value if first else "", form=form)


@frame.staff_only
def move(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """One move: its form, what it would lead to, and on POST the move itself."""
    row = case(request, number)
    form_class = moves.FORMS.get(Verb(verb)) if verb in list(Verb) else None
    if form_class is None:
        raise BadInput("move", "没有这种办法。", todo="请从页面上的按钮里选。")
    if request.method != "POST":
        return show(request, row, doing=verb, form=form_class(case=row, initial=_linked(request)))
    form = form_class(uploads.stored(request), request.FILES, case=row)
    if "look" in request.POST and isinstance(form, moves.ResolveForm):
        return show(request, row, doing=verb, form=form, verdict=_verdict(request, row, form))
    refused = uploads.refused(request)
    moved = None if refused else form.attempt(lambda _typed: _moved(request, row, verb, form))
    if refused is not None:
        form.is_valid()
        form.refuse(BadInput("photos", refused.words, todo=refused.todo))
    if moved is not None:
        return frame.done(request, _said(row, moved), "matter", number=number)
    return _again(request, number, verb, form)


def _moved(
    request: HttpRequest, row: dict[str, Any], verb: str, form: moves.MoveForm
) -> actions.Moved:
    typed = form.cleaned_data
    return actions.move(
        matter_id=row["id"],
        verb=verb,
        by=frame.viewer(request).person_id,
        at=frame.now(),
        key=typed["key"] or None,
        seen=typed["seen"],
        uploads=uploads.keys(typed["uploaded"]),
        **form.arguments(),
    )


def _again(request: HttpRequest, number: str, verb: str, form: moves.MoveForm) -> HttpResponse:
    """The form once more, on the newest state, with everything that was typed."""
    row = case(request, number)
    if form.stale is not None:
        form.see(row["last_seq"])
    return show(request, row, doing=verb, form=form)


def _said(row: dict[str, Any], moved: actions.Moved) -> str:
    named = matter_words.of(places.playbook(row["version_id"]))
    if moved.outcome:
        return _("这件事已经了结，全过程都留着。")
    if moved.result == "no_decision":
        return _("记下了。到会人数不够，不作决定，要再开一次。")
    words = {
        "pass": _("好了，现在到了“%s”。"),
        "fail": _("记下了，没有通过，现在到了“%s”。"),
        "up": _("已经提请上级，现在是“%s”。"),
        "down": _("已经交给下级，现在是“%s”。"),
    }.get(moved.result, _("已经记下，现在还是“%s”。"))
    return words % named.stages[moved.stage].name


# Small things beside the moves


@frame.staff_only
@frame.post_only
def comment(request: HttpRequest, number: str) -> HttpResponse:
    """A word on the timeline, for everybody or for those who handle it."""
    row, form = case(request, number), besides.CommentForm(request.POST, prefix="c")
    return _little(
        request, row, "comment", form, _("留言已经记下。"),
        lambda typed: actions.move(
            matter_id=row["id"], verb=Verb.COMMENT, by=frame.viewer(request).person_id,
            at=frame.now(), key=typed["key"] or None, note=typed["note"],
            private=typed["private"],
        ),
    )  # fmt: skip


@frame.staff_only
@frame.post_only
def classify(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm what kind of matter it is."""
    row, form = case(request, number), besides.ClassifyForm(request.POST, prefix="k")
    return _little(
        request, row, "category", form, _("类别已经确认。"),
        lambda typed: actions.classify(
            matter_id=row["id"], category=typed["category"],
            by=frame.viewer(request).person_id or 0, at=frame.now(),
        ),
    )  # fmt: skip


@frame.staff_only
def split(request: HttpRequest, number: str) -> HttpResponse:
    """Several matters out of one."""
    row = case(request, number)
    if request.method != "POST":
        return show(request, row, doing="split", form=besides.SplitForm(prefix="p"))
    form = besides.SplitForm(request.POST, prefix="p")
    return _little(
        request, row, "split", form, _("已经分开，分出来的事各有各的编号。"),
        lambda typed: actions.split(
            matter_id=row["id"], parts=typed["parts"], reason=typed["reason"],
            by=frame.viewer(request).person_id or 0, at=frame.now(), key=typed["key"] or None,
        ),
    )  # fmt: skip


@frame.staff_only
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """An answer on paper or by telephone, entered for the person who gave it."""
    row = case(request, number)
    asked = reads.asked(row["id"], row["round"])
    if request.method != "POST":
        return show(request, row, doing="answer", form=besides.AnswerForm(asked=asked, prefix="a"))
    form = besides.AnswerForm(request.POST, asked=asked, prefix="a")
    return _little(
        request, row, "answer", form, _("回答已经记下。"),
        lambda typed: actions.answer_call_back(
            matter_id=row["id"], by=frame.viewer(request).person_id or 0, at=frame.now(),
            solved=typed["solved"] == "yes", score=typed["score"], words=typed["words"],
            for_person=typed["who"], key=typed["key"] or None,
        ),
    )  # fmt: skip


@frame.staff_only
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """The phone of the raiser, for a purpose; he sees that it was looked at."""
    row = case(request, number)
    if request.method != "POST":
        return show(request, row, doing="contact", form=besides.ContactForm(prefix="t"))
    form, viewer = besides.ContactForm(request.POST, prefix="t"), frame.viewer(request)
    seen = form.attempt(
        lambda typed: people.reveal(
            by=viewer, person_id=row["raised_by_id"], fields=["phone"],
            purpose=typed["purpose"], at=frame.now(), matter_id=row["id"],
        )
    )  # fmt: skip
    return show(request, row, doing="contact", form=form, seen=seen)


def _little(
    request: HttpRequest,
    row: dict[str, Any],
    doing: str,
    form: frame.Form,
    words: str,
    call: Callable[[dict[str, Any]], object],
) -> HttpResponse:
    if form.did(call):
        return frame.done(request, words, "matter", number=row["number"])
    return show(request, case(request, row["number"]), doing=doing, form=form)


# What the page shows


def case(request: HttpRequest, number: str) -> dict[str, Any]:
    """The matter with what its forms offer; NotFound with a sentence."""
    at = frame.now()
    row = queries.get(frame.viewer(request), number, at)
    playbook = places.playbook(row["version_id"])
    stage, named = playbook.stage_on(row["stage"], row["level"]), matter_words.of(playbook)
    quorum = stage.gate.quorum
    must = dict(quorum.include) if quorum is not None else {}
    row["hearing_roles"] = [
        {"id": role, "name": named.roles[role], "least": least} for role, least in must.items()
    ]
    allowed = stage.deadline.pause_on if stage.deadline is not None else ()
    row["pause_reasons"] = [(code, named.reasons.get(code, code)) for code in allowed]
    row["rule"] = rules.of_stage(stage)
    row["quorum"] = quorum
    row["gate"] = stage.gate.kind
    row["waits_for"] = [named.roles[role] for role in _waiting(row, stage)]
    wants_handler = {Verb.DISPATCH, Verb.TRANSFER} & _verbs(row)
    ladder = [place for place in row["ladder"] if place is not None]
    row["handlers"] = reads.handlers(ladder, at) if wants_handler else []
    for line in row["events"]:
        line["took_words"] = web_words.span(line["took"])
        line["limit_words"] = web_words.span(line["limit"])
        line["late"] = bool(line["took"] and line["limit"] and line["took"] > line["limit"])
    return row


def _waiting(row: dict[str, Any], stage: Any) -> tuple[str, ...]:
    """The roles whose turn it is."""
    if row["outcome"]:
        return ()
    if row["step"] == "verifying":
        return tuple(stage.gate.verify_by)
    return tuple(stage.do if row["step"] == "handling" else stage.gate.by)


def show(
    request: HttpRequest,
    row: dict[str, Any],
    *,
    doing: str,
    form: frame.Form | None,
    verdict: str = "",
    seen: dict[str, str] | None = None,
) -> HttpResponse:
    """The page. `doing` is what the right column has open."""
    viewer, at = frame.viewer(request), frame.now()
    verb = Verb(doing) if doing in list(Verb) else None
    page = {
        "title": row["title"],
        "m": row,
        "groups": queries.inbox(viewer, at, most=LISTED)["groups"],
        "names": GROUPS,
        "doing": doing,
        "form": form,
        "button": moves.BUTTONS.get(verb, "") if verb else "",
        "buttons": moves.BUTTONS,
        "primary": next((v.value for v in moves.PRIMARY if v in _verbs(row)), ""),
        "others": [v.value for v in moves.FORMS if v in _verbs(row)],
        "ahead": ahead.look(row, verb, by=viewer.person_id, at=at) if verb else None,
        "verdict": verdict,
        "seen": seen,
        "comment": form if doing == "comment" else besides.CommentForm(prefix="c"),
        "category": form if doing == "category" else _category(row),
        "guesses": queries.category_suggestions(f"{row['title']}\n{row['body']}"),
        "alike": _alike(request, row, at),
        "may_answer": row["gate"] == "rate" and bool(reads.asked(row["id"], row["round"])),
        "photos": _photos(row),
    }
    return frame.page(request, "matter.html", page, form.status if form is not None else 200)


def _category(row: dict[str, Any]) -> besides.ClassifyForm:
    return besides.ClassifyForm(prefix="k", initial={"category": row["category"]})


def _alike(request: HttpRequest, row: dict[str, Any], at: datetime) -> list[dict[str, Any]]:
    """Open matters that may be the same one."""
    if row["outcome"]:
        return []
    text = f"{row['title']}\n{row['body']}"
    return queries.similar(text, row["place_id"], frame.viewer(request), at, but=row["id"])


def _photos(row: dict[str, Any]) -> dict[int, list[dict[str, Any]]]:
    """Attachments by the event they came with."""
    found: dict[int, list[dict[str, Any]]] = {}
    for one in row["attachments"]:
        found.setdefault(one["seq"], []).append(one)
    return found


def _verbs(row: dict[str, Any]) -> set[Verb]:
    return {Verb(move["verb"]) for move in row["allowed"]}


def _linked(request: HttpRequest) -> dict[str, Any]:
    """What a link may fill in: the number to merge into."""
    into = request.GET.get("into", "")[:20]
    return {"into": into} if into else {}


def _verdict(request: HttpRequest, row: dict[str, Any], form: moves.ResolveForm) -> str:
    """What these hands would decide; written nowhere."""
    if not form.is_valid():
        return ""
    by, at = frame.viewer(request).person_id, frame.now()
    answer = ahead.answer(row, Move(Verb.RESOLVE, tally=form.tally()), by=by, at=at)
    if isinstance(answer, Played):
        return answer.result
    form.refuse(
        BadInput(answer.field, answer.words, code=answer.code, todo=answer.todo)
        if answer.field
        else Refused(answer.words, code=answer.code, todo=answer.todo)
    )
    return ""
