"""People: found by name or phone, shown masked, revealed one field at a time with a purpose."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotFound
from gongzhi.people import actions, queries, rules
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import ROLES
from gongzhi.web.staff import access, frame, reads


class RevealForm(frame.Form):
    """Which field, and why."""

    fields_ = forms.MultipleChoiceField(
        label=gettext_lazy("要看什么"),
        choices=list(rules.SENSITIVE_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = forms.CharField(
        label=gettext_lazy("为什么要看"),
        help_text=gettext_lazy("本人会看到您看了什么、为什么看。"),
        max_length=200,
    )


@frame.staff_only
def people(request: HttpRequest) -> HttpResponse:
    """Look for somebody by a piece of the name or the whole phone number."""
    viewer = frame.viewer(request)
    wanted = request.GET.get("q", "").strip()
    found = queries.find(viewer=viewer, query=wanted, limit=30) if wanted else []
    page = {
        "title": _("人员"),
        "q": wanted,
        "found": found,
        "may": access.administers(viewer, "people"),
        "place": access.home(viewer),
    }
    return frame.page(request, "people.html", page)


@frame.staff_only
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person with everything sensitive covered; ask to see a field."""
    viewer = frame.viewer(request)
    inside(viewer, person_id)
    form, seen = RevealForm(request.POST or None), {}
    if request.method == "POST":
        revealed = form.attempt(
            lambda typed: queries.reveal(
                by=viewer,
                person_id=person_id,
                fields=typed["fields_"],
                purpose=typed["purpose"],
                at=frame.now(),
            )
        )
        if revealed is not None:
            form, seen = RevealForm(), revealed
    card = queries.card(person_id)
    page = {
        "title": card["name"],
        "card": card,
        "seen": seen,
        "words": rules.SENSITIVE_WORDS,
        "form": form,
        "terms": reads.terms(person_id),
        "log": queries.access_log(person_id, 20),
        "roles": ROLES,
        "may": access.administers(viewer, "people"),
        "waiting": queries.proxies_to_agree(person_id, frame.now().date()),
    }
    return frame.page(request, "person.html", page, form.status)


@frame.staff_only
@require_POST
def witness(request: HttpRequest, person_id: int, proxy_id: int) -> HttpResponse:
    """The person signed on paper that the family may act for him: for those without a phone."""
    actions.agree_proxy(
        proxy_id=proxy_id, by=frame.viewer(request).person_id or 0, at=frame.now(), witnessed=True
    )
    return frame.done(
        request, _("已登记：本人签了字，同意家人代办。"), "person", person_id=person_id
    )


@frame.staff_only
def household(request: HttpRequest, household_id: int) -> HttpResponse:
    """A household and who lives there."""
    found = reads.household(household_id)
    if found is None:
        raise NotFound("没有这一户。", todo="请从楼栋页面重新进入。")
    access.place(frame.viewer(request), found["place_id"])
    page = {"title": f"{found['place__name']} {found['door']}", "home": found}
    return frame.page(request, "household.html", page)


def inside(viewer: Viewer, person_id: int) -> None:
    """The person belongs to a place of the viewer, or to none; NotAllowed, NotFound."""
    queries.check_inside(viewer, person_id, frame.now().astimezone(SHANGHAI).date())


def lookup(viewer: Viewer, wanted: str) -> list[dict[str, Any]]:
    """Who might be on the phone: for the intake page."""
    return queries.find(viewer=viewer, query=wanted, limit=8) if wanted else []
