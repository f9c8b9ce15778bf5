"""The ballot: tick what is worth the money; it may be changed until the end."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from gongzhi.core.errors import Refused
from gongzhi.deliberation.budgets import actions, queries
from gongzhi.web.asked import Asked
from gongzhi.web.budgets.writing import me
from gongzhi.web.sheet import Sheet


@never_cache
@login_required
def vote(request: Asked, budget_id: int) -> HttpResponse:
    """The projects with their costs, his own ticks, and how the sum grows."""
    now = timezone.now()
    row = queries.budget(request.viewer, budget_id, now)
    ticked, sheet = set(row["own"] or ()), Sheet()
    if request.method == "POST":
        posted = request.POST.getlist("projects")[:600]
        ticked = {int(one) for one in posted if one.isascii() and one.isdigit() and len(one) < 16}
        try:
            actions.vote(budget_id=budget_id, projects=ticked, by=me(request), at=now)
        except Refused as refusal:
            sheet.wrong(refusal)
        else:
            messages.success(request, _("已投票。结束以前都可以改，最后一次算数。"))
            return HttpResponseRedirect(reverse("budget", kwargs={"budget_id": budget_id}))
    context = {
        "budget": row, "sheet": sheet, "ticked": ticked,
        "projects": queries.projects(budget_id, order=row["elector"] or 0),
    }  # fmt: skip
    return render(request, "budgets/vote.html", context, status=sheet.status)
