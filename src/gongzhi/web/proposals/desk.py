"""The desk of proposals: what waits with its working-day clock, and one with what can be done."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.proposals import queries, words
from gongzhi.web.proposals import forms, pictures
from gongzhi.web.proposals import project_forms as project
from gongzhi.web.staff import frame

# In the order they are shown.
FORMS: dict[str, type[forms.Act]] = {
    "test": forms.TestForm,
    "appeal": forms.AppealForm,
    "hear": forms.HearForm,
    "decide": forms.DecideForm,
    "start": project.StartForm,
    "finish": project.FinishForm,
    "plan": project.PlanForm,
    "supervisor": project.SupervisorForm,
    "task": project.TaskForm,
    "task_done": project.TaskDoneForm,
    "line": project.LineForm,
    "spend": project.SpendForm,
    "up": forms.UpForm,
    "down": forms.DownForm,
    "seconder": forms.SeconderForm,
    "merge": forms.MergeForm,
    "learn": forms.LearnForm,
    "honour": forms.HonourForm,
    "hide": forms.HideForm,
}


@never_cache
@require_GET
@frame.staff_only
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, soonest first; appeals; projects at work."""
    page = {"title": _("提案"), **queries.inbox(frame.viewer(request), frame.now())}
    return render(request, "proposals/desk.html", page)


@never_cache
@require_GET
@frame.staff_only
def page(request: HttpRequest, number: str) -> HttpResponse:
    """One proposal as staff see it, with a form for each thing that can be done now."""
    return _show(request, _row(request, number))


def _row(request: HttpRequest, number: str) -> dict[str, Any]:
    at = frame.now()
    row = queries.get(frame.viewer(request), number, at)
    if not any(post.covers(row["place_path"]) for post in frame.viewer(request).posts):
        raise NotFound("没有找到这件提案，或者它不在您负责的地方。")
    row["today"] = at.astimezone(SHANGHAI).date()
    return row


def _show(
    request: HttpRequest, row: dict[str, Any], verb: str = "", form: forms.Act | None = None
) -> HttpResponse:
    offered = [
        (name, form if name == verb and form else kind(row=row))
        for name, kind in FORMS.items()
        if kind.offered(row) or name == verb
    ]
    said = queries.comments(frame.viewer(request), row["id"], size=50)
    work = row["project"]
    page = {
        "title": row["title"], "p": row, "forms": offered, "open": verb, "said": said,
        "words": words, "sources": words.SOURCES, "form": form,
        "money": pictures.money(work["lines"]) if work and work["lines"] else "",
    }  # fmt: skip
    return render(request, "proposals/case.html", page, status=form.status if form else 200)


@never_cache
@frame.post_only
@frame.staff_only
def do(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """One thing done with a proposal; a refusal comes back beside its form."""
    row = _row(request, number)
    kind = FORMS.get(verb)
    if kind is None:
        raise NotFound()
    form = kind(request.POST, row=row)
    who = {"proposal_id": row["id"], "by": frame.viewer(request).person_id, "at": frame.now()}

    def run(typed: dict[str, Any]) -> bool:
        form.run(who, typed)
        return True

    if not form.attempt(run):
        return _show(request, _row(request, number), verb, form)
    messages.success(request, str(form.done))
    return redirect(reverse("proposal_case", kwargs={"number": row["number"]}))
