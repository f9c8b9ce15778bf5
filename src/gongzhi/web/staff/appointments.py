"""Who is appointed to what: give a post, end a post. Conflicts are refused with the rule."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import NotFound
from gongzhi.people import actions, queries
from gongzhi.people.models import Appointment
from gongzhi.people.roles import ROLES
from gongzhi.places.models import Place
from gongzhi.web.staff import access, frame, reads


class AppointForm(frame.Form):
    """A role at a place for a term."""

    person = forms.IntegerField(
        label=gettext_lazy("人员编号"),
        help_text=gettext_lazy("在“人员”里找到这个人，页面上有编号。"),
        min_value=1,
        max_value=2**53,
    )
    role = forms.ChoiceField(label=gettext_lazy("岗位"))
    organisation = forms.TypedChoiceField(
        label=gettext_lazy("代表哪个单位（可不填）"),
        help_text=gettext_lazy("部门、物业和社会组织的人要选。"),
        required=False,
        coerce=int,
        empty_value=None,
    )
    from_on = forms.DateField(label=gettext_lazy("从哪天起"), widget=frame.Day())
    to_on = forms.DateField(
        label=gettext_lazy("到哪天止（可不填）"), required=False, widget=frame.Day()
    )

    def __init__(self, *args: Any, place: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(code, _(role.name)) for code, role in ROLES.items() if role.appointed]
        self.fields["role"].choices = [("", _("请选择")), *roles]  # type: ignore[attr-defined]
        units = reads.organisations(place.path)
        self.fields["organisation"].choices = [("", _("不代表单位")), *units]  # type: ignore[attr-defined]


class EndForm(frame.Form):
    """Why a post ends, and on which day."""

    on = forms.DateField(
        label=gettext_lazy("最后一天（可不填，不填就是今天）"), required=False, widget=frame.Day()
    )
    reason = frame.reason(gettext_lazy("为什么结束"))


@frame.staff_only
def appointments(request: HttpRequest, place_id: int) -> HttpResponse:
    """Who holds a post at a place and below; appoint somebody."""
    viewer, at = frame.viewer(request), frame.now()
    place = access.administered(viewer, place_id, "people")
    if request.method == "POST":
        form = AppointForm(request.POST, place=place)
        if form.attempt(lambda typed: _appoint(place, typed, viewer.person_id, at)):
            return frame.done(request, _("任命已经生效。"), "appointments", place_id=place_id)
    else:
        start = {"from_on": at.date(), "person": request.GET.get("person", "")}
        form = AppointForm(initial=start, place=place)
    page = {
        "title": _("岗位任命"),
        "place": place,
        "form": form,
        "holders": reads.holders(place.path, at),
        "roles": ROLES,
    }
    return frame.page(request, "appointments.html", page, form.status)


def _appoint(place: Place, typed: dict[str, Any], by: int | None, at: datetime) -> int:
    queries.card(typed["person"])  # an unknown number is said here, not by the database
    return actions.appoint(
        person_id=typed["person"], role=typed["role"], place_id=place.pk,
        organisation_id=typed["organisation"], from_on=typed["from_on"], to_on=typed["to_on"],
        by=by, at=at,
    )  # fmt: skip


@frame.staff_only
def end(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """End a post with a reason."""
    viewer, at = frame.viewer(request), frame.now()
    post = Appointment.objects.select_related("person", "place").filter(pk=appointment_id).first()
    if post is None:
        raise NotFound("没有这项任职。", todo="请从岗位任命页重新进入。")
    access.administered(viewer, post.place_id, "people")
    form = EndForm(request.POST or None)
    if request.method == "POST":
        form.attempt(
            lambda typed: actions.end_appointment(
                appointment_id=appointment_id, by=viewer.person_id, at=at,
                reason=typed["reason"], on=typed["on"],
            )
        )  # fmt: skip
        if not form.errors:
            return frame.done(request, _("任职已经结束。"), "appointments", place_id=post.place_id)
    page = {"title": _("结束任职"), "post": post, "form": form, "roles": ROLES}
    return frame.page(request, "end_appointment.html", page, form.status)
