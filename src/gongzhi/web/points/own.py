"""A resident's own points: balance, last entries with why, how to earn, what expires, leaving."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.core.errors import BadInput
from gongzhi.core.spoken import spoken
from gongzhi.ledger.points import accounts, actions, queries, rules, served, takers
from gongzhi.ledger.points.models import Area, Claim, Evidence, RuleItem, Subject
from gongzhi.mall import queries as mall
from gongzhi.web import paging
from gongzhi.web.asked import Asked, me
from gongzhi.web.points import explained
from gongzhi.web.points.shared import attempt, back, day, told
from gongzhi.web.sheet import Sheet

LATELY = 8  # entries on the first page; all of them are one tap further


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
    lots = accounts.ending([h["account"] for h in holders])
    place = holders[0]["place_id"] if holders else request.here.id if request.here else None
    orders = mall.my_orders(me(request))["rows"]
    context = {
        "holders": holders, "rows": found["rows"], "hours": served.mine(request.viewer),
        "asked": len(served.to_witness(request.viewer)),
        "orders": [o for o in orders if o["state"] == "held"],
        "children": takers.children(request.viewer, queries.today(now)),
        "lines": explained.lately(holders, LATELY), "expiring": accounts.expiring(lots, now),
        "ending": lots[0] if lots else None,
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
    context = {"book": row, "term": spoken(rules.term(row["lasts"], row["months"])) if row else ""}
    return render(request, "points/book.html", context)


@require_POST
@login_required
def join(request: Asked) -> HttpResponse:
    """Take part, of one's own will."""
    told(request, lambda: actions.join(person_id=me(request), by=me(request), at=timezone.now()),
          _("已参加。随时可以退出，不影响您办任何事。"))  # fmt: skip
    return back()


@never_cache
@login_required
def leave(request: Asked, holder_id: int) -> HttpResponse:
    """What leaving means, and leaving: points stay or are wiped."""
    holder = queries.holder(request.viewer, holder_id)
    sheet = Sheet({"wish": "keep"})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "wish")

        def left() -> bool:
            actions.leave(
                holder_id=holder_id, wish=sheet["wish"], by=me(request), at=timezone.now()
            )
            return True

        if attempt(sheet, left):
            messages.success(request, _("已退出。想回来，随时可以再参加。"))
            return back()
    context = {"holder": holder, "sheet": sheet, "subjects": dict(Subject.choices),
               "waiting": queries.waiting(holder_id)}  # fmt: skip
    return render(request, "points/leave.html", context, status=sheet.status)


@require_POST
@login_required
def withdraw(request: Asked, claim_id: int) -> HttpResponse:
    """Take a claim back."""
    queries.claim(request.viewer, claim_id)
    told(request, lambda: actions.withdraw(
        claim_id=claim_id, by=me(request), at=timezone.now()
    ), _("已撤回。"))  # fmt: skip
    return back()


@never_cache
@login_required
def claim(request: Asked) -> HttpResponse:
    """Claim points for a deed: which, by whom, when, one sentence, the evidence one chooses."""
    now = timezone.now()
    here = request.here
    known = queries.book_in_force(here.id, queries.today(now)) if here else None
    doers = _doers(request, queries.today(now))
    may = {"person", "household"} | {d["subject"] for d in doers}
    items = [i for i in (known or {"items": []})["items"]
             if not i["trigger"] and i["subject"] in may]  # fmt: skip
    sheet = Sheet({"key": uuid4().hex, "on": str(queries.today(now)), "times": "1", "who": "",
                   "item": str(request.GET.get("item", ""))})  # fmt: skip
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "item", "on", "words", "evidence", "times", "who")
        if attempt(sheet, lambda: _claimed(request, sheet)):
            messages.success(request, _("收到了。两位工作人员分别看过以后公示总数，再记入积分。"))
            return back()
    context = {"sheet": sheet, "items": items, "proofs": Evidence.choices, "doers": doers,
               "subjects": dict(Subject.choices)}  # fmt: skip
    return render(request, "points/claim.html", context, status=sheet.status)


def _doers(request: Asked, on: date) -> list[dict[str, Any]]:
    """For whom he may claim beside himself: his children, teams he leads, his firm."""
    minors = [
        {"value": f"p{c['id']}", "name": c["name"], "subject": "person"}
        for c in takers.children(request.viewer, on) if c["agreed_at"]
    ]  # fmt: skip
    groups = [
        {"value": f"h{h['id']}", "name": h["name"], "subject": h["subject"]}
        for h in queries.own(request.viewer)
        if h["left_at"] is None and h["subject"] in ("team", "organisation")
    ]
    return minors + groups


def _claimed(request: Asked, sheet: Sheet) -> int:
    file, photo = request.FILES.get("photo"), ""
    if file is not None:
        photo = actions.keep_photo(
            data=file.read(), name=file.name or "", by=me(request), at=timezone.now(),
            key=f"points-{sheet['key'][:60]}-{file.size}",
        )  # fmt: skip
    if sheet.whole("item") is None:
        raise BadInput("item", "请选做了哪件事。")
    deed = actions.Deed(
        item_id=sheet.whole("item") or 0, on=day(sheet["on"]), words=sheet["words"], photo=photo,
        evidence=sheet["evidence"], times=sheet.whole("times") or 0,
    )  # fmt: skip
    kind, number = sheet["who"][:1], Sheet({"n": sheet["who"][1:]}).whole("n")
    return actions.claim(
        deed=deed, by=me(request), at=timezone.now(), key=sheet["key"][:64],
        doer_id=number if kind == "p" else None, holder_id=number if kind == "h" else None,
    )  # fmt: skip
