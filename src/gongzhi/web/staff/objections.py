"""Objections to what was published: each is answered in writing, on the same page, once."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import NotFound
from gongzhi.publications import actions
from gongzhi.web.staff import frame, reads


class AnswerForm(frame.Form):
    """Whether the objection stands, and why."""

    upheld = forms.ChoiceField(
        label=gettext_lazy("异议成立吗"),
        choices=[("yes", gettext_lazy("成立，要改正")), ("no", gettext_lazy("不成立"))],
        widget=forms.RadioSelect,
    )
    answer = frame.reason(gettext_lazy("答复和理由"), most=1000)


@frame.staff_only
def objections(request: HttpRequest) -> HttpResponse:
    """Those that wait, oldest first."""
    page = {"title": _("待答复的异议"), "rows": reads.objections(frame.viewer(request))}
    return frame.page(request, "objections.html", page)


@frame.staff_only
def answer(request: HttpRequest, objection_id: int) -> HttpResponse:
    """Read one and answer it."""
    viewer = frame.viewer(request)
    found = next((row for row in reads.objections(viewer) if row["id"] == objection_id), None)
    if found is None:
        raise NotFound("没有这条异议，或者已经答复过。", todo="请从待答复的清单里选。")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and _answered(form, request, objection_id):
        return frame.done(request, _("已经答复，会和异议一起公开。"), "objections")
    page = {"title": _("答复异议"), "row": found, "form": form}
    return frame.page(request, "objection.html", page, form.status)


def _answered(form: AnswerForm, request: HttpRequest, objection_id: int) -> bool:
    def call(typed: dict[str, Any]) -> bool:
        actions.answer_objection(
            objection_id=objection_id, viewer=frame.viewer(request), at=frame.now(),
            answer=typed["answer"], upheld=typed["upheld"] == "yes",
        )  # fmt: skip
        return True

    return bool(form.attempt(call))
