"""Monthly report, trial balance and accounts of a community; a resident's own statement."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from gongzhi.core.errors import NotAllowed
from gongzhi.core.tables import Cell
from gongzhi.ledger import queries, reports
from gongzhi.ledger.points.models import Subject
from gongzhi.web.asked import Asked
from gongzhi.web.ledger import files
from gongzhi.web.points.explained import explained
from gongzhi.web.staff import frame


@frame.staff_only
def books(request: HttpRequest) -> HttpResponse:
    """The communities whose books he may read; the only one at once."""
    found = reports.places(frame.viewer(request))
    if not found:
        raise NotAllowed("账目由两委成员、书记、监督委员和镇（街道）干部来看。")
    if len(found) == 1:
        return redirect("ledger_book", place_id=found[0]["id"])
    return render(request, "ledger/books.html", {"title": _("积分账"), "places": found})


@frame.staff_only
def book(request: HttpRequest, place_id: int) -> HttpResponse:
    """One community: the month, the trial balance, its accounts."""
    viewer, at = frame.viewer(request), frame.now()
    where = reports.place(viewer, place_id)
    year, number = reports.month_of(request.GET.get("month", ""), at)
    context = {
        "title": _("%s的积分账") % where["name"], "place": where,
        "month": f"{year}-{number:02d}", "rows": reports.month(viewer, place_id, year, number),
        "trial": reports.trial_balance(viewer, place_id),
        "accounts": reports.accounts(viewer, place_id),
    }  # fmt: skip
    return render(request, "ledger/book.html", context)


@frame.staff_only
def month_file(request: HttpRequest, place_id: int) -> HttpResponse:
    """The monthly report to take away."""
    viewer, at = frame.viewer(request), frame.now()
    where = reports.place(viewer, place_id)
    year, number = reports.month_of(request.GET.get("month", ""), at)
    rows = reports.month(viewer, place_id, year, number)
    return files.answer(
        request, f"{where['name']}积分月报{year}-{number:02d}",
        ("类别", "笔数", "积分", "冲正笔数", "冲正积分", "净额"),
        [(r["words"], r["number"], r["amount"], r["reversed_number"], r["reversed"],
          r["amount"] - r["reversed"]) for r in rows],
        who=viewer.name, at=at,
    )  # fmt: skip


@frame.staff_only
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """The statement of an account that belongs to no resident."""
    row = reports.account(frame.viewer(request), account_id)
    context = {
        "title": row["name"] or _(row["words"]), "shown": row,
        "total": queries.balance(account_id),
        **reports.lines(account_id, frame.number(request, "before", 0)),
    }  # fmt: skip
    return render(request, "ledger/account.html", context)


@frame.staff_only
def account_file(request: HttpRequest, account_id: int) -> HttpResponse:
    """The same to take away, from the newest entry back."""
    viewer = frame.viewer(request)
    row = reports.account(viewer, account_id)
    name = f"{row['place']}{row['name'] or row['words']}对账单"
    return files.answer(request, name, HEAD, _cells(account_id), who=viewer.name, at=frame.now())


HEAD = ("日期", "编号", "类别", "积分", "余额", "对方", "凭据", "依据", "到期日")


def _cells(account_id: int) -> Iterator[list[Cell]]:
    found = reports.lines(account_id, most=reports.MOST_LINES)
    for r in found["rows"]:
        yield [r["on"], r["id"], r["words"], r["amount"], r["balance"], r["with"], r["evidence"],
               r["rule"], r["until"]]  # fmt: skip


@never_cache
@login_required
def own(request: Asked, holder_id: int) -> HttpResponse:
    """Every entry of one's own account, newest first, each with the balance after it."""
    row = reports.own(request.viewer, holder_id)
    typed = request.GET.get("before", "")
    before = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 16 else 0
    context: dict[str, Any] = {
        "holder": row, "who": row["name"] or Subject(row["subject"]).label,
        **reports.lines(row["account"], before),
    }  # fmt: skip
    explained(context["rows"])
    return render(request, "ledger/own.html", context)


@never_cache
@login_required
def own_file(request: Asked, holder_id: int) -> HttpResponse:
    """The same to take away."""
    row = reports.own(request.viewer, holder_id)
    return files.answer(
        request, "我的积分对账单", HEAD, _cells(row["account"]), who=request.viewer.name,
        at=timezone.now(),
    )  # fmt: skip
