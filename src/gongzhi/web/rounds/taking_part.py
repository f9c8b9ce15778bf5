"""Taking part: one statement at a time, three buttons, one's own statement."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core.errors import NotFound, Refused
from gongzhi.deliberation.rounds import actions, permissions, queries, rules
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.sheet import Sheet

P = ParamSpec("P")
View = Callable[Concatenate[Asked, P], HttpResponse]


def known(view: View[P]) -> View[P]:
    """A stranger who may not see it is asked to sign in: perhaps he may then."""

    @wraps(view)
    def checked(request: Asked, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotFound:
            if request.viewer.person_id is None:
                return to_sign_in(request)
            raise

    return checked


def to_sign_in(request: Asked) -> HttpResponse:
    """To the sign-in page and back to the round."""
    back = request.get_full_path() if request.method == "GET" else reverse("rounds")
    return HttpResponseRedirect(f"{reverse('sign_in')}?next={quote(back)}")


@never_cache
@require_GET
def listed(request: Asked) -> HttpResponse:
    """Rounds of the places one lives in, or of the community at hand; running ones first."""
    number = paging.number(request)
    paths = list(request.viewer.places) or ([request.here.path] if request.here else [])
    found = queries.listed(paths, timezone.now(), number)
    page = found | {"pager": paging.pager(request, number, has_more=found["more"])}
    return render(request, "rounds/listed.html", page)


@require_GET
def policy(request: Asked) -> HttpResponse:
    """By which rules statements are let in: for everybody to read."""
    page = {"policy": rules.POLICY, "most": rules.MOST_OWN, "fewest": rules.FEWEST}
    return render(request, "rounds/policy.html", page)


@never_cache
@require_GET
@known
def asked(request: Asked, round_id: int) -> HttpResponse:
    """What this person is asked next, how far he is, what he put himself."""
    return _page(request, round_id, Sheet())


@never_cache
@known
@require_POST
def vote(request: Asked, round_id: int) -> HttpResponse:
    """One of the three buttons; then the next statement."""
    if request.viewer.person_id is None:
        return to_sign_in(request)
    sheet = Sheet.of(request.POST, "statement", "number", "value")
    if sheet["value"] not in VALUES:
        queries.head(round_id, request.viewer, timezone.now())
    actions.vote(
        round_id=round_id, statement_id=sheet.whole("statement") or 0,
        value=rules.vote(sheet["value"]), viewer=request.viewer, at=timezone.now(),
    )  # fmt: skip
    to = reverse("round", kwargs={"round_id": round_id})
    number = sheet.whole("number")
    return HttpResponseRedirect(f"{to}?said={number}#ask" if number else f"{to}#ask")


@never_cache
@known
@require_POST
def say(request: Asked, round_id: int) -> HttpResponse:
    """One's own statement; it waits for the moderator, and the page says so."""
    if request.viewer.person_id is None:
        return to_sign_in(request)
    sheet = Sheet.of(request.POST, "text", "key")
    try:
        actions.say(
            round_id=round_id, words=sheet["text"], viewer=request.viewer, at=timezone.now(),
            key=sheet["key"] or None,
        )  # fmt: skip
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        sheet.wrong(refusal)
        return _page(request, round_id, sheet)
    messages.success(request, _("收到了。主持人看过就放出来，大家都能表态。"))
    return HttpResponseRedirect(reverse("round", kwargs={"round_id": round_id}))


@never_cache
@require_GET
@known
def statements(request: Asked, round_id: int) -> HttpResponse:
    """Everything that was let in, page by page, with what I said."""
    head = queries.head(round_id, request.viewer, timezone.now())
    number = paging.number(request)
    found = queries.statements(round_id, request.viewer.person_id, number)
    page = found | {
        "head": head, "pager": paging.pager(request, number, has_more=found["more"]),
        "words": WORDS,
    }  # fmt: skip
    return render(request, "rounds/statements.html", page)


@never_cache
@require_GET
@known
def one(request: Asked, round_id: int, which: int) -> HttpResponse:
    """A statement to look at again: what I said can be changed while the round runs."""
    head = queries.head(round_id, request.viewer, timezone.now())
    it = queries.statement(round_id, which, request.viewer.person_id)
    return render(request, "rounds/one.html", {"head": head, "it": it, "words": WORDS})


VALUES = ("1", "0", "-1")
WORDS = {1: "同意", 0: "不确定", -1: "不同意"}


def _page(request: Asked, round_id: int, sheet: Sheet) -> HttpResponse:
    viewer, now = request.viewer, timezone.now()
    head = queries.head(round_id, viewer, now)
    who = viewer.person_id
    votes = head["runs"] and head["member"] and who is not None
    page: dict[str, Any] = {
        "head": head, "sheet": sheet, "votes": votes, "words": WORDS, "now": now,
        "it": queries.next_statement(round_id, who) if votes and who is not None else None,
        "own": queries.own(round_id, who) if who is not None and head["member"] else [],
        "said": _said(request, round_id) if votes else None, "policy": rules.POLICY,
        "enough": rules.ENOUGH_VOTES, "shows": shows(request, head),
        "hosts": permissions.hosts(viewer, head["place_path"]),
    }  # fmt: skip
    return render(request, "rounds/round.html", page, status=sheet.status)


def shows(request: Asked, head: dict[str, Any]) -> bool:
    """The picture is for those who have first said what they think themselves, and at the end."""
    spoke = head["mine"] >= min(rules.ENOUGH_VOTES, head["total"]) and head["mine"] > 0
    over = head["state"] == "closed"
    return bool(over or spoke or permissions.hosts(request.viewer, head["place_path"]))


def _said(request: Asked, round_id: int) -> dict[str, Any] | None:
    """The statement just answered, to be taken back with one touch."""
    number = request.GET.get("said", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 6):
        return None
    try:
        found = queries.statement(round_id, int(number), request.viewer.person_id)
    except NotFound:
        return None
    return found if found["value"] is not None else None
