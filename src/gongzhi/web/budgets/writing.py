"""What residents write: an idea in a minute, a word about a receipt."""

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

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.deliberation.budgets import actions, queries
from gongzhi.web.asked import Asked
from gongzhi.web.budgets import reading
from gongzhi.web.sheet import Sheet


def me(request: Asked) -> int:
    """Who is signed in."""
    assert request.viewer.person_id is not None  # login_required
    return request.viewer.person_id


@never_cache
@login_required
def submit(request: Asked, budget_id: int) -> HttpResponse:
    """One sentence is an idea; where and more if he likes."""
    row = queries.budget(request.viewer, budget_id, timezone.now())
    sheet = Sheet({"key": uuid4().hex})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "title", "body", "where")
        try:
            made = actions.submit(
                budget_id=budget_id, title=sheet["title"], body=sheet["body"],
                where=sheet["where"], by=me(request), at=timezone.now(),
                key=sheet["key"][:64] or None,
            )  # fmt: skip
        except Refused as refusal:
            if refusal.status == 404:
                raise
            sheet.wrong(refusal)
            if refusal.code == "key_reused":
                sheet.values["key"] = uuid4().hex
        else:
            messages.success(request, _("收到了。核算好费用，就会写在这一页上。"))
            return HttpResponseRedirect(reverse("budget_idea", kwargs={"idea_id": made}))
    context = {"budget": row, "sheet": sheet}
    return render(request, "budgets/submit.html", context, status=sheet.status)


@require_POST
@login_required
def withdraw(request: Asked, idea_id: int) -> HttpResponse:
    """Take one's own idea back."""
    row = queries.idea(request.viewer, idea_id, timezone.now())
    actions.withdraw(idea_id=idea_id, by=me(request), at=timezone.now())
    messages.success(request, _("已撤回。"))
    return HttpResponseRedirect(reverse("budget", kwargs={"budget_id": row["budget_id"]}))


@require_POST
@login_required
def confirm(request: Asked, entry_id: int) -> HttpResponse:
    """A supervisor has looked at a receipt."""
    sheet = Sheet.of(request.POST, "idea", "right", "words")
    idea = sheet.whole("idea")
    if idea is None:
        raise NotFound("没有这一笔账。")
    try:
        if sheet["right"] not in {"1", "0"}:
            raise BadInput("right", "请选一个：对，还是有疑问。")
        actions.confirm(
            entry_id=entry_id, right=sheet["right"] == "1", words=sheet["words"],
            by=me(request), at=timezone.now(),
        )  # fmt: skip
    except BadInput as refusal:
        sheet.wrong(refusal)
        return reading.idea_page(request, idea, sheet)
    messages.success(request, _("已记下，也会写在公开栏的账上。"))
    return HttpResponseRedirect(reverse("budget_idea", kwargs={"idea_id": idea}) + "#account")
