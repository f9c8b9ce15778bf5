"""One matter as the one who raised it, his family or a neighbour sees it, and what he can do."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.matters import actions, queries
from gongzhi.matters.permissions import Sight
from gongzhi.people.models import Person
from gongzhi.places import queries as places
from gongzhi.playbooks.moves import Verb
from gongzhi.web import listen
from gongzhi.web.asked import Asked
from gongzhi.web.sheet import Sheet

# What a resident does by himself, in the order of the page. Everything else is staff's.
OWN_MOVES = (Verb.SIGN, Verb.REOPEN, Verb.RECALL)
CONCERNED = (Sight.OWN, Sight.FOLLOWER)
DONE_WORDS = {
    Verb.SIGN: "已记下您签字。",
    Verb.REOPEN: "已重新打开，会重新办。",
    Verb.RECALL: "已撤回。",
    Verb.COMMENT: "已留言，办事的人看得到。",
}


@never_cache
@login_required
@require_GET
def mine(request: Asked) -> HttpResponse:
    """What I raised or follow, open ones first; also of those I act for."""
    rows = listed(request)
    family = dict(Person.objects.filter(pk__in=request.viewer.acts_for).values_list("id", "name"))
    for row in rows:
        row["for_name"] = family.get(row["raised_by_id"], "")
    return render(request, "resident/mine.html", {"rows": rows})


def listed(request: Asked, limit: int = 100) -> list[dict[str, Any]]:
    """Rows of "my matters" with their progress, those that wait for his answer first."""
    rows = queries.mine(request.viewer, timezone.now(), limit=limit)
    for row in rows:
        row["stages"] = queries.progress(places.playbook(row["version_id"]), row)
    return sorted(rows, key=lambda row: bool(row["outcome"] or not row["please_answer"]))


@never_cache
@login_required
def page(request: Asked, number: str, sheet: Sheet | None = None) -> HttpResponse:
    """Progress, what happened, and the few things he can do."""
    matter = queries.get(request.viewer, number, timezone.now())
    allowed = {row["verb"] for row in matter["allowed"]}
    raiser = matter["sight"] is Sight.OWN and not matter["follows"]
    page = {
        "matter": matter,
        "can": {
            verb.value
            for verb in OWN_MOVES
            if verb.value in allowed and (raiser or verb is Verb.SIGN)
        },
        "can_comment": matter["sight"] in CONCERNED and not matter["outcome"],
        "can_join": not raiser and not matter["follows"] and not matter["outcome"],
        "asks": _asks(matter),
        "raiser": raiser,
        "sheet": sheet or Sheet({"key": uuid4().hex}),
        "live": listen.address(request, f"matter:{matter['id']}"),
    }
    return render(request, "resident/matter.html", page, status=sheet.status if sheet else 200)


def _asks(matter: dict[str, Any]) -> dict[str, Any] | None:
    """The question put to this viewer, while his answer still counts."""
    asked = matter["call_back"]
    return asked if asked and asked["asked_at"] and not matter["outcome"] else None


@require_POST
@login_required
def answer(request: Asked, number: str) -> HttpResponse:
    """Solved or not, one to five, in his words."""
    matter = queries.get(request.viewer, number, timezone.now())
    sheet = Sheet.of(request.POST, "key", "solved", "score", "words")
    asked = matter["call_back"] or {}
    try:
        if sheet["solved"] not in {"1", "0"}:
            raise BadInput("solved", _("请选一个：解决了，还是没解决。"))
        actions.answer_call_back(
            matter_id=matter["id"], by=_me(request), at=timezone.now(),
            solved=sheet["solved"] == "1", score=sheet.whole("score"), words=sheet["words"],
            for_person=asked.get("person"), key=sheet["key"][:64] or None,
        )  # fmt: skip
    except Refused as refusal:
        sheet.wrong(refusal)
        return page(request, number, sheet)
    messages.success(request, _("谢谢，已记下您的评价。"))
    return _back(number)


@require_POST
@login_required
def move(request: Asked, number: str, verb: str) -> HttpResponse:
    """Sign, reopen, recall or leave a word: the playbook says whether he may."""
    if verb not in DONE_WORDS:
        raise NotFound()
    matter = queries.get(request.viewer, number, timezone.now())
    if verb == Verb.COMMENT and matter["sight"] not in CONCERNED:
        raise NotAllowed("只有提这件事的人和跟进的人能留言。")
    sheet = Sheet.of(request.POST, "key", "note", "reason")
    try:
        if verb == Verb.COMMENT and len(sheet["note"]) < 2:
            raise BadInput("note", _("还没有写要说的话。"))
        actions.move(
            matter_id=matter["id"], verb=verb, by=_me(request), at=timezone.now(),
            key=sheet["key"][:64] or None, note=sheet["note"], reason=sheet["reason"],
        )  # fmt: skip
    except Refused as refusal:
        sheet.wrong(refusal)
        return page(request, number, sheet)
    messages.success(request, _(DONE_WORDS[Verb(verb)]))
    return _back(number)


@require_POST
@login_required
def join(request: Asked, number: str) -> HttpResponse:
    """邻居也报过: follow it instead of reporting it again."""
    now = timezone.now()
    matter = queries.get(request.viewer, number, now)
    if actions.join(matter_id=matter["id"], by=_me(request), at=now):
        messages.success(request, _("已一起跟进。有进展会出现在“我的事”里。"))
    return _back(number)


def _me(request: Asked) -> int:
    person_id = request.viewer.person_id
    assert person_id is not None  # login_required
    return person_id


def _back(number: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("matter", kwargs={"number": number}))
