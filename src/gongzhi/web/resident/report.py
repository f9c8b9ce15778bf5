"""报一件事: one page, one big text field; everything else may be left as it is."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, Refused
from gongzhi.matters import actions, queries
from gongzhi.matters.models import Attachment, Source
from gongzhi.matters.suggest import taxonomy
from gongzhi.people.models import Person
from gongzhi.places import queries as map_layers
from gongzhi.web import here, modes
from gongzhi.web.asked import Asked
from gongzhi.web.resident import places
from gongzhi.web.sheet import Sheet

FIELDS = ("key", "body", "category", "place", "where", "lon", "lat", "whose", "named", "sensitive")
SIMILAR_AFTER = 8  # characters


def scan(request: Asked, token: str) -> HttpResponse:
    """The code on a building was scanned: the report page already knows where."""
    place = places.scanned(token)
    answer = HttpResponseRedirect(f"{reverse('report')}?place={place.pk}")
    community = places.community(place)
    return modes.remember(answer, here.COOKIE, str(community.pk)) if community else answer


@never_cache
@login_required
def page(request: Asked) -> HttpResponse:
    """The form; on POST the matter is raised, or the form comes back with all that was typed."""
    if request.method != "POST":
        wanted = request.GET.get("place", "")
        choices = places.choices(request, wanted)
        first = choices[0].value if choices else ""
        return _show(request, Sheet({"key": uuid4().hex, "place": first}), [])
    sheet = Sheet.of(request.POST, *FIELDS)
    uploads = _kept(request)
    for kind, file in _files(request):  # all of them: a bad one must not lose those after it
        try:
            uploads.append(_store(request, uuid4().hex, file, kind))
        except Refused as refusal:
            sheet.wrong(refusal)
    if sheet.errors:
        return _show(request, sheet, uploads)
    try:
        raised = _raise(request, sheet, tuple(uploads))
    except Refused as refusal:
        sheet.wrong(refusal)
        if isinstance(refusal, KeyReused):
            sheet.values["key"] = uuid4().hex
        return _show(request, sheet, uploads)
    return HttpResponseRedirect(reverse("report_done", kwargs={"number": raised.number}))


@require_GET
@login_required
def done(request: Asked, number: str) -> HttpResponse:
    """The number, and what happens next."""
    matter = queries.get(request.viewer, number, timezone.now())
    return render(request, "resident/report_done.html", {"matter": matter})


@require_POST
@login_required
def photo(request: Asked) -> HttpResponse:
    """One photo or voice note, stored before the matter exists. For the page's own script."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise BadInput("photos", "没有收到照片。", todo="请重新选一张。")
    key = f"{request.POST.get('key', '')[:40]}-{request.POST.get('n', '')[:8]}"
    stored = _store(request, key, file)
    return JsonResponse({"key": stored, "url": reverse("upload", kwargs={"key": stored})})


@require_GET
@login_required
def upload(request: Asked, key: str) -> HttpResponse:
    """A photo not yet part of a matter, to the one who took it."""
    found = Attachment.objects.filter(key=key, matter=None, by_id=request.viewer.person_id).first()
    if found is None:
        return HttpResponse(status=404)
    answer = HttpResponse(bytes(found.thumb or found.content), content_type=found.mime)
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


@require_POST
@login_required
def similar(request: Asked) -> HttpResponse:
    """What neighbours have reported that reads like this, and what kind of matter it may be."""
    sheet = Sheet.of(request.POST, "body", "place", "category")
    text, place = sheet["body"][:2000], sheet.whole("place")
    if len(text) < SIMILAR_AFTER:
        return HttpResponse("")
    rows = queries.similar(text, place, request.viewer, timezone.now()) if place else []
    kinds = queries.category_suggestions(text)
    page = {
        "rows": rows,
        "guesses": [] if sheet["category"] else _guesses(kinds["suggestions"]),
        "divert": kinds["divert"],
    }
    return render(request, "resident/similar.html", page)


@require_GET
@login_required
def grids(request: Asked) -> HttpResponse:
    """The grids of his community as GeoJSON, for the map of the report page."""
    path = request.here.path if request.here else ""
    nothing: dict[str, object] = {"type": "FeatureCollection", "features": []}
    answer = JsonResponse(map_layers.layer("grid", path) if path else nothing)
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def _guesses(found: list[dict[str, Any]]) -> list[dict[str, object]]:
    """Classes the words speak for, each with the words that say so."""
    why: dict[str, list[str]] = {}
    for guess in found:
        why.setdefault(taxonomy.class_of(guess["code"]), guess["why"])
    names = {item.code: item.name(_language()) for item in taxonomy.classes()}
    return [{"code": code, "name": names[code], "why": said} for code, said in why.items()]


def _raise(request: Asked, sheet: Sheet, uploads: tuple[str, ...]) -> actions.Raised:
    """One call of the action with what the form says."""
    place, lon, lat = places.chosen(sheet)
    whose = sheet.whole("whose") if sheet["whose"] else None
    if whose is not None and whose not in request.viewer.acts_for:
        raise NotAllowed("您还不能替这位家人办事。", todo="请先在“我的资料”里添加代办。")
    return actions.raise_matter(
        by=request.viewer.person_id,
        at=timezone.now(),
        key=sheet["key"][:64] or None,
        body=sheet["body"],
        place_id=place,
        source=Source.PHONE_PAGE,
        raised_by=whose,
        category=sheet["category"],
        where=sheet["where"],
        lon=lon,
        lat=lat,
        anonymous=not sheet.ticked("named"),
        sensitive=sheet.ticked("sensitive"),
        uploads=uploads,
    )


def _kept(request: Asked) -> list[str]:
    """Uploads of an earlier try, without those he ticked off."""
    dropped = set(request.POST.getlist("drop"))
    kept = dict.fromkeys(request.POST.getlist("uploads"))
    return [key for key in kept if key not in dropped and len(key) <= 80][:12]


def _files(request: Asked) -> "list[tuple[str, UploadedFile[bytes]]]":
    """Files that came with the form itself: voice notes, and photos of a browser without script."""
    return [
        ("voice" if name == "voice" else "photo", file)
        for name in ("camera", "album", "voice")
        for file in request.FILES.getlist(name)
    ]


def _store(request: Asked, key: str, file: "UploadedFile[bytes]", kind: str = "photo") -> str:
    stored = actions.upload(
        by=request.viewer.person_id,
        at=timezone.now(),
        key=key,
        data=file.read(),
        name=file.name or "",
        kind=kind,
    )
    return stored.key


def _show(request: Asked, sheet: Sheet, uploads: list[str]) -> HttpResponse:
    language = _language()
    own = Attachment.objects.filter(key__in=uploads, by_id=request.viewer.person_id)
    page = {
        "sheet": sheet,
        "places": places.choices(request, sheet["place"]),
        "classes": [(item.code, item.name(language)) for item in taxonomy.classes()],
        "family": list(
            Person.objects.filter(pk__in=request.viewer.acts_for).values_list("id", "name")
        ),
        "uploads": list(own.values("key", "kind")),
    }
    return render(request, "resident/report.html", page, status=sheet.status)


def _language() -> str:
    return translation.get_language() or "zh-hans"
