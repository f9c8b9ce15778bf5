"""Rosters: a template, a dry run over all rows, the own file back, one import, one undo; export."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.people import roster, tasks
from gongzhi.people.roster_apply import UNDO_WITHIN
from gongzhi.web.staff import access, frame, reads

AT_ONCE = 400_000  # bytes; some 5,000 rows: checked while the clerk waits
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(frame.Form):
    """A roster file for a place."""

    place = forms.TypedChoiceField(label=gettext_lazy("哪里的名册"), coerce=int)
    file = forms.FileField(
        label=gettext_lazy("名册文件"),
        help_text=gettext_lazy("Excel（.xlsx、.xls）或 CSV，最多40兆。先检查，不会马上导入。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )

    def __init__(self, *args: Any, offers: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = offers  # type: ignore[attr-defined]


class ExportForm(frame.Form):
    """Whose rows, and what for."""

    place = forms.TypedChoiceField(label=gettext_lazy("哪里的名册"), coerce=int)
    purpose = forms.CharField(
        label=gettext_lazy("导出做什么用"),
        help_text=gettext_lazy("会写进文件，并记下谁在什么时候导出。证件号、电话遮住中间几位。"),
        max_length=200,
    )

    def __init__(self, *args: Any, offers: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = offers  # type: ignore[attr-defined]


@frame.staff_only
def imports(request: HttpRequest) -> HttpResponse:
    """Files so far, a new one, an export."""
    return _show(request, None, None)


def _show(
    request: HttpRequest, upload_form: UploadForm | None, export_form: ExportForm | None
) -> HttpResponse:
    viewer = frame.viewer(request)
    offers = _offers(request)
    form: frame.Form | None = upload_form or export_form
    page = {
        "title": _("名册导入导出"),
        "may": access.administers(viewer, "people"),
        "upload": upload_form or UploadForm(offers=offers, prefix="u"),
        "export": export_form or ExportForm(offers=offers, prefix="e"),
        "form": form,
        "batches": reads.batches([post.place_path for post in viewer.posts]),
    }
    return frame.page(request, "imports.html", page, form.status if form else 200)


def _offers(request: HttpRequest) -> list[tuple[int, str]]:
    """Places whose people the viewer administers, the villages inside them too."""
    viewer = frame.viewer(request)
    found: dict[int, str] = {}
    for post in access.roots(viewer):
        if viewer.administers("people", post.place_path):
            found[post.place_id] = post.place_name
            found |= {pk: name for pk, name in reads.villages(post.place_path) if pk not in found}
    return list(found.items())


@frame.staff_only
@frame.post_only
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the file and check it: short ones at once, long ones by the worker."""
    viewer = frame.viewer(request)
    form = UploadForm(request.POST, request.FILES, offers=_offers(request), prefix="u")

    def keep(typed: dict[str, Any]) -> int:
        access.administered(viewer, typed["place"], "people")
        return roster.upload(
            place_id=typed["place"], filename=typed["file"].name or "", at=frame.now(),
            data=typed["file"].read(), by=viewer.person_id,
        )  # fmt: skip

    batch = form.attempt(keep)
    if batch is None:
        return _show(request, form, None)
    if form.cleaned_data["file"].size <= AT_ONCE:
        tasks.check_roster(batch=batch)
    else:
        tasks.check_roster.defer(batch=batch)
    return frame.go("batch", batch_id=batch)


@frame.staff_only
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One file: how far the check is, counts, the first errors, what can be done."""
    found = _batch(request, batch_id)
    at = frame.now()
    undo_until = found["applied_at"] + UNDO_WITHIN if found["applied_at"] else None
    page = {
        "title": _("名册：%s") % found["filename"],
        "b": found,
        "running": found["progress"] < 100,
        "stuck": found["progress"] == 0 and at - found["at"] > timedelta(minutes=2),
        "undo_until": undo_until,
        "may_undo": found["state"] == "applied" and undo_until is not None and at <= undo_until,
    }
    return frame.page(request, "batch.html", page)


def _batch(request: HttpRequest, batch_id: int) -> dict[str, Any]:
    found = roster.status(batch_id)
    access.administered(frame.viewer(request), found["place_id"], "people")
    return found


@frame.staff_only
@frame.post_only
def apply(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Import what was checked."""
    found = _batch(request, batch_id)
    by = frame.viewer(request).person_id or 0
    skip = request.POST.get("skip_wrong") == "1"
    if found["counts"].get("rows", 0) > 5_000:
        tasks.apply_roster.defer(batch=batch_id, by=by, skip_wrong=skip)
        return frame.done(request, _("正在导入，可以离开这一页。"), "batch", batch_id=batch_id)
    roster.apply(batch_id=batch_id, by=by, at=frame.now(), skip_wrong=skip)
    return frame.done(request, _("已经导入。24小时内可以整批撤销。"), "batch", batch_id=batch_id)


@frame.staff_only
@frame.post_only
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Put everything of the file back as it was."""
    _batch(request, batch_id)
    roster.undo(batch_id=batch_id, by=frame.viewer(request).person_id, at=frame.now())
    return frame.done(request, _("已经整批撤销，恢复到导入前。"), "batch", batch_id=batch_id)


@frame.staff_only
def annotated(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The clerk's own file with a column that says what is wrong."""
    found = _batch(request, batch_id)
    stem = found["filename"].rpartition(".")[0] or found["filename"]
    return _file(roster.annotated(batch_id), f"{stem}-标好问题.xlsx")


@frame.staff_only
def template(request: HttpRequest) -> HttpResponse:
    """An empty roster to fill in."""
    return _file(roster.template(), "名册模板.xlsx")


@frame.staff_only
@frame.post_only
def export(request: HttpRequest) -> HttpResponse:
    """A roster as Excel: who, when, for what; sensitive columns masked."""
    viewer = frame.viewer(request)
    form = ExportForm(request.POST, offers=_offers(request), prefix="e")

    def write(typed: dict[str, Any]) -> bytes:
        place = access.place(viewer, typed["place"])
        return roster.export_roster(
            viewer=viewer, place=place, at=frame.now(), purpose=typed["purpose"]
        )

    data = form.attempt(write)
    return _show(request, None, form) if data is None else _file(data, "名册.xlsx")


def _file(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=EXCEL)
    answer.headers["Content-Disposition"] = frame.attachment(name)
    return answer
