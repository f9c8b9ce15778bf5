"""Entries as those who audit read them, a wrong one taken back; deeds entered by the organiser."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound
from gongzhi.ledger.points import actions, permissions, queries, takers
from gongzhi.ledger.points.models import Claim, Evidence, Subject
from gongzhi.web import paging
from gongzhi.web.asked import me
from gongzhi.web.points.shared import somebody
from gongzhi.web.points.teams import entered_at
from gongzhi.web.staff import frame


class BackForm(frame.Form):
    """What was wrong."""

    reason = frame.reason(gettext_lazy("哪里记错了（本人看得到）"), most=300)


class DeedForm(frame.Form):
    """What somebody did at an activity one organised."""

    item = forms.ChoiceField(label=gettext_lazy("做了哪件事"))
    who = forms.CharField(
        label=gettext_lazy("谁做的"), required=False, max_length=60,
        help_text=gettext_lazy("写姓名或手机号，他要已经参加积分。团队、单位在下面选。"),
    )  # fmt: skip
    group = forms.ChoiceField(label=gettext_lazy("或哪个团队、单位"), required=False)
    on = forms.DateField(label=gettext_lazy("哪一天"), widget=frame.Day())
    times = forms.IntegerField(label=gettext_lazy("几次"), min_value=1, max_value=60, initial=1)
    words = forms.CharField(label=gettext_lazy("用一句话说说"), max_length=300)
    evidence = forms.ChoiceField(
        label=gettext_lazy("凭什么知道"),
        choices=[(e.value, e.label) for e in Evidence if e is not Evidence.PHOTO],
    )

    def __init__(
        self, items: list[tuple[str, str]], groups: list[tuple[str, str]], *args: Any, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.fields["item"].choices = items  # type: ignore[attr-defined]
        self.fields["group"].choices = [("", "—"), *groups]  # type: ignore[attr-defined]


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """What was entered, newest first."""
    viewer = frame.viewer(request)
    if not any(p.role in permissions.AUDIT for p in viewer.posts):
        raise NotAllowed("由两委成员、监督委员会、书记或镇（街道）干部来看。")
    found = queries.entries(viewer, page=frame.number(request, "page", 1))
    for row in found["rows"]:
        row["state_word"] = Claim.State(row["state"]).label
        row["subject_word"] = Subject(row["subject"]).label
    context = {"title": _("已入账的积分"), "rows": found["rows"],
               "pager": paging.Pager(found["page"], found["more"], "")}  # fmt: skip
    return render(request, "points/entries.html", context)


@frame.staff_only
def reverse(request: HttpRequest, claim_id: int) -> HttpResponse:
    """A wrong entry is taken back by its mirror; he is told why, the totals are corrected."""
    row = queries.claim(frame.viewer(request), claim_id)
    if not row["may_second"] or row["state"] not in ("entered", "reversed"):
        raise NotFound("没有这条入账的积分。")
    form = BackForm(request.POST or None)
    if request.method == "POST":
        done = form.did(
            lambda typed: actions.reverse(
                claim_id=claim_id, reason=typed["reason"], by=me(request), at=frame.now()
            )
        )
        if done:
            messages.success(request, _("已冲回。本人会收到通知，公示的总数也会更正。"))
            return redirect("points_check", claim_id=claim_id)
    context = {"title": _("冲回记错的积分"), "claim": row, "form": form}
    return render(request, "points/reverse.html", context, status=form.status)


@frame.staff_only
def new(request: HttpRequest) -> HttpResponse:
    """Enter a deed for somebody who takes part; two others check it like any claim."""
    places = entered_at(request)
    if not places:
        raise NotAllowed("由组织活动的人或社区工作人员来登记。")
    today = frame.now().astimezone(SHANGHAI).date()
    items, groups = _choices(places, today)
    form = DeedForm(items, groups, request.POST or None, initial={"on": today})
    entered = form.attempt(partial(_entered, request)) if request.method == "POST" else None
    if entered is not None:
        messages.success(request, _("已记下，由另外两个人来审。"))
        return redirect("points_desk")
    context = {"title": _("替参加的人登记一件好事"), "form": form, "back": "points_desk"}
    return render(request, "points/form.html", context, status=form.status)


def _choices(places: list[tuple[int, str, str]], today: Any) -> Any:
    items: list[tuple[str, str]] = []
    groups: list[tuple[str, str]] = []
    for pk, _path, name in places[:20]:
        book = queries.book_in_force(pk, today)
        several = f"（{name}）" if len(places) > 1 else ""
        items += [
            (str(i["id"]), f"{i['code']} {i['title']} · {Subject(i['subject']).label}{several}")
            for i in (book or {"items": []})["items"] if not i["trigger"]
        ]  # fmt: skip
        groups += [(str(g["id"]), f"{g['name']}{several}") for g in takers.groups(pk)]
    return items, groups


def _entered(request: HttpRequest, typed: dict[str, Any]) -> int:
    if not typed["who"] and not typed["group"]:
        raise BadInput("who", "请写是谁做的，或选哪个团队、单位。")
    deed = actions.Deed(
        item_id=int(typed["item"]), on=typed["on"], words=typed["words"], times=typed["times"],
        evidence=typed["evidence"],
    )  # fmt: skip
    who = somebody(frame.viewer(request), typed["who"]) if typed["who"] else None
    return actions.claim(
        deed=deed, doer_id=who, holder_id=int(typed["group"]) if typed["group"] else None,
        by=me(request), at=frame.now(), key=typed["key"] or None,
    )  # fmt: skip
