"""What neighbours read: sums, ideas, the result as a picture, accounts with their receipts."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core import text
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.budgets import queries
from gongzhi.deliberation.budgets.models import Budget
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.budgets import picture
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff.frame import attachment

WEEK = 60 * 60 * 24 * 7
WAY = tuple(Budget.Stage.choices)


def way(stage: str) -> list[dict[str, Any]]:
    """The steps of a budget with their state, for the row of dots."""
    at = [code for code, _ in WAY].index(stage)
    states = ("done", "now", "")
    return [
        {"name": name, "state": states[0] if n < at else states[1] if n == at else states[2]}
        for n, (_, name) in enumerate(WAY)
    ]


@require_GET
@login_required
def listed(request: Asked) -> HttpResponse:
    """The sums of his community, those that run first."""
    found = queries.budgets(request.viewer, page=paging.number(request))
    for row in found["rows"]:
        row["stage_word"] = Budget.Stage(row["stage"]).label
    pager = paging.pager(request, found["page"], has_more=found["more"])
    return render(request, "budgets/list.html", {"rows": found["rows"], "pager": pager})


@never_cache
@require_GET
@login_required
def page(request: Asked, budget_id: int) -> HttpResponse:
    """One sum: where it stands, what he can do now, the ideas."""
    row = queries.budget(request.viewer, budget_id, timezone.now())
    words = text.clean(request.GET.get("q", "")[:60], 60, one_line=True)
    sort = request.GET.get("sort", "new")
    found = queries.ideas(budget_id, words=words, sort=sort, page=paging.number(request))
    context = {
        "budget": row, "way": way(row["stage"]), "rows": found["rows"], "q": words, "sort": sort,
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
        "per": Budget.Per(row["per"]).label, "rule": Budget.Rule(row["rule"]).label,
        "completion": Budget.Completion(row["completion"]).label,
    }  # fmt: skip
    return render(request, "budgets/page.html", context)


@require_GET
@login_required
def result(request: Asked, budget_id: int) -> HttpResponse:
    """Who won, who supported it, who paid what; each as a bar and in words."""
    row = queries.budget(request.viewer, budget_id, timezone.now())
    if row["result"] is None:
        raise NotFound("还没有结果。", todo="投票结束以后才算，谁都不能提前看。")
    context = {
        "budget": row, "bars": picture.bars(row["result"]),
        "unit": "household" if row["per"] == "household" else "person",
        "rule": Budget.Rule(row["rule"]).label,
        "completion": Budget.Completion(row["completion"]).label,
    }  # fmt: skip
    return render(request, "budgets/result.html", context)


@require_GET
@login_required
def exported(request: Asked, budget_id: int) -> HttpResponse:
    """The .pb file, with the ballots once the vote is closed."""
    answer = HttpResponse(
        queries.exported(request.viewer, budget_id, timezone.now()),
        content_type="text/plain; charset=utf-8",
    )
    answer["Content-Disposition"] = attachment(f"budget-{budget_id}.pb")
    return answer


@never_cache
@require_GET
@login_required
def idea(request: Asked, idea_id: int) -> HttpResponse:
    """One idea or project, and its account once it is funded."""
    return idea_page(request, idea_id, Sheet())


def idea_page(request: Asked, idea_id: int, sheet: Sheet) -> HttpResponse:
    """The page of an idea, also after a refused confirmation."""
    row = queries.idea(request.viewer, idea_id, timezone.now())
    kept = queries.account(idea_id, request.viewer) if row["funded"] else None
    context = {"idea": row, "account_of": kept, "sheet": sheet}
    return render(request, "budgets/idea.html", context, status=sheet.status)


@require_GET
@login_required
def receipt(request: Asked, sha256: str) -> HttpResponse:
    """The picture of a receipt; small with `?small=1`."""
    small = request.GET.get("small") == "1"
    content = queries.receipt(request.viewer, sha256[:64], thumb=small)
    answer = HttpResponse(content, content_type="image/jpeg")
    answer["Cache-Control"] = f"private, max-age={WEEK}, immutable"
    return answer
