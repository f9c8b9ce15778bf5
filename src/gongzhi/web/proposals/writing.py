"""The small form: one page, a minute; what is like it already is shown before it is sent."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.core.errors import BadInput, KeyReused, NotFound, Refused
from gongzhi.deliberation.proposals import actions, queries, rules, words
from gongzhi.places import queries as places
from gongzhi.web.asked import Asked
from gongzhi.web.resident import places as where
from gongzhi.web.sheet import Sheet

FIELDS = ("key", "title", "wrong", "propose", "own_part", "topic", "spot", "households", "place",
          "reach", "looked")  # fmt: skip


@never_cache
@login_required
def new(request: Asked) -> HttpResponse:
    """A new proposal; on POST it is opened, or the form comes back with all that was typed."""
    if request.method != "POST":
        first = where.choices(request, request.GET.get("place", ""))
        start = {"key": uuid4().hex, "place": first[0].value if first else "", "reach": "courtyard"}
        return _show(request, Sheet(start), [], "")
    return _posted(request, "")


@never_cache
@login_required
def edit(request: Asked, number: str) -> HttpResponse:
    """A draft, or a proposal that nobody has seconded yet, filled in as it stands."""
    row = queries.get(request.viewer, number, timezone.now())
    if not row["own"]:
        raise NotFound()
    if request.method == "POST":
        return _posted(request, row["number"])
    kept = {
        "key": uuid4().hex,
        "place": str(row["place_id"]),
        "reach": row["first_reach"],
        "households": str(row["households"] or ""),
        "looked": "1",
    } | {name: row[name] for name in ("title", "wrong", "propose", "own_part", "topic", "spot")}
    return _show(request, Sheet(kept), row["photos"], number)  # fmt: skip


def _posted(request: Asked, number: str) -> HttpResponse:
    sheet = Sheet.of(request.POST, *FIELDS)
    draft = "draft" in request.POST
    dropped = set(request.POST.getlist("drop"))
    photos = [key for key in request.POST.getlist("photos") if key not in dropped][:6]
    for file in request.FILES.getlist("photo"):
        try:
            photos.append(_store(request, file))
        except Refused as refusal:
            sheet.wrong(refusal)
    if sheet.errors:
        return _show(request, sheet, photos, number)
    if not draft and not number and not sheet.ticked("looked") and _alike(request, sheet):
        sheet.values["looked"] = "1"
        return _show(request, sheet, photos, number)
    try:
        written = _write(request, sheet, tuple(photos), number, draft=draft)
    except Refused as refusal:
        sheet.wrong(refusal)
        if isinstance(refusal, KeyReused):
            sheet.values["key"] = uuid4().hex
        return _show(request, sheet, photos, number)
    messages.success(
        request, _("草稿已存，只有您看得到。") if draft else _("提案已公开，请邻居来附议。")
    )
    return HttpResponseRedirect(reverse("proposal", kwargs={"number": written.number}))


def _write(
    request: Asked, sheet: Sheet, photos: tuple[str, ...], number: str, *, draft: bool
) -> actions.Written:
    """One call of an action with what the form says."""
    by = request.viewer.person_id
    assert by is not None  # login_required
    now = timezone.now()
    form = actions.SmallForm(
        title=sheet["title"], wrong=sheet["wrong"], propose=sheet["propose"],
        own_part=sheet["own_part"], topic=sheet["topic"], spot=sheet["spot"],
        households=_count(sheet), place_id=where.chosen(sheet)[0], reach=sheet["reach"],
        photos=photos,
    )  # fmt: skip
    if number:
        row = queries.get(request.viewer, number, now)
        return actions.rewrite(
            proposal_id=row["id"], by=by, at=now, form=form, open_=not draft
        )  # fmt: skip
    return actions.propose(by=by, at=now, key=sheet["key"][:64] or None, form=form, draft=draft)


def _count(sheet: Sheet) -> int | None:
    count = sheet.whole("households")
    if sheet["households"] and count is None:
        raise BadInput("households", _("户数要填数字。"), todo=_("大概估一下就行。"))
    return count


def _store(request: Asked, file: "UploadedFile[bytes]") -> str:
    by = request.viewer.person_id
    assert by is not None
    return actions.upload(
        by=by, at=timezone.now(), key=uuid4().hex, data=file.read(), name=file.name or ""
    )


def _alike(request: Asked, sheet: Sheet) -> list[dict[str, object]]:
    place = sheet.whole("place")
    if not place:
        return []
    try:
        path = places.by_id(place).path
    except Refused:
        return []
    said = f"{sheet['title']}，{sheet['wrong']}"[:400]
    return queries.alike(request.viewer, said, path, timezone.now())


@require_POST
@login_required
def similar(request: Asked) -> HttpResponse:
    """Open proposals that read like what is being typed. For the page's own script."""
    sheet = Sheet.of(request.POST, "title", "wrong", "place")
    return render(request, "proposals/similar.html", {"alike": _alike(request, sheet)})


def _show(request: Asked, sheet: Sheet, photos: list[str], number: str) -> HttpResponse:
    reaches = [
        {"id": one.id, "name": one.name(words.language()), "platform": words.platform(one.id),
         "needed": rules.seconders_needed(one.id)}
        for one in rules.entries("reaches").values()
    ]  # fmt: skip
    looked = sheet.ticked("looked") and not number and request.method == "POST"
    page = {
        "sheet": sheet, "places": where.choices(request, sheet["place"]), "reaches": reaches,
        "topics": words.choices("topics"), "photos": photos, "number": number,
        "alike": _alike(request, sheet) if looked else [],
    }  # fmt: skip
    return render(request, "proposals/form.html", page, status=sheet.status)
