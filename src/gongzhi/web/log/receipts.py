"""Receipts of what somebody looks at: of everybody's affairs, of a matter, of one's own points.

What is still on its way has no receipt yet; its signed promise is given at once instead.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core.errors import NotFound, Refused
from gongzhi.ledger import queries as ledger
from gongzhi.ledger.points import queries as points
from gongzhi.log import leaves, queries
from gongzhi.matters import queries as matters
from gongzhi.web.asked import Asked
from gongzhi.web.log import words
from gongzhi.web.log.files import OPEN_KINDS, TEXT

MOST = 30  # lines of one account on a page


def given(kind: str, subject: str, opened: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """The receipt, or the promise while the entry waits. NotFound if it never came."""
    try:
        said, name = queries.receipt(kind, subject, opened=opened), "receipt.tlog-proof"
    except NotFound:
        raise
    except Refused:
        said, name = queries.promise(kind, subject, timezone.now()), "promise.txt"
    answer = HttpResponse(said, content_type=TEXT)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_GET
@never_cache
def of_everybody(request: Asked, kind: str, subject: str) -> HttpResponse:
    """Of a vote, a publication, a rule: everybody's affair."""
    if kind not in OPEN_KINDS:
        raise NotFound()
    return given(kind, subject)


@require_GET
@never_cache
@login_required
def of_matter(request: Asked, number: str) -> HttpResponse:
    """Of a matter he sees and that has ended; it opens which matter the entry is about."""
    row = matters.get(request.viewer, number, timezone.now())
    if row["closed_at"] is None:
        raise NotFound("这件事还没有办结。")
    owner = f"matter:{row['id']}"
    subject = f"{owner}:{leaves.micros(row['closed_at'])}"
    return given("matter.closed", subject, [("matter", owner)])


@require_GET
@never_cache
@login_required
def of_transfer(request: Asked, transfer_id: int) -> HttpResponse:
    """Of an entry of one's own account; it opens that the account is his."""
    mine = {row["account"] for row in points.own(request.viewer)}
    opened = [
        (side, f"account:{account}") for side, account in _sides(transfer_id) if account in mine
    ]
    if not opened:
        raise NotFound("您的账户里没有这一笔。")
    return given("ledger.transfer", f"transfer:{transfer_id}", opened)


def _sides(transfer_id: int) -> list[tuple[str, int]]:
    found = ledger.sides(transfer_id)
    return [] if found is None else [("debit", found[0]), ("credit", found[1])]


@require_GET
@never_cache
@login_required
def own(request: Asked) -> HttpResponse:
    """One's own entries, each to be checked; the newest of every account."""
    holders: list[dict[str, Any]] = points.own(request.viewer)
    for row in holders:
        before = request.GET.get(f"before{row['account']}", "")
        page = int(before) if before.isdecimal() and len(before) < 16 else 0
        row["statement"] = ledger.statement(row["account"], page, most=MOST)
    return render(request, "log/own.html", {"holders": holders, "codes": words.codes()})
