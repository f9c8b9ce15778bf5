"""Ways of governing: what there is, what is broken and why, one explained, adopted, compared."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotFound
from gongzhi.matters import words
from gongzhi.matters.actions import migration
from gongzhi.places import actions, queries
from gongzhi.playbooks import bpmn, compare, explain, load
from gongzhi.playbooks.schema import Playbook
from gongzhi.web.staff import access, frame, reads


class AdoptForm(frame.Form):
    """A place governs by this from a day on, and why."""

    place = forms.TypedChoiceField(label=gettext_lazy("在哪里采用"), coerce=int)
    from_on = forms.DateField(label=gettext_lazy("从哪天起"), widget=frame.Day())
    reason = forms.CharField(
        label=gettext_lazy("为什么采用"),
        help_text=gettext_lazy("例如：10月8日村民代表会议通过。"),
        max_length=500,
        widget=frame.Lines(),
    )

    def __init__(self, *args: Any, offers: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = offers  # type: ignore[attr-defined]


class EndForm(frame.Form):
    """A place goes back to the playbook above from a day on, and why."""

    place = forms.TypedChoiceField(label=gettext_lazy("哪里停用"), coerce=int)
    on = forms.DateField(label=gettext_lazy("从哪天起改按上一级的办"), widget=frame.Day())
    reason = frame.reason(gettext_lazy("为什么停用"), most=500)

    def __init__(self, *args: Any, offers: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = offers  # type: ignore[attr-defined]


class MigrateForm(frame.Form):
    """Running matters of a place go over from one version to another."""

    place = forms.TypedChoiceField(label=gettext_lazy("哪里的事"), coerce=int)
    old = forms.ChoiceField(label=gettext_lazy("从哪一版"))
    new = forms.ChoiceField(label=gettext_lazy("换到哪一版"))
    reason = frame.reason(gettext_lazy("为什么换"))

    def __init__(
        self,
        *args: Any,
        offers: list[tuple[int, str]],
        versions: list[dict[str, Any]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = offers  # type: ignore[attr-defined]
        named = [(v["digest"], _("第%(v)d版 %(d)s") % {"v": v["version"], "d": v["digest"][:8]})
                 for v in versions]  # fmt: skip
        self.fields["old"].choices = self.fields["new"].choices = named  # type: ignore[attr-defined]


@frame.staff_only
def playbooks(request: HttpRequest) -> HttpResponse:
    """All folders: the good ones, and the broken ones with every slip in a clerk's words."""
    good, broken = load.load_all()
    rows = [
        {"id": one.id, "version": one.version, "case": one.case, "words": words.of(one),
         "adopted": [row for row in _adopted(request, one.id) if row["to_on"] is None]}
        for one in good.values()
    ]  # fmt: skip
    slips = [(folder.rpartition("/")[2], found) for folder, found in sorted(broken.items())]
    page = {"title": _("治理办法"), "rows": rows, "broken": slips}
    return frame.page(request, "playbooks.html", page)


@frame.staff_only
def playbook(request: HttpRequest, playbook_id: str) -> HttpResponse:
    """One of them, explained with its picture; where it is in force; its versions."""
    return _show(request, playbook_id)


def _show(
    request: HttpRequest,
    playbook_id: str,
    form: frame.Form | None = None,
    outcome: migration.Outcome | None = None,
) -> HttpResponse:
    """The page, with the form that was refused, if one was, as it was filled."""
    found, versions, offers = one(playbook_id), reads.versions(playbook_id), _offers(request)
    adopted = _adopted(request, playbook_id)
    ending = _endable(adopted, offers)
    adopt_form, end_form, migrate_form = (
        form if isinstance(form, kind) else None for kind in (AdoptForm, EndForm, MigrateForm)
    )
    page = {
        "title": words.of(found).name,
        "p": found,
        "told": words.of(found),
        "explained": Markup(explain.html(found, words.language())),  # noqa: S704 - our own HTML
        "adopted": adopted,
        "versions": versions,
        "fresh": all(v["digest"] != found.digest for v in versions),
        "migrations": reads.migrations(playbook_id),
        "offers": offers,
        "adopt": adopt_form or AdoptForm(offers=offers, prefix="a", initial={"from_on": _today()}),
        "ending": ending,
        "end": end_form or EndForm(offers=ending, prefix="e", initial={"on": _today()}),
        "migrate": migrate_form or MigrateForm(offers=offers, versions=versions, prefix="m"),
        "outcome": outcome,
        "form": form,
        "at": frame.now(),
        "undo_within": migration.UNDO,
    }
    return frame.page(request, "playbook.html", page, form.status if form else 200)


def one(playbook_id: str) -> Playbook:
    """The playbook of that name on the disk, else the newest version ever adopted; NotFound."""
    good, _broken = load.load_all()
    if playbook_id in good:
        return good[playbook_id]
    versions = reads.versions(playbook_id)
    if not versions:
        raise NotFound("没有这套治理办法。", todo="请从治理办法的清单里选。")
    return queries.playbook(versions[0]["digest"])


def _offers(request: HttpRequest) -> list[tuple[int, str]]:
    viewer = frame.viewer(request)
    found: dict[int, str] = {}
    for post in access.roots(viewer):
        if viewer.administers("places", post.place_path):
            found[post.place_id] = post.place_name
            found |= {row["id"]: row["name"] for row in queries.children(post.place_id)}
    return list(found.items())


