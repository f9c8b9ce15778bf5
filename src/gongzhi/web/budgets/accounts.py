"""The desk of a funded project: lines with their receipts, supervisors, the end of the account."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import NotAllowed, Refused
from gongzhi.deliberation.budgets import actions, queries, rules
from gongzhi.deliberation.budgets.actions.accounts import ENTERED
from gongzhi.deliberation.budgets.models import Entry
from gongzhi.people import queries as people
from gongzhi.web.staff import frame


class EntryForm(frame.Form):
    """One line; its receipt is stored at once, so that a form with a mistake loses nothing."""

    kind = forms.ChoiceField(
        label=gettext_lazy("哪一种"), widget=forms.RadioSelect, initial=Entry.Kind.PAY,
        choices=[(kind, name) for kind, name in Entry.Kind.choices if kind in ENTERED],
    )  # fmt: skip
    amount = forms.CharField(label=gettext_lazy("金额（元）"), max_length=30)
    to = forms.CharField(label=gettext_lazy("付给谁"), required=False, max_length=80)
    words = forms.CharField(label=gettext_lazy("做什么用"), required=False, max_length=200)
    decision = forms.CharField(
        label=gettext_lazy("依据"), required=False, max_length=200,
        help_text=gettext_lazy("追加时要写：哪次会议、哪一天决定的。"),
    )  # fmt: skip
    receipt = forms.FileField(
        label=gettext_lazy("单据照片"), required=False,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        help_text=gettext_lazy("支出必须有。居民都看得到，请先遮住无关的个人信息。"),
    )  # fmt: skip
    kept = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)


def _me(request: HttpRequest) -> int:
    found = frame.viewer(request).person_id
    assert found is not None  # staff_only
    return found


def _seen(request: HttpRequest, idea_id: int) -> dict[str, Any]:
    row = queries.idea(frame.viewer(request), idea_id, frame.now())
    if not row["may_run"]:
        raise NotAllowed("社区资金由这里的两委成员、书记或镇（街道）干部来管理。")
    return row


@frame.staff_only
def page(request: HttpRequest, idea_id: int) -> HttpResponse:
    """The account; on POST one more line."""
    row = _seen(request, idea_id)
    if request.method != "POST":
        return _page(request, row, EntryForm())
    data, refusal = _kept(request)
    form = EntryForm(data)
    if refusal is not None:
        form.is_valid()
        form.refuse(refusal)
    elif form.attempt(lambda typed: _entered(request, idea_id, typed)):
        messages.success(request, _("已记账，公开栏上也换成了新的。"))
        return redirect("budget_account", idea_id=idea_id)
    return _page(request, row, form)


def _kept(request: HttpRequest) -> tuple[Any, Refused | None]:
    """What was posted, with the id of a receipt stored now or in an earlier try."""
    data = request.POST.copy()
    file = request.FILES.get("receipt")
    if file is None:
        return data, None
    try:
        stored = actions.keep_receipt(
            by=_me(request), at=frame.now(), key=f"slip-{data.get('key', '')[:60]}-{file.size}",
            data=file.read(), name=file.name or "",
        )  # fmt: skip
    except Refused as refusal:
        return data, refusal
    data["kept"] = str(stored)
    return data, None


def _entered(request: HttpRequest, idea_id: int, typed: dict[str, Any]) -> int:
    kept = typed["kept"]
    return actions.enter(
        project_id=idea_id, kind=typed["kind"], amount_fen=rules.fen(typed["amount"], "amount"),
        to=typed["to"], words=typed["words"], decision=typed["decision"],
        receipt_id=int(kept) if kept.isascii() and kept.isdigit() else None,
        by=_me(request), at=frame.now(), key=typed["key"] or None,
    )  # fmt: skip


def _page(request: HttpRequest, row: dict[str, Any], form: EntryForm) -> HttpResponse:
    words = request.GET.get("q", "")[:40]
    found = people.find(viewer=frame.viewer(request), query=words) if len(words) > 1 else []
    context = {
        "title": f"{row['number']}. {row['title']}", "idea": row, "form": form, "q": words,
        "kept": queries.account(row["id"], frame.viewer(request)), "found": found,
    }  # fmt: skip
    return render(request, "budgets/account_desk.html", context, status=form.status)


@frame.staff_only
@frame.post_only
def supervisor(request: HttpRequest, idea_id: int) -> HttpResponse:
    """Name a resident who looks after the project."""
    _seen(request, idea_id)
    person = request.POST.get("person", "")
    known = int(person) if person.isascii() and person.isdigit() and len(person) < 16 else 0

    def act() -> None:
        actions.appoint_supervisor(
            project_id=idea_id, person_id=known, by=_me(request), at=frame.now()
        )

    return _told(request, idea_id, act, _("已请他监督这个项目。"))


@frame.staff_only
@frame.post_only
def finish(request: HttpRequest, idea_id: int) -> HttpResponse:
    """Close the account."""
    _seen(request, idea_id)

    def act() -> None:
        actions.finish(project_id=idea_id, by=_me(request), at=frame.now())

    return _told(request, idea_id, act, _("账已结清。"))


def _told(request: HttpRequest, idea_id: int, act: Any, words: str) -> HttpResponse:
    """Do it, and say what came of it on the page of the account."""
    try:
        act()
    except Refused as refusal:
        messages.warning(request, f"{_(refusal.words)}{_(refusal.todo) if refusal.todo else ''}")
    else:
        messages.success(request, words)
    return redirect("budget_account", idea_id=idea_id)
