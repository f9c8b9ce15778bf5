"""What neighbours reported and what authors object to: looked at and decided, with words."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.channels import actions, care
from gongzhi.core.errors import NotAllowed
from gongzhi.web import paging
from gongzhi.web.asked import me
from gongzhi.web.staff import frame


class SettleForm(frame.Form):
    """Hide it or leave it, and why."""

    what = forms.ChoiceField(
        label=gettext_lazy("怎么处理"), widget=forms.RadioSelect,
        choices=[("kept", gettext_lazy("留着")), ("hidden", gettext_lazy("隐藏"))],
    )  # fmt: skip
    why = frame.reason(gettext_lazy("为什么（反映的人看得到；隐藏的，邻居也看得到）"))


class DecideForm(frame.Form):
    """Show it again or not, and why."""

    what = forms.ChoiceField(
        label=gettext_lazy("复查结果"), widget=forms.RadioSelect,
        choices=[("restored", gettext_lazy("恢复显示")), ("stays", gettext_lazy("维持隐藏"))],
    )  # fmt: skip
    why = frame.reason(gettext_lazy("为什么（发言的人看得到）"), most=300)


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """All that waits for him."""
    viewer = frame.viewer(request)
    if not care.judges(viewer):
        raise NotAllowed("由管频道的工作人员或监督委员会来处理。")
    found = care.reported(viewer, page=frame.number(request, "page", 1))
    context = {
        "title": _("邻居反映和申诉"), "rows": found["rows"], "appeals": care.appealed(viewer),
        "pager": paging.Pager(found["page"], found["more"], ""),
    }  # fmt: skip
    return render(request, "channels/care.html", context)


@frame.staff_only
def settle(request: HttpRequest, post_id: int) -> HttpResponse:
    """Decide about one post that was reported."""
    row = care.a_report(frame.viewer(request), post_id)
    form = SettleForm(request.POST or None)
    if request.method == "POST":
        done = form.attempt(
            lambda typed: actions.settle(
                post_id=post_id, hidden=typed["what"] == "hidden", answer=typed["why"],
                by=me(request), at=frame.now(),
            ) or 1
        )  # fmt: skip
        if done:
            messages.success(request, _("处理好了，反映的人会知道结果。"))
            return redirect("channel_care")
    context = {"title": _("邻居反映的一条"), "row": row, "form": form}
    return render(request, "channels/settle.html", context, status=form.status)


@frame.staff_only
def decide(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Decide about one appeal."""
    row = care.an_appeal(frame.viewer(request), appeal_id)
    form = DecideForm(request.POST or None)
    if request.method == "POST":
        done = form.did(
            lambda typed: actions.decide(
                appeal_id=appeal_id, restored=typed["what"] == "restored", answer=typed["why"],
                by=me(request), at=frame.now(),
            )
        )  # fmt: skip
        if done:
            messages.success(request, _("复查好了，发言的人会知道结果。"))
            return redirect("channel_care")
    context = {"title": _("复查一条隐藏"), "row": row, "form": form}
    return render(request, "channels/decide.html", context, status=form.status)
