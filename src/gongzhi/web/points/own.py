"""A resident's own points: balance, last entries with why, how to earn, what expires, the code."""

from datetime import date
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
from django.views.decorators.http import require_POST

from gongzhi.core.errors import BadInput, Refused
from gongzhi.core.spoken import spoken
from gongzhi.ledger.points import accounts, actions, queries
from gongzhi.ledger.points.models import Area, Claim, Evidence, RuleItem, Subject
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.public import qr
from gongzhi.web.sheet import Sheet


def me(request: Asked) -> int:
    """Who is signed in."""
    assert request.viewer.person_id is not None  # login_required
    return request.viewer.person_id


def home() -> HttpResponse:
    """Back to one's points."""
    return HttpResponseRedirect(reverse("points"))


@never_cache
@login_required
def page(request: Asked) -> HttpResponse:
    """Everything of one's own on one page."""
    now = timezone.now()
    holders = queries.own(request.viewer)
    found = queries.claims_of([h["id"] for h in holders], page=paging.number(request))
    for row in found["rows"]:
        row["state_word"] = Claim.State(row["state"]).label
        row["mine"] = me(request) in (row["by_id"], row["doer_id"])
    place = holders[0]["place_id"] if holders else request.here.id if request.here else None
    context = {
        "holders": holders, "rows": found["rows"], "hours": queries.service_minutes(request.viewer),
        "expiring": accounts.expiring([h["account"] for h in holders], now),
        "subjects": dict(Subject.choices),
        "book": _worded(queries.book_in_force(place, queries.today(now))) if place else None,
        "takes_part": any(h["left_at"] is None for h in holders),
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
    }  # fmt: skip
    return render(request, "points/own.html", context)


def _worded(book: dict[str, Any] | None) -> dict[str, Any] | None:
    if book is None:
        return None
    areas: dict[str, list[dict[str, Any]]] = {}
    for item in book["items"]:
        item["subject_word"] = Subject(item["subject"]).label
        item["kind_word"] = RuleItem.Kind(item["kind"]).label
        item["proof"] = [Evidence(e).label for e in item["evidence"]]
        areas.setdefault(Area(item["area"]).label, []).append(item)
    return book | {"areas": areas}


@login_required
def book(request: Asked, book_id: int) -> HttpResponse:
    """The rules as published, also of an older version."""
    row = _worded(queries.book(request.viewer, book_id))
    return render(request, "points/book.html", {"book": row})


@require_POST
@login_required
def join(request: Asked) -> HttpResponse:
    """Take part, of one's own will."""
    _told(request, lambda: actions.join(person_id=me(request), by=me(request), at=timezone.now()),
          _("已参加。随时可以退出，不影响您办任何事。"))  # fmt: skip
    return home()


@require_POST
@login_required
def leave(request: Asked, holder_id: int) -> HttpResponse:
    """Leave; points stay or are wiped."""
    queries.holder(request.viewer, holder_id)
    wish = str(request.POST.get("wish", ""))
    _told(request, lambda: actions.leave(
        holder_id=holder_id, wish=wish, by=me(request), at=timezone.now()
    ), _("已退出。"))  # fmt: skip
    return home()


@require_POST
@login_required
def withdraw(request: Asked, claim_id: int) -> HttpResponse:
    """Take a claim back."""
    queries.claim(request.viewer, claim_id)
    _told(request, lambda: actions.withdraw(
        claim_id=claim_id, by=me(request), at=timezone.now()
    ), _("已撤回。"))  # fmt: skip
    return home()


def _told(request: Asked, act: Any, words: str) -> None:
    try:
        act()
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        messages.warning(request, spoken(refusal.words) + spoken(refusal.todo))
    else:
        messages.success(request, words)


@never_cache
@login_required
def claim(request: Asked) -> HttpResponse:
    """Claim points for a deed: which, when, one sentence, the evidence one chooses."""
    now = timezone.now()
    here = request.here
    rules = queries.book_in_force(here.id, queries.today(now)) if here else None
    items = [i for i in (rules or {"items": []})["items"]
             if not i["trigger"] and i["subject"] in ("person", "household")]  # fmt: skip
    sheet = Sheet({"key": uuid4().hex, "on": str(queries.today(now)), "times": "1",
                   "item": str(request.GET.get("item", ""))})  # fmt: skip
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "item", "on", "words", "evidence", "times")
        try:
            _claimed(request, sheet)
        except Refused as refusal:
            if refusal.status in (403, 404) and not isinstance(refusal, BadInput):
                raise
            sheet.wrong(refusal)
        else:
            messages.success(
                request, _("收到了。两位工作人员分别看过以后公示总数，再记入您的积分。")
            )
            return home()
    context = {"sheet": sheet, "items": items, "proofs": Evidence.choices}
    return render(request, "points/claim.html", context, status=sheet.status)


def _claimed(request: Asked, sheet: Sheet) -> int:
    file, photo = request.FILES.get("photo"), ""
    if file is not None:
        photo = actions.keep_photo(
            data=file.read(), name=file.name or "", by=me(request), at=timezone.now(),
            key=f"points-{sheet['key'][:60]}-{file.size}",
        )  # fmt: skip
    if sheet.whole("item") is None:
        raise BadInput("item", "请选做了哪件事。")
    try:
        on = date.fromisoformat(sheet["on"])
    except ValueError:
        raise BadInput("on", "请写哪一天做的。") from None
    deed = actions.Deed(
        item_id=sheet.whole("item") or 0, on=on, words=sheet["words"], photo=photo,
        evidence=sheet["evidence"], times=sheet.whole("times") or 0,
    )  # fmt: skip
    return actions.claim(deed=deed, by=me(request), at=timezone.now(), key=sheet["key"][:64])


@never_cache
@login_required
def code(request: Asked) -> HttpResponse:
    """The code to show at a shop or the exchange desk; made when asked for, good for 5 minutes."""
    holders = [h for h in queries.own(request.viewer) if h["left_at"] is None]
    shown = picture = None
    if request.method == "POST" and holders:
        holder = queries.holder(request.viewer, Sheet.of(request.POST, "holder").whole("holder")
                                or holders[0]["id"])  # fmt: skip
        shown = actions.issue(holder_id=holder["id"], at=timezone.now())
        picture = qr.picture(shown)
    context = {"holders": holders, "code": shown, "picture": picture,
               "subjects": dict(Subject.choices)}  # fmt: skip
    return render(request, "points/code.html", context)
