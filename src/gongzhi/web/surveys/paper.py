"""Paper at the desk: print numbered sheets, note what went out and came back, type them in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.people import queries as people
from gongzhi.surveys import actions, queries
from gongzhi.web.meetings import pdf
from gongzhi.web.public import qr
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import frame
from gongzhi.web.surveys import desk, questions

A_PRINT = 100  # sheets in one go: more make a browser slow


@frame.staff_only
@frame.post_only
def sheets(request: HttpRequest, round_id: int) -> HttpResponse:
    """More sheets, handed out, taken back, or paper for somebody on the roll."""
    viewer = frame.viewer(request)
    queries.for_desk(round_id, viewer)
    sheet = Sheet.of(request.POST, "do", "key", "first", "last", "n", "who", "person")
    try:
        words = _did(request, round_id, sheet)
    except Refused as refusal:
        if refusal.status in (403, 404) and not sheet["who"]:
            raise
        sheet.wrong(refusal)
        return desk.show(request, round_id, sheet)
    messages.success(request, words)
    return desk.back(round_id)


def _did(request: HttpRequest, round_id: int, sheet: Sheet) -> str:
    viewer, at, do = frame.viewer(request), frame.now(), sheet["do"]
    if do == "more":
        begins = actions.more_sheets(
            round_id=round_id, n=sheet.whole("n") or 0, viewer=viewer, at=at,
            key=sheet["key"] or None,
        )  # fmt: skip
        return _("加印了%(n)s张，从%(first)d号起。") % {"n": sheet["n"], "first": begins}
    if do == "paper":
        found = people.find(viewer=viewer, query=sheet["who"], limit=2)
        if len(found) != 1:
            raise BadInput("who", "请写全姓名，或写手机号，找到一个人才行。")
        given = actions.give_paper(
            round_id=round_id, person_id=found[0]["id"], viewer=viewer, at=at
        )
        done = _("已登记：%s领纸质问卷。") if given else _("%s已经领过纸质问卷。")
        return str(done % found[0]["name"])
    first = sheet.whole("first")
    last = sheet.whole("last") or first
    if first is None or last is None:
        raise BadInput("first", "请填从几号到几号。")
    call = actions.hand_out if do == "out" else actions.take_back
    n = call(round_id=round_id, first=first, last=last, viewer=viewer, at=at)
    return (_("登记发出%d张。") if do == "out" else _("登记收回%d张。")) % n


@frame.staff_only
def printed(request: HttpRequest, round_id: int) -> HttpResponse:
    """Sheets to print: large type, number, check and code; each on a page of its own."""
    return render(request, "surveys/print.html", _sheets(request, round_id))


@frame.staff_only
def print_pdf(request: HttpRequest, round_id: int) -> HttpResponse:
    """The same sheets as a document for whoever prints at another desk."""
    page = _sheets(request, round_id)
    if not page["sheets"]:
        raise NotFound("没有这些编号的问卷。", todo="请看问卷右上角的号码，再选从几号到几号。")
    name = _("%(title)s%(first)d-%(last)d号.pdf") % page
    return pdf.answer(request, "surveys/print_pdf.html", page, name)


def _sheets(request: HttpRequest, round_id: int) -> dict[str, Any]:
    head = queries.for_desk(round_id, frame.viewer(request))
    counts = queries.counts(round_id)
    first = max(frame.number(request, "first", 1), 1)
    last = min(frame.number(request, "last", first + 9), first + A_PRINT - 1, counts.printed)
    rows = queries.sheets(round_id, first, last)
    on_line = head["audience"] == "sheets"
    return {
        "title": head["title"], "head": head, "first": first, "last": last, "most": A_PRINT,
        "printed": counts.printed,
        "rows": questions.rows(head["instrument"], queries.rated(round_id)),
        "sheets": [(row, _picture(request, row["code"]) if on_line else "") for row in rows],
    }  # fmt: skip


def _picture(request: HttpRequest, code: str) -> Markup:
    return qr.picture(request.build_absolute_uri(reverse("survey_sheet", kwargs={"code": code})))


@frame.staff_only
def entry(request: HttpRequest, round_id: int) -> HttpResponse:
    """Type one sheet from the paper; the second person types it without seeing the first."""
    viewer = frame.viewer(request)
    head = queries.for_desk(round_id, viewer)
    rows = questions.rows(head["instrument"], queries.rated(round_id))
    sheet = Sheet.of(request.POST, "number", "check", "void")
    values = questions.kept(request.POST)
    differs: list[str] = []
    if request.method == "POST":
        try:
            done = actions.enter(
                round_id=round_id, number=sheet.whole("number") or 0, check=sheet["check"],
                viewer=viewer, at=frame.now(), typed=questions.typed(request.POST),
                void=sheet.ticked("void"),
            )  # fmt: skip
            if done.state != "differs":
                messages.success(request, _told(done.state) % {"n": sheet["number"]})
                sheet, values = Sheet(), {}
            differs = questions.named(done.differs, rows) or (
                [_("一个人录了废卷，另一个人没有。")] if done.state == "differs" else []
            )
        except Refused as refusal:
            if refusal.status in (403, 404):
                raise
            questions.wrong(sheet, refusal)
    page = {
        "title": _("录纸质问卷"), "head": head, "rows": rows, "sheet": sheet, "values": values,
        "differs": differs, "to_type": queries.to_type(round_id, viewer),
        "ends": questions.ENDS,
    }  # fmt: skip
    return render(request, "surveys/entry.html", page, status=sheet.status)


def _told(state: str) -> str:
    return {
        "first": _("第%(n)s号录了第一遍，再由另一个人录一遍。"),
        "merged": _("第%(n)s号两遍录得一样，已经算数。"),
        "void": _("第%(n)s号两遍都是废卷，已经记下。"),
    }[state]
