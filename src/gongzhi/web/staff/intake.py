"""Intake on behalf: somebody telephones, stands at the counter, or hands in a slip of paper.

One page, one form. The small buttons find a person or a place, or register somebody new; they
write nothing of the matter, and everything typed stays.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import NotAllowed, Refused
from gongzhi.matters import actions, queries
from gongzhi.matters.actions.intake import RAISABLE
from gongzhi.matters.models import Source
from gongzhi.people import actions as people_actions
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.web.staff import access, besides, frame, held, uploads
from gongzhi.web.staff.people import inside

_SOURCES = (Source.TELEPHONE, Source.COUNTER, Source.PAPER, Source.PATROL)


class IntakeForm(frame.Form):
    """Who, how, where, what."""

    source = forms.ChoiceField(
        label=gettext_lazy("怎么来的"),
        choices=[(s.value, gettext_lazy(s.label)) for s in _SOURCES],
        widget=forms.RadioSelect,
        initial=Source.TELEPHONE.value,
    )
    who = forms.CharField(label=gettext_lazy("谁提的：姓名或手机号"), max_length=60, required=False)
    new_phone = forms.CharField(
        label=gettext_lazy("手机号（没登记过的人，可不填）"), max_length=30, required=False
    )
    person = forms.TypedChoiceField(
        label=gettext_lazy("是哪一位"), coerce=int, widget=forms.RadioSelect
    )
    consent_note = forms.CharField(
        label=gettext_lazy("本人怎样同意代提的"),
        help_text=gettext_lazy("例如：本人来电口头同意。"),
        max_length=200,
        required=False,
    )
    near = forms.CharField(
        label=gettext_lazy("在哪里：小区、楼栋或网格的名字"), max_length=60, required=False
    )
    place = forms.TypedChoiceField(
        label=gettext_lazy("选一个地方"), coerce=int, widget=forms.RadioSelect
    )
    where = forms.CharField(
        label=gettext_lazy("具体在哪（可不填）"),
        help_text=gettext_lazy("例如：3号楼东侧路口。"),
        max_length=200,
        required=False,
    )
    body = forms.CharField(label=gettext_lazy("什么事"), max_length=2000, widget=frame.Lines(5))
    title = forms.CharField(label=gettext_lazy("标题（可不填）"), max_length=60, required=False)
    category = forms.ChoiceField(label=gettext_lazy("类别（可不填）"), required=False)
    urgent = forms.BooleanField(label=gettext_lazy("急事，有危险"), required=False)
    sensitive = forms.BooleanField(label=gettext_lazy("不宜公开，只给办事人员看"), required=False)
    named = forms.BooleanField(label=gettext_lazy("本人愿意公开姓名"), required=False)
    photos = frame.PhotosField(gettext_lazy("照片（可不填）"))
    uploaded = forms.CharField(widget=forms.HiddenInput, required=False, max_length=600)

    def __init__(self, *args: Any, offers: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held: held.Held | None = offers["held"]
        self.fields["category"].choices = [("", _("说不清")), *besides.categories()]  # type: ignore[attr-defined]
        for name in ("person", "place"):
            self.fields[name].choices = offers[name]  # type: ignore[attr-defined]


@frame.staff_only
def intake(request: HttpRequest) -> HttpResponse:
    """The page; one of its buttons raises the matter, the others only look things up."""
    viewer = _takes_in(request)
    if request.method != "POST":
        offers = _offers(viewer, request.GET)
        start = held.fill(_start(request), offers["held"])
        return _show(request, IntakeForm(initial=start, offers=offers))
    typed = request.POST
    button = typed.get("do", "raise")
    if button == "register":
        return _register(request, viewer)
    offers = _offers(viewer, typed)
    if button != "raise":
        kept = {name: value for name, value in typed.items() if name != "csrfmiddlewaretoken"}
        kept = held.fill(kept, offers["held"])
        return _show(request, IntakeForm(initial=kept, offers=offers))
    form = IntakeForm(uploads.stored(request), request.FILES, offers=offers)
    raised = form.attempt(lambda clean: _raise(viewer, clean))
    if raised is None:
        if form.held is not None and form.held.place_id is not None and not form.value("place"):
            form.set("place", str(form.held.place_id))
        return _show(request, form)
    words = _("已经代为提出，编号%s。") % raised.number
    return frame.done(request, words, "matter", number=raised.number)


@frame.staff_only
@frame.post_only
def similar(request: HttpRequest) -> HttpResponse:
    """For the page's script: what sounds the same, and what kind it may be."""
    _takes_in(request)
    found = _alike(request, request.POST.get("body", ""), request.POST.get("place", ""))
    return render(request, "staff/parts/similar.html", found)


