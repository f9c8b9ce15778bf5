"""Answering: on the phone by name on the roll, or by the code of a sheet; and reading results."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core import text
from gongzhi.core.errors import NotFound, Refused
from gongzhi.surveys import actions, permissions, queries, rules
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.sheet import Sheet
from gongzhi.web.surveys import questions


@never_cache
@require_GET
def listed(request: Asked) -> HttpResponse:
    """What I am asked, what I answered, and what came of it here."""
    number = paging.number(request)
    found: dict[str, Any] = {"rows": [], "more": False}
    if request.here:
        found = queries.results(request.here.path, number)
    page = {
        "mine": queries.mine(request.viewer, timezone.now()) if number == 1 else [],
        "results": found["rows"],
        "pager": paging.pager(request, number, has_more=found["more"]),
    }
    return render(request, "surveys/listed.html", page)


@never_cache
@login_required
def on_the_roll(request: Asked, round_id: int) -> HttpResponse:
    """The questionnaire for somebody on the roll; answered, it is the receipt."""
    head = queries.head(round_id)
    permissions.keep_out(round_id, request.viewer)
    mark = queries.mark(round_id, request.viewer.person_id)
    if mark is None:
        raise NotFound("没有找到这份问卷，或者您不在答卷的名单上。")
    sheet = Sheet()
    if request.method == "POST":
        try:
            actions.answer(
                round_id=round_id, viewer=request.viewer, at=timezone.now(),
                typed=questions.typed(request.POST),
            )  # fmt: skip
            return HttpResponseRedirect(request.path)
        except Refused as refusal:
            questions.wrong(sheet, refusal)
    if mark["how"]:
        return _receipt(request, head, on=mark["on"], how=mark["how"])
    return _form(request, head, sheet)


@never_cache
def with_sheet(request: Asked, code: str) -> HttpResponse:
    """The questionnaire for whoever holds the sheet with this code; nobody signs in."""
    found = queries.sheet_by_code(code[:12])
    head = queries.head(found["round_id"])
    permissions.keep_out(found["round_id"], request.viewer)
    sheet = Sheet()
    if request.method == "POST":
        try:
            actions.answer_sheet(code=code, at=timezone.now(), typed=questions.typed(request.POST))
            return HttpResponseRedirect(request.path)
        except Refused as refusal:
            questions.wrong(sheet, refusal)
    if found["state"] in ("returned", "valid", "void"):
        return _receipt(request, head, number=found["number"])
    return _form(request, head, sheet, number=found["number"])


@require_GET
def find(request: Asked) -> HttpResponse:
    """The code as typed from paper, led to its page."""
    code = "".join(text.clean(request.GET.get("code", ""), 20, one_line=True).split()).upper()
    if not code or not set(code) <= set(rules.CODE_SIGNS):
        raise NotFound("没有这个编号的问卷。", todo="请照纸上的字再输一遍。")
    return HttpResponseRedirect(reverse("survey_sheet", kwargs={"code": code}))


@require_GET
def result(request: Asked, round_id: int) -> HttpResponse:
    """What came of it: totals for everybody, small groups hidden; sealed until the count."""
    head = queries.head(round_id)
    try:
        found = queries.result(round_id, request.viewer)
    except queries.Sealed as sealed:
        page: dict[str, Any] = {"head": head, "sealed": sealed}
        return render(request, "surveys/sealed.html", page, status=sealed.status)
    appraised = queries.verdicts(round_id) if head["kind"] == "appraisal" else []
    page = found | {"verdicts": appraised, "article": rules.article(head["code"])}
    return render(request, "surveys/result.html", page)


def _form(
    request: Asked, head: dict[str, Any], sheet: Sheet, number: int | None = None
) -> HttpResponse:
    over = head["state"] != "open" or head["closes_at"] < timezone.now()
    page = {
        "head": head, "sheet": sheet, "number": number, "over": over and not sheet.errors,
        "rows": questions.rows(head["instrument"], queries.rated(head["id"])),
        "values": questions.kept(request.POST), "ends": questions.ENDS,
    }  # fmt: skip
    return render(request, "surveys/form.html", page, status=sheet.status)


def _receipt(request: Asked, head: dict[str, Any], **more: Any) -> HttpResponse:
    return render(request, "surveys/receipt.html", {"head": head} | more)
