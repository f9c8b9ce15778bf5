"""The desk of a programme: adopt, show and check evidence, ask for a review, write it down."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.deliberation.programmes import actions, permissions, queries, stations
from gongzhi.deliberation.programmes.definition import parse, shipped
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.web.programmes.open_pages import WORDS
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import frame

FIELDS = ("do", "definition", "criterion", "words", "evidence", "accepted", "reason", "review",
          "held_on", "members", "present", "votes_for", "against", "abstain", "minutes",
          "motion")  # fmt: skip
COUNTED = ("members", "present", "votes_for", "against", "abstain")


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """Villages of mine and the phase each is in; in the order of their codes, never ranked."""
    viewer = frame.viewer(request)
    rows = queries.desk([p.place_path for p in viewer.posts])
    names = {
        p.key: p.name.said(translation.get_language() or "zh")
        for source in shipped().values()
        for p in parse(source).phase
    }
    page = {"title": _("社区规划和驿站"), "rows": rows[:100], "names": names,
            "keeps": permissions.keeps}  # fmt: skip
    return render(request, "programmes/desk.html", page)


@frame.staff_only
def programme(request: HttpRequest, place_id: int) -> HttpResponse:
    """One place: everything that can be done about its programme, on one page."""
    viewer, place = frame.viewer(request), places.by_id(place_id)
    if not permissions.keeps(viewer, place.path):
        raise NotFound("这里的规划不归您管。")
    sheet = Sheet.of(request.POST, *FIELDS)
    if request.method == "POST":
        try:
            messages.success(request, _did(request, place_id, sheet, viewer))
            return HttpResponseRedirect(request.path)
        except Refused as refusal:
            sheet.wrong(refusal)
    language = translation.get_language() or "zh"
    page = {
        "title": _("社区规划：%s") % place.name, "place": place, "sheet": sheet, "words": WORDS,
        "it": queries.of_place(place_id, frame.now(), language),
        "offered": [(key, parse(s).name.said(language)) for key, s in shipped().items()],
        "stations": stations.at_place(place.path), "me": viewer.person_id,
    }  # fmt: skip
    return render(request, "programmes/keep.html", page, status=sheet.status)


def _did(request: HttpRequest, place_id: int, sheet: Sheet, viewer: Viewer) -> str:
    at, do = frame.now(), sheet["do"]
    who: dict[str, Any] = {"viewer": viewer, "at": at}
    if do == "adopt":
        actions.adopt(place_id=place_id, key=sheet["definition"], **who)
        return _("已经开始第一步。")
    it = queries.of_place(place_id, at)
    if it is None:
        raise Refused("这里还没有社区规划。", todo="请先选一份，从今天起走第一步。")
    if do == "evidence":
        actions.show_evidence(
            programme_id=it["id"], criterion=sheet["criterion"], words=sheet["words"],
            photo=_photo(request), **who,
        )  # fmt: skip
        return _("材料交好了，等另一个人核。")
    if do == "check":
        actions.check_evidence(
            evidence_id=sheet.whole("evidence") or 0, accepted=sheet["accepted"] == "yes",
            reason=sheet["reason"], **who,
        )  # fmt: skip
        return _("核好了。")
    if do == "ask":
        actions.request_review(programme_id=it["id"], **who)
        return _("已经提请代表会议评审，当时的数字一并记下。")
    return _recorded(sheet, who)


def _recorded(sheet: Sheet, who: dict[str, Any]) -> str:
    motion = sheet.whole("motion")
    verdict = actions.record_review(
        review_id=sheet.whole("review") or 0, motion_id=motion, minutes=sheet["minutes"],
        held=None if motion else _held(sheet), **who,
    )  # fmt: skip
    return {
        "pass": _("评审通过，从今天起进入下一步。"),
        "fail": _("评审没有通过，还在这一步。"),
        "no_decision": _("到会人数不够，没有作出决定，还在这一步。"),
    }[verdict]


def _held(sheet: Sheet) -> actions.Held:
    try:
        on = date.fromisoformat(sheet["held_on"])
    except ValueError as wrong:
        raise BadInput("held_on", "请选开会的日子。") from wrong
    numbers = [sheet.whole(name) for name in COUNTED]
    for name, number in zip(COUNTED, numbers, strict=True):
        if number is None or not 0 <= number < 100_000:
            raise BadInput(name, "请填人数。")
    return actions.Held(on, *(number or 0 for number in numbers))


def _photo(request: HttpRequest) -> bytes | None:
    file = request.FILES.get("photo")
    return file.read() if isinstance(file, UploadedFile) else None
