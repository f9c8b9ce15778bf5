"""How a forum decides where no law says so: the share, strictly or not, of whom, and the quorum."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import NotAllowed, NotFound
from gongzhi.deliberation.bodies import actions, permissions, queries, rules
from gongzhi.web.ballots.drafting import HOUSE_BASES, HOUSE_OPS
from gongzhi.web.staff import access, frame

_WHOLE = (("members", gettext_lazy("全体成员")), ("households", gettext_lazy("全部的户")))


class HouseForm(frame.Form):
    """Exact fractions, never rounded."""

    house_share = forms.CharField(
        label=gettext_lazy("多少人赞成算同意"), max_length=12, initial="1/2",
        help_text=gettext_lazy("写成 1/2、2/3 这样。"),
    )  # fmt: skip
    house_op = forms.ChoiceField(
        label=gettext_lazy("正好等于这个比例算不算"), initial=">", choices=HOUSE_OPS,
        widget=forms.RadioSelect,
    )  # fmt: skip
    house_base = forms.ChoiceField(label=gettext_lazy("按什么人数算"), choices=HOUSE_BASES)
    house_there = forms.CharField(
        label=gettext_lazy("至少多少人参加才算数（比例，可不填）"), required=False, max_length=12
    )
    there_op = forms.ChoiceField(
        label=gettext_lazy("参加的人正好等于这个比例算不算"), initial=">=", choices=HOUSE_OPS,
        widget=forms.RadioSelect,
    )  # fmt: skip
    there_base = forms.ChoiceField(label=gettext_lazy("参加的比例按什么算"), choices=_WHOLE)
    least = forms.IntegerField(
        label=gettext_lazy("至少多少人参加才算数（人数，可不填）"), required=False,
        min_value=1, max_value=100_000,
    )  # fmt: skip

    def parts(self, typed: dict[str, Any]) -> dict[str, Any]:
        """As `playbooks.rules.house` reads them."""
        return rules.house_parts(
            share=typed["house_share"], op=typed["house_op"], base=typed["house_base"],
            there=typed["house_there"], there_op=typed["there_op"],
            there_base=typed["there_base"], least=typed["least"] or 0,
        )  # fmt: skip


@frame.staff_only
def page(request: HttpRequest, body_id: int) -> HttpResponse:
    """The rule of a forum; for a body the law rules there is no such page."""
    viewer, row = frame.viewer(request), queries.whereabouts(body_id)
    access.place(viewer, row["place_id"])
    if row["rule"]:
        raise NotFound("这个会按法律的规则表决，不能自己定。")
    if not permissions.may_found(viewer, row["place__path"]):
        raise NotAllowed("设立会议和确定成员，由这里的两委成员或镇（街道）干部来做。")
    form = HouseForm(request.POST or None, initial=_now(row["house"]))
    if request.method == "POST":

        def change(typed: dict[str, Any]) -> bool:
            actions.set_house_rule(
                body_id=body_id, house=form.parts(typed), by=viewer.person_id, at=frame.now()
            )
            return True

        if form.attempt(change):
            messages.success(request, _("规则改好了，以后召集的会按新的算。"))
            return redirect(reverse("staff_body", kwargs={"body_id": body_id}))
    page = {"title": _("本会自己的规则"), "form": form, "row": row}
    return render(request, "meetings/staff/house.html", page, status=form.status)


def _now(house: dict[str, Any]) -> dict[str, Any]:
    """What the forum set so far, as fields."""
    passing: dict[str, Any] = next(iter(house.get("pass", ())), {})
    quorum = house.get("quorum", ())
    share: dict[str, Any] = next((part for part in quorum if "share" in part), {})
    return {
        "house_share": passing.get("share", "1/2"), "house_op": passing.get("op", ">"),
        "house_base": passing.get("of", "present"), "house_there": share.get("share", ""),
        "there_op": share.get("op", ">="), "there_base": share.get("of", "members"),
        "least": next((part["least"] for part in quorum if "least" in part), None),
    }  # fmt: skip
