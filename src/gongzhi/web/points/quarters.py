"""The quarter's reconciliation: both sides in numbers, a sample against its evidence, two names."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed
from gongzhi.ledger.points import actions, permissions, quarterly, queries, rules
from gongzhi.ledger.points.models import Area, Evidence
from gongzhi.web.asked import me
from gongzhi.web.points.shared import told
from gongzhi.web.staff import frame


class BeginForm(frame.Form):
    """Which community, which quarter."""

    place = forms.ChoiceField(label=gettext_lazy("在哪里"))
    first_on = forms.ChoiceField(label=gettext_lazy("哪个季度"))

    def __init__(
        self, places: list[tuple[str, str]], quarters: list[tuple[str, str]], *args: Any, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["first_on"].choices = quarters  # type: ignore[attr-defined]


class SignForm(frame.Form):
    """One's name under it, with what did not agree."""

    words = frame.reason(gettext_lazy("对不上的，写明原因和怎么处理"), required=False, most=500)


def named(first: date) -> str:
    """A quarter as people say it."""
    return str(_("%(year)d年第%(n)d季度") % {"year": first.year, "n": (first.month + 2) // 3})


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """The quarters looked at, and one to begin."""
    viewer = frame.viewer(request)
    if not any(p.role in permissions.DESK for p in viewer.posts):
        raise NotAllowed("季度核对由两委成员和监督委员会来做。")
    places = queries.communities(viewer, permissions.RECONCILE)
    today = frame.now().astimezone(SHANGHAI).date()
    form = BeginForm(
        [(str(pk), name) for pk, _path, name in places],
        [(str(first), named(first)) for first in rules.quarters_before(today)],
        request.POST or None,
    )  # fmt: skip
    if request.method == "POST":
        made = form.attempt(lambda typed: actions.begin_quarter(
            place_id=int(typed["place"]), first_on=date.fromisoformat(typed["first_on"]),
            by=me(request), at=frame.now(),
        ))  # fmt: skip
        if made is not None:
            return redirect("points_quarter", quarter_id=made)
    rows = quarterly.listed(viewer)
    for row in rows:
        row["name"] = named(row["first_on"])
    context = {"title": _("季度核对"), "rows": rows, "form": form, "may": bool(places)}
    return render(request, "points/quarters.html", context, status=form.status)


@frame.staff_only
def page(request: HttpRequest, quarter_id: int) -> HttpResponse:
    """Both sides, the entries drawn, the signatures; on POST one's own."""
    row = quarterly.one(frame.viewer(request), quarter_id)
    for sample in row["samples"]:
        sample["proof"] = Evidence(sample["evidence"]).label
        checked = (sample["first_id"], sample["second_id"], sample["doer_id"])
        sample["turn"] = (
            row["may"] and row["signed_at"] is None and me(request) not in checked
        )  # fmt: skip
    form = SignForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done = form.attempt(lambda typed: actions.sign(
            quarter_id=quarter_id, words=typed["words"], by=me(request), at=frame.now()
        ))  # fmt: skip
        if done is not None:
            messages.success(request, {
                "signed": _("已签字，还要另一个人签。"),
                "published": _("两个人都签了，已公布。"),
            }[done])  # fmt: skip
            return redirect("points_quarter", quarter_id=quarter_id)
    context = {
        "title": f"{row['place']} · {named(row['first_on'])}", "row": row, "form": form,
        "areas": dict(Area.choices), "mine": row["signed_by_id"] == me(request),
    }  # fmt: skip
    return render(request, "points/quarter.html", context, status=form.status)


@frame.staff_only
@frame.post_only
def sample(request: HttpRequest, quarter_id: int, sample_id: int) -> HttpResponse:
    """The evidence of one entry drawn: there, or not and why."""
    quarterly.one(frame.viewer(request), quarter_id)
    found = request.POST.get("found") == "yes"
    told(request, lambda: actions.look_at(
        sample_id=sample_id, found=found, words=str(request.POST.get("words", "")),
        by=me(request), at=frame.now(),
    ), _("已记下。"))  # fmt: skip
    return redirect("points_quarter", quarter_id=quarter_id)
