"""The desk of points: claims with two checks, totals made public, budgets."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import NotAllowed, NotFound
from gongzhi.ledger.points import actions, permissions, queries
from gongzhi.ledger.points.models import Claim, Evidence, Subject
from gongzhi.web import paging
from gongzhi.web.asked import me
from gongzhi.web.points.shared import told
from gongzhi.web.staff import frame


class CheckForm(frame.Form):
    """Right, or not and why."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("看过以后"), widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("属实，通过")), ("no", gettext_lazy("不通过"))],
    )  # fmt: skip
    reason = frame.reason(gettext_lazy("不通过的原因（本人看得到）"), required=False, most=300)


class BudgetForm(frame.Form):
    """A new budget."""

    place = forms.ChoiceField(label=gettext_lazy("在哪里"))
    name = forms.CharField(label=gettext_lazy("名字"), max_length=60)
    usual = forms.BooleanField(label=gettext_lazy("平时的积分从这里出"), required=False)

    def __init__(self, known: list[tuple[str, str]], *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["place"].choices = known  # type: ignore[attr-defined]


class FundForm(frame.Form):
    """Points into a budget."""

    points = frame.count(gettext_lazy("拨多少分"), most=10_000_000)
    why = forms.CharField(
        label=gettext_lazy("依据"), max_length=200,
        help_text=gettext_lazy("哪次会议、哪一天决定的。"),
    )  # fmt: skip


@frame.staff_only
def page(request: HttpRequest) -> HttpResponse:
    """What waits: claims to check, totals to publish, notices that have run."""
    viewer = frame.viewer(request)
    found = queries.inbox(viewer, page=frame.number(request, "page", 1))
    for row in found["rows"]:
        row["state_word"] = Claim.State(row["state"]).label
        row["proof"] = Evidence(row["evidence"]).label
        row["subject_word"] = Subject(row["subject"]).label
    context = {
        "title": _("积分"), "rows": found["rows"], "places": queries.desk(viewer),
        "may_enter": any(p.role in permissions.ENTER for p in viewer.posts),
        "may_audit": any(p.role in permissions.AUDIT for p in viewer.posts),
        "may_post": any(p.role in permissions.SECOND for p in viewer.posts),
        "pager": paging.Pager(found["page"], found["more"], ""),
    }  # fmt: skip
    return render(request, "points/desk.html", context)


@frame.staff_only
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """One claim with its evidence; on POST this person's check."""
    row = queries.claim(frame.viewer(request), claim_id)
    if not (row["may_first"] or row["may_audit"]):
        raise NotFound("没有这条申报。")
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.attempt(lambda typed: _checked(request, row, typed)):
        messages.success(request, _("已记下。"))
        return redirect("points_desk")
    row["state_word"], row["proof"] = (
        Claim.State(row["state"]).label,
        Evidence(row["evidence"]).label,
    )
    context = {
        "title": row["title"], "claim": row, "form": form,
        "turn": (row["state"] == "claimed" and row["may_first"])
        or (row["state"] == "checked" and row["may_second"]),
    }  # fmt: skip
    return render(request, "points/check.html", context, status=form.status)


def _checked(request: HttpRequest, row: dict[str, Any], typed: dict[str, Any]) -> bool:
    common: dict[str, Any] = {"claim_id": row["id"], "by": me(request), "at": frame.now()}
    if typed["verdict"] == "no":
        actions.refuse(reason=typed["reason"], **common)
    elif row["state"] == "claimed":
        actions.check_first(**common)
    else:
        actions.check_second(**common)
    return True


@frame.staff_only
def photo(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The picture of a claim, for those who check."""
    content = queries.photo(frame.viewer(request), claim_id)
    return HttpResponse(content, content_type="image/jpeg")


@frame.staff_only
@frame.post_only
def post(request: HttpRequest, place_id: int) -> HttpResponse:
    """Make the totals public."""
    told(request, lambda: actions.post(place_id=place_id, by=me(request), at=frame.now()),
         _("总数已公示，期满后可以入账。"))  # fmt: skip
    return redirect("points_desk")


@frame.staff_only
@frame.post_only
def enter(request: HttpRequest, notice_id: int) -> HttpResponse:
    """The notice has run: enter."""
    told(request, lambda: actions.enter(notice_id=notice_id, by=me(request), at=frame.now()),
         _("已入账。"))  # fmt: skip
    return redirect("points_desk")


@frame.staff_only
def budgets(request: HttpRequest) -> HttpResponse:
    """The budgets, and a new one."""
    viewer = frame.viewer(request)
    known = [(str(p["id"]), str(p["name"])) for p in queries.desk(viewer)]
    if not known:
        raise NotAllowed("积分预算由两委成员、书记或镇（街道）干部来管。")
    form = BudgetForm(known, request.POST or None)
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.open_activity(
                place_id=int(typed["place"]), name=typed["name"], usual=typed["usual"],
                by=me(request), at=frame.now(), key=typed["key"] or None,
            )
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("预算建好了，请拨积分进去。"))
            return redirect("points_fund", activity_id=made)
    found = queries.budgets(viewer, page=frame.number(request, "page", 1))
    context = {"title": _("积分预算"), "rows": found["rows"], "form": form,
               "pager": paging.Pager(found["page"], found["more"], "")}  # fmt: skip
    return render(request, "points/budgets.html", context, status=form.status)


@frame.staff_only
def fund(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Points into a budget."""
    row = queries.activity(frame.viewer(request), activity_id)
    form = FundForm(request.POST or None)
    if request.method == "POST":
        done = form.attempt(
            lambda typed: actions.fund(
                activity_id=activity_id, points=typed["points"], why=typed["why"],
                key=typed["key"], by=me(request), at=frame.now(),
            )
        )  # fmt: skip
        if done:
            messages.success(request, _("已拨入。"))
            return redirect("points_budgets")
    context = {"title": row["name"], "row": row, "form": form}
    return render(request, "points/fund.html", context, status=form.status)
