"""Paper books brought in: a template, a dry run, the own file back, entered by another, undone."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import Refused
from gongzhi.core.spoken import spoken
from gongzhi.ledger import opening, reports
from gongzhi.web.ledger import files
from gongzhi.web.staff import frame


class UploadForm(frame.Form):
    """A paper book as a file."""

    file = forms.FileField(
        label=gettext_lazy("抄好的账本"),
        help_text=gettext_lazy("Excel（.xlsx、.xls）或 CSV。先检查，不会马上入账。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )


class UndoForm(frame.Form):
    """Why all of it is taken back."""

    why = frame.reason(gettext_lazy("为什么撤销"))


def _me(request: HttpRequest) -> int:
    found = frame.viewer(request).person_id
    assert found is not None  # staff_only
    return found


@frame.staff_only
def listed(request: HttpRequest, place_id: int) -> HttpResponse:
    """The books brought in so far, and one more."""
    viewer = frame.viewer(request)
    where = reports.place(viewer, place_id)
    sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if sent else UploadForm()
    if sent:
        made = form.attempt(
            lambda typed: opening.upload(
                place_id=place_id, filename=typed["file"].name or "", data=typed["file"].read(),
                by=_me(request), at=frame.now(),
            )
        )  # fmt: skip
        if made is not None:
            return redirect("ledger_opening", opening_id=made)
    context = {
        "title": _("导入纸质账本"), "place": where, "form": form,
        "rows": opening.listed(place_id), "may": opening.may_put_in(viewer, where["path"]),
    }  # fmt: skip
    return render(request, "ledger/openings.html", context, status=form.status)


def _seen(request: HttpRequest, opening_id: int) -> dict[str, Any]:
    found = opening.status(opening_id)
    reports.place(frame.viewer(request), found["place_id"])
    return found


@frame.staff_only
def page(request: HttpRequest, opening_id: int) -> HttpResponse:
    """One file: counts, the first errors, what can be done and by whom."""
    return _show(request, _seen(request, opening_id), UndoForm())


def _show(request: HttpRequest, found: dict[str, Any], form: UndoForm) -> HttpResponse:
    viewer = frame.viewer(request)
    may = opening.may_let_in(viewer, found["path"])
    context = {
        "title": _("纸质账本：%s") % found["filename"], "o": found, "form": form,
        "mine": viewer.person_id == found["by_id"], "may_let_in": may,
    }  # fmt: skip
    return render(request, "ledger/opening.html", context, status=form.status)


@frame.staff_only
@frame.post_only
def enter(request: HttpRequest, opening_id: int) -> HttpResponse:
    """Let it in."""
    _seen(request, opening_id)
    try:
        done = opening.apply(opening_id=opening_id, by=_me(request), at=frame.now())
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        opening.check(opening_id=opening_id, at=frame.now())
        messages.warning(request, spoken(refusal.words) + spoken(refusal.todo))
    else:
        messages.success(request, _("已入账%(n)d笔。") % {"n": done})
    return redirect("ledger_opening", opening_id=opening_id)


@frame.staff_only
@frame.post_only
def undo(request: HttpRequest, opening_id: int) -> HttpResponse:
    """Take it back."""
    found = _seen(request, opening_id)
    form = UndoForm(request.POST)
    done = form.attempt(
        lambda typed: opening.undo(
            opening_id=opening_id, why=typed["why"], by=_me(request), at=frame.now()
        )
    )
    if done is None:
        return _show(request, found, form)
    messages.success(request, _("已冲正%(n)d笔，这本账撤销了。") % {"n": done})
    return redirect("ledger_opening", opening_id=opening_id)


@frame.staff_only
def annotated(request: HttpRequest, opening_id: int) -> HttpResponse:
    """The clerk's own file with a column that says what is wrong."""
    found = _seen(request, opening_id)
    stem = found["filename"].rpartition(".")[0] or found["filename"]
    return files.excel(opening.annotated(opening_id, frame.now()), f"{stem}-标好问题.xlsx")


@frame.staff_only
def template(request: HttpRequest) -> HttpResponse:
    """An empty paper book to fill in."""
    return files.excel(opening.template(), "纸质账本模板.xlsx")
