"""Volunteer time: one's own records, saying that a neighbour was there, the desk that records."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed
from gongzhi.ledger.points import actions, permissions, queries, served
from gongzhi.web import paging
from gongzhi.web.asked import Asked, me
from gongzhi.web.points.shared import back, somebody, told
from gongzhi.web.staff import frame


@never_cache
@login_required
def page(request: Asked) -> HttpResponse:
    """One's own time with its sum, printable; what one is asked to say about others."""
    found = served.mine(request.viewer, page=paging.number(request))
    context = {
        "rows": found["rows"], "minutes": found["minutes"], "years": served.by_year(request.viewer),
        "asked": served.to_witness(request.viewer), "today": queries.today(timezone.now()),
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
    }  # fmt: skip
    return render(request, "points/hours.html", context)


@require_POST
@login_required
def answer(request: Asked, service_id: int) -> HttpResponse:
    """Whoever was named says: it was so, or it was not, and why."""
    served.one(request.viewer, service_id)
    common: dict[str, Any] = {"service_id": service_id, "by": me(request), "at": timezone.now()}
    if request.POST.get("verdict") == "yes":
        told(request, lambda: actions.confirm(**common), _("谢谢您的证明，已记下。"))
    else:
        reason = str(request.POST.get("reason", ""))
        told(request, lambda: actions.not_so(reason=reason, **common), _("已记下：不是这样。"))
    return back("points_hours")


class RecordForm(frame.Form):
    """Who served, how long, and who was there."""

    who = forms.CharField(
        label=gettext_lazy("谁做了志愿服务"), max_length=60,
        help_text=gettext_lazy("写姓名或手机号。"),
    )  # fmt: skip
    on = forms.DateField(label=gettext_lazy("哪一天"), widget=frame.Day())
    hours = forms.IntegerField(
        label=gettext_lazy("几小时"), min_value=0, max_value=8, initial=1,
        help_text=gettext_lazy("按实际服务时间，路上不算。"),
    )  # fmt: skip
    minutes = forms.IntegerField(
        label=gettext_lazy("又几分钟"), min_value=0, max_value=59, initial=0
    )
    what = forms.CharField(label=gettext_lazy("做了什么"), max_length=120)
    witness = forms.CharField(
        label=gettext_lazy("谁可以证明（可不填）"), max_length=60, required=False,
        help_text=gettext_lazy("在场的人或受帮助的邻居，写姓名或手机号，他会在手机上看到。"),
    )  # fmt: skip


class EndForm(frame.Form):
    """Right, or not and why."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("看过以后"), widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("属实，记入时长")), ("no", gettext_lazy("不是这样"))],
    )  # fmt: skip
    reason = frame.reason(gettext_lazy("哪里不对（本人看得到）"), required=False, most=300)


class BackForm(frame.Form):
    """Why confirmed time is taken back."""

    reason = frame.reason(gettext_lazy("哪里记错了（本人看得到）"), most=300)


@frame.staff_only
def desk(request: HttpRequest) -> HttpResponse:
    """The records, and a new one."""
    viewer = frame.viewer(request)
    if not any(p.role in permissions.ENTER | permissions.DESK for p in viewer.posts):
        raise NotAllowed("由组织活动的人或社区工作人员来登记。")
    today = frame.now().astimezone(SHANGHAI).date()
    form = RecordForm(request.POST or None, initial={"on": today})
    if request.method == "POST":
        made = form.attempt(lambda typed: _recorded(request, typed))
        if made is not None:
            messages.success(request, _("已记下，等另一个人证明以后记入。"))
            return redirect("points_service", service_id=made)
    waiting = request.GET.get("waiting") == "1"
    found = served.desk(viewer, waiting=waiting, page=frame.number(request, "page", 1))
    context = {
        "title": _("志愿服务时长"), "rows": found["rows"], "form": form, "waiting": waiting,
        "may": any(p.role in permissions.ENTER for p in viewer.posts),
        "pager": paging.Pager(found["page"], found["more"], "waiting=1&" if waiting else ""),
    }  # fmt: skip
    return render(request, "points/hours_desk.html", context, status=form.status)


def _recorded(request: HttpRequest, typed: dict[str, Any]) -> int:
    viewer = frame.viewer(request)
    witness = somebody(viewer, typed["witness"], "witness") if typed["witness"] else None
    return actions.record(
        person_id=somebody(viewer, typed["who"]), on=typed["on"], what=typed["what"],
        minutes=typed["hours"] * 60 + typed["minutes"], witness_id=witness, by=me(request),
        at=frame.now(), key=typed["key"] or None,
    )  # fmt: skip


@frame.staff_only
def record(request: HttpRequest, service_id: int) -> HttpResponse:
    """One record: confirm it, say it was not so, or take back what was confirmed wrongly."""
    row = served.one(frame.viewer(request), service_id)
    waits = row["confirmed_at"] is None and row["ended_at"] is None
    known = row["confirmed_at"] is not None and row["ended_at"] is None and row["may_take_back"]
    form = (EndForm if waits else BackForm)(request.POST or None) if waits or known else None
    done = request.method == "POST" and form is not None and form.attempt(
        lambda typed: _settled(request, service_id, waits=waits, typed=typed)
    )  # fmt: skip
    if done:
        messages.success(request, _("已记下。"))
        return redirect("points_service", service_id=service_id)
    context = {"title": row["what"], "row": row, "form": form, "waits": waits}
    return render(
        request, "points/service.html", context, status=form.status if form is not None else 200
    )


def _settled(
    request: HttpRequest, service_id: int, *, waits: bool, typed: dict[str, Any]
) -> bool:  # fmt: skip
    common: dict[str, Any] = {"service_id": service_id, "by": me(request), "at": frame.now()}
    if not waits:
        actions.take_back(reason=typed["reason"], **common)
    elif typed["verdict"] == "yes":
        actions.confirm(**common)
    else:
        actions.not_so(reason=typed["reason"], **common)
    return True
