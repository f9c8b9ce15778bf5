"""Teams of neighbours: found one, join, leave, hand over; who takes part, as the desk enters it."""

from functools import partial
from typing import Any
from uuid import uuid4

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

from gongzhi.core.errors import BadInput, NotAllowed, NotFound
from gongzhi.ledger.points import actions, permissions, queries, takers
from gongzhi.ledger.points.models import Subject
from gongzhi.web import paging
from gongzhi.web.asked import Asked, me
from gongzhi.web.points.shared import attempt, back, somebody, told
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import frame


@never_cache
@login_required
def page(request: Asked) -> HttpResponse:
    """The teams here; a neighbour founds one of his own."""
    here, sheet = request.here, Sheet({"key": uuid4().hex})
    if not here or not request.viewer.lives_in(here.path):
        return render(request, "points/teams.html", {"lives": False})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "name", "about")
        if attempt(sheet, lambda: actions.join_team(
            place_id=here.id, name=sheet["name"], about=sheet["about"], lead_id=me(request),
            by=me(request), at=timezone.now(),
        )):  # fmt: skip
            messages.success(request, _("团队建好了，请邻居们来加入。"))
            return back("points_teams")
    found = takers.teams(request.viewer, here.path, page=paging.number(request))
    context = {
        "lives": True, "rows": found["rows"], "sheet": sheet,
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
    }  # fmt: skip
    return render(request, "points/teams.html", context, status=sheet.status)


@never_cache
@login_required
def team(request: Asked, team_id: int) -> HttpResponse:
    """A team; its members read who belongs to it."""
    row = takers.team(request.viewer, team_id)
    context = {"team": row, "lives": request.viewer.lives_in(row["place_path"])}
    return render(request, "points/team.html", context)


@require_POST
@login_required
def move(request: Asked, team_id: int, verb: str) -> HttpResponse:
    """Join, leave, take somebody off who asked, hand over."""
    takers.team(request.viewer, team_id)
    who = Sheet.of(request.POST, "person").whole("person") or me(request)
    common: dict[str, Any] = {"team_id": team_id, "by": me(request), "at": timezone.now()}
    if verb == "join":
        told(request, lambda: actions.enter_team(**common), _("已加入。随时可以退出。"))
    elif verb == "leave":
        told(request, lambda: actions.leave_team(person_id=who, **common), _("已退出团队。"))
    elif verb == "hand":
        told(request, lambda: actions.hand_over(to=who, **common), _("已交给他负责。"))
    else:
        raise NotFound("没有这一步。")
    return back("points_team", team_id=team_id)


class TakerForm(frame.Form):
    """Somebody who wants to take part and asks at the counter, or by telephone."""

    place = forms.ChoiceField(label=gettext_lazy("在哪里"))
    subject = forms.ChoiceField(label=gettext_lazy("谁要参加"), choices=Subject.choices)
    who = forms.CharField(
        label=gettext_lazy("本人、家里一位成年人，或团队的负责人"), required=False, max_length=60,
        help_text=gettext_lazy("写姓名或手机号。单位参加不用写。"),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("团队的名字"), required=False, max_length=60)
    firm = forms.ChoiceField(label=gettext_lazy("哪个单位"), required=False)
    agreed = forms.BooleanField(
        label=gettext_lazy("已经问过，本人（负责人）愿意参加"), required=False
    )

    def __init__(
        self, places: list[tuple[str, str]], firms: list[tuple[str, str]], *args: Any, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["firm"].choices = [("", "—"), *firms]  # type: ignore[attr-defined]


@frame.staff_only
def desk(request: HttpRequest) -> HttpResponse:
    """Teams and firms that take part, and a new one who wants to."""
    viewer = frame.viewer(request)
    places = entered_at(request)
    if not places:
        raise NotAllowed("由组织活动的人或社区工作人员来登记。")
    firms = {f["id"]: f["name"] for _, path, _ in places for f in takers.firms(path)}
    form = TakerForm(
        [(str(pk), name) for pk, _, name in places], [(str(k), v) for k, v in firms.items()],
        request.POST or None,
    )  # fmt: skip
    joined = form.attempt(partial(_joined, request)) if request.method == "POST" else None
    if joined is not None:
        messages.success(request, _("已登记参加。"))
        return redirect("points_takers")
    found = takers.listed(viewer, page=frame.number(request, "page", 1))
    for row in found["rows"]:
        row["subject_word"] = Subject(row["subject"]).label
    context = {"title": _("参加的团队和单位"), "rows": found["rows"], "form": form,
               "pager": paging.Pager(found["page"], found["more"], "")}  # fmt: skip
    return render(request, "points/takers.html", context, status=form.status)


def entered_at(request: HttpRequest) -> list[tuple[int, str, str]]:
    """(id, path, name) of the communities in which he may enter deeds."""
    return queries.communities(frame.viewer(request), permissions.ENTER)


def _joined(request: HttpRequest, typed: dict[str, Any]) -> int:
    viewer, subject = frame.viewer(request), typed["subject"]
    common: dict[str, Any] = {"by": me(request), "at": frame.now()}
    if not typed["agreed"]:
        raise BadInput("agreed", "要先问过，愿意了才登记。参加全凭自愿。")
    place = int(typed["place"])
    if subject == "organisation":
        if not typed["firm"]:
            raise BadInput("firm", "请选哪个单位。")
        return actions.join_organisation(
            place_id=place, organisation_id=int(typed["firm"]), **common
        )
    who = somebody(viewer, typed["who"])
    if subject == "team":
        return actions.join_team(place_id=place, name=typed["name"], lead_id=who, **common)
    if subject == "household":
        return actions.join_household(person_id=who, **common)
    return actions.join(person_id=who, **common)