def _adopted(request: HttpRequest, playbook_id: str) -> list[dict[str, Any]]:
    """Where it is or was in force; `opens` says whether the viewer may open the place."""
    viewer, rows = frame.viewer(request), reads.adopted_by(playbook_id)
    return [{**row, "opens": access.may_open(viewer, row["place__path"])} for row in rows]


def _today() -> date:
    return frame.now().astimezone(SHANGHAI).date()


def _endable(adopted: list[dict[str, Any]], offers: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Where this playbook is in force, or will be, and the viewer may end that."""
    held = {row["place_id"] for row in adopted if row["to_on"] is None or row["to_on"] >= _today()}
    return [(pk, name) for pk, name in offers if pk in held]


@frame.staff_only
@frame.post_only
def adopt(request: HttpRequest, playbook_id: str) -> HttpResponse:
    """A place governs by it from a day on; running matters stay on theirs."""
    viewer, found = frame.viewer(request), one(playbook_id)
    form = AdoptForm(request.POST, offers=_offers(request), prefix="a")

    def call(typed: dict[str, Any]) -> object:
        access.administered(viewer, typed["place"], "places")
        return actions.adopt(
            place_id=typed["place"], playbook=found, from_on=typed["from_on"],
            reason=typed["reason"], by=viewer.person_id, at=frame.now(),
        )  # fmt: skip

    if form.attempt(call) is None:
        return _show(request, playbook_id, form)
    return frame.done(
        request, _("已经采用。正在办的事仍按原来的办法走完。"), "playbook", playbook_id=playbook_id
    )


@frame.staff_only
@frame.post_only
def end(request: HttpRequest, playbook_id: str) -> HttpResponse:
    """A place goes back to the one above; running matters stay on theirs."""
    viewer = frame.viewer(request)
    places = _endable(reads.adopted_by(playbook_id), _offers(request))
    form = EndForm(request.POST, offers=places, prefix="e")

    def call(typed: dict[str, Any]) -> bool:
        access.administered(viewer, typed["place"], "places")
        actions.end_adoption(
            place_id=typed["place"], on=typed["on"], reason=typed["reason"],
            by=viewer.person_id, at=frame.now(),
        )  # fmt: skip
        return True

    if form.attempt(call) is None:
        return _show(request, playbook_id, form)
    said = _("已经停用，到日子改按上一级的办。正在办的事仍按原来的办法走完。")
    return frame.done(request, said, "playbook", playbook_id=playbook_id)


@frame.staff_only
@frame.post_only
def migrate(request: HttpRequest, playbook_id: str) -> HttpResponse:
    """First a dry run that says what would move; then, pressed again, the move itself."""
    viewer = frame.viewer(request)
    form = MigrateForm(
        request.POST, offers=_offers(request), versions=reads.versions(playbook_id), prefix="m"
    )
    dry = request.POST.get("do") != "apply"

    def call(typed: dict[str, Any]) -> migration.Outcome:
        access.administered(viewer, typed["place"], "places")
        return migration.migrate(
            place_id=typed["place"], old=typed["old"], new=typed["new"], reason=typed["reason"],
            by=viewer.person_id or 0, at=frame.now(), dry_run=dry,
        )  # fmt: skip

    outcome = form.attempt(call)
    if outcome is None or dry:
        return _show(request, playbook_id, form, outcome)
    said = _("换了%(n)d件，%(m)d件不能换。七天内可以撤销。")
    counts = {"n": len(outcome.moved), "m": len(outcome.refused)}
    return frame.done(request, said % counts, "playbook", playbook_id=playbook_id)


@frame.staff_only
@frame.post_only
def undo(request: HttpRequest, playbook_id: str, migration_id: int) -> HttpResponse:
    """Put the matters of a migration back."""
    viewer = frame.viewer(request)
    done = next((m for m in reads.migrations(playbook_id) if m["id"] == migration_id), None)
    if done is None:
        raise NotFound("没有这次换版。", todo="请从这套办法的页面里选。")
    access.administered(viewer, done["place_id"], "places")
    outcome = migration.undo_migration(
        migration_id=migration_id, by=viewer.person_id or 0, at=frame.now()
    )
    words_ = _("已经撤销，%d件换回原来的版本。") % len(outcome.moved)
    return frame.done(request, words_, "playbook", playbook_id=playbook_id)


@frame.staff_only
def difference(request: HttpRequest, playbook_id: str) -> HttpResponse:
    """What changed between two versions, line by line."""
    texts = {v["digest"]: v for v in reads.versions(playbook_id)}
    old, new = request.GET.get("old", ""), request.GET.get("new", "")
    newest = one(playbook_id)
    if old not in texts or (new not in texts and new != newest.digest):
        raise NotFound("没有这两个版本。", todo="请从这套办法的页面里选。")
    before = queries.playbook(old)
    after = newest if new == newest.digest else queries.playbook(new)
    page = {
        "title": _("%s：两个版本的不同") % words.of(after).name,
        "playbook_id": playbook_id,
        "changes": [change.text() for change in compare.changes(before, after)],
    }
    return frame.page(request, "difference.html", page)


@frame.staff_only
def diagram(request: HttpRequest, playbook_id: str) -> HttpResponse:
    """The playbook as BPMN 2.0, for other programs."""
    answer = HttpResponse(
        bpmn.export(one(playbook_id), words.language()), content_type="application/bpmn+xml"
    )
    answer.headers["Content-Disposition"] = frame.attachment(f"{playbook_id}.bpmn")
    return answer