def _takes_in(request: HttpRequest) -> Viewer:
    """Who asks, refused at the door rather than after a form filled in for nothing."""
    viewer = frame.viewer(request)
    if not viewer.takes_in:
        raise NotAllowed(
            "您的岗位不代别人提事。",
            todo="来人来电请转给两委成员、网格员或镇（街道）干部。",
        )
    return viewer


def _raise(viewer: Viewer, typed: dict[str, Any]) -> actions.Raised:
    inside(viewer, typed["person"])
    return actions.raise_matter(
        by=viewer.person_id,
        at=frame.now(),
        key=typed["key"] or None,
        body=typed["body"],
        title=typed["title"],
        place_id=typed["place"],
        source=typed["source"],
        raised_by=typed["person"],
        category=typed["category"],
        where=typed["where"],
        anonymous=not typed["named"],
        sensitive=typed["sensitive"],
        urgent=typed["urgent"],
        consent_note=typed["consent_note"],
        uploads=uploads.keys(typed["uploaded"]),
    )


def _register(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Write down somebody the register does not know yet, then go on with the same form."""
    typed = request.POST.copy()
    problem: Refused | None = None
    try:
        found = people_actions.register_person(
            name=typed.get("who", ""), phone=typed.get("new_phone", ""),
            by=viewer.person_id, at=frame.now(),
        )  # fmt: skip
        typed["person"] = str(found)
    except Refused as refusal:
        problem = refusal
    offers = _offers(viewer, typed)
    kept = {name: value for name, value in typed.items() if name != "csrfmiddlewaretoken"}
    return _show(request, IntakeForm(initial=kept, offers=offers), problem)


def _show(request: HttpRequest, form: IntakeForm, problem: Refused | None = None) -> HttpResponse:
    alike = _alike(request, str(form.value("body") or ""), str(form.value("place") or ""))
    page = {"title": _("代提一件事"), "form": form, "problem": problem} | alike
    return frame.page(request, "intake.html", page, problem.status if problem else form.status)


def _start(request: HttpRequest) -> dict[str, Any]:
    return {"person": request.GET.get("person", ""), "place": request.GET.get("place", "")}


def _offers(viewer: Viewer, typed: Any) -> dict[str, Any]:
    """Persons and places to choose from: those found now, and the one chosen before."""
    found = people.find(viewer=viewer, query=typed.get("who", ""), limit=8)
    persons = {row["id"]: _named(row) for row in found}
    chosen = typed.get("person", "")
    if chosen.isdecimal() and int(chosen) not in persons:
        inside(viewer, int(chosen))  # an id typed in by hand tells no name
        persons[int(chosen)] = people.card(int(chosen))["name"]
    kept = held.of(int(chosen)) if chosen.isdecimal() else None
    offered = dict(_places(viewer, typed))
    if kept is not None and kept.place_id is not None:
        offered = {kept.place_id: kept.place} | {
            k: v for k, v in offered.items() if k != kept.place_id
        }
    return {"person": list(persons.items()), "place": list(offered.items()), "held": kept}


def _named(row: dict[str, Any]) -> str:
    home = f"{row['household__place__name'] or ''} {row['household__door'] or ''}".strip()
    return f"{row['name']}（{row['phone'] or _('没有手机号')}，{home or _('没有住处')}）"


def _places(viewer: Viewer, typed: Any) -> list[tuple[int, str]]:
    wanted, offers = typed.get("near", "").strip(), {}
    for post in access.roots(viewer):
        rows = (
            places.find(wanted, post.place_path, 12)
            if wanted
            else places.children(post.place_id)[:12]
        )
        if not wanted and post.place_kind in RAISABLE:
            offers[post.place_id] = _("%s（说不清具体位置）") % post.place_name
        offers |= {row["id"]: row["name"] for row in rows if row["kind"] in RAISABLE}
    chosen = typed.get("place", "")
    if chosen.isdecimal() and int(chosen) not in offers:
        offers[int(chosen)] = places.full_name(places.by_id(int(chosen)), since="village")
    return list(offers.items())


def _alike(request: HttpRequest, body: str, place: str) -> dict[str, Any]:
    if len(body.strip()) < 8:
        return {"rows": [], "guesses": {}, "asked": False}
    viewer = frame.viewer(request)
    where = int(place) if place.isdecimal() else access.home(viewer).place_id
    return {
        "rows": queries.similar(body[:2000], where, viewer, frame.now()),
        "guesses": queries.category_suggestions(body[:2000]),
        "asked": True,
    }
