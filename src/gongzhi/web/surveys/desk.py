"""The desk's list of questionnaires, one round with its sheets, its end and its count."""

import io
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gongzhi.core.errors import Refused
from gongzhi.core.tables.write import write_xlsx
from gongzhi.people.roles import Permission
from gongzhi.surveys import actions, permissions, queries, rules
from gongzhi.surveys.models import Round
from gongzhi.web import paging
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import frame
from gongzhi.web.surveys import questions

HEADERS = ("题目", "评谁", "哪些人", "选项", "人数", "共", "占%", "区间下限%", "区间上限%")


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """Rounds that run, then questionnaires; those that rate the reader are not there."""
    viewer, number = frame.viewer(request), min(max(frame.number(request, "page", 1), 1), 500)
    found = queries.desk(viewer, number)
    page = found | {
        "title": _("问卷和评议"), "states": dict(Round.State.choices),
        "may_build": bool(viewer.posts_with(Permission.PUBLISH, "publication")),
        "pager": paging.Pager(number, found["more"], ""),
    }  # fmt: skip
    return render(request, "surveys/desk.html", page)


@frame.staff_only
def round_page(request: HttpRequest, round_id: int) -> HttpResponse:
    """Counts of sheets, what is left to do, the next button; never an answer before the count."""
    return show(request, round_id, Sheet())


def show(
    request: HttpRequest,
    round_id: int,
    sheet: Sheet,
    said: list[tuple[str, list[str]]] | None = None,
) -> HttpResponse:
    """The page of a round, with what went wrong on it."""
    viewer = frame.viewer(request)
    head = queries.for_desk(round_id, viewer)
    ends = viewer.person_id in head["ends"] or permissions.supervises(viewer, head["place_id"])
    page: dict[str, Any] = {
        "title": head["title"], "head": head, "counts": queries.counts(round_id), "sheet": sheet,
        "rated": queries.rated(round_id), "to_type": queries.to_type(round_id, viewer),
        "states": dict(Round.State.choices), "ends": ends, "said": said,
        "supervises": permissions.supervises(viewer, head["place_id"]),
        "verdicts": queries.verdicts(round_id) if head["state"] == "counted" else [],
        "article": rules.article(head["code"]),
    }  # fmt: skip
    return render(request, "surveys/round.html", page, status=sheet.status)


@frame.staff_only
@frame.post_only
def end(request: HttpRequest, round_id: int) -> HttpResponse:
    """Close it, or count it: the chair or the supervision committee."""
    viewer, sheet = frame.viewer(request), Sheet()
    queries.for_desk(round_id, viewer)
    try:
        if request.POST.get("do") == "count":
            actions.count_round(round_id=round_id, viewer=viewer, at=frame.now())
            messages.success(request, _("已经计票。汇总结果现在大家都能看。"))
        else:
            actions.close_round(round_id=round_id, viewer=viewer, at=frame.now())
            messages.success(request, _("已经截止，不再收新的答卷。"))
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        questions.wrong(sheet, refusal)
        return show(request, round_id, sheet)
    return back(round_id)


@frame.staff_only
def table(request: HttpRequest, round_id: int) -> HttpResponse:
    """The totals as a spreadsheet; there is no file of single answers."""
    viewer = frame.viewer(request)
    head = queries.for_desk(round_id, viewer)
    found = queries.result(round_id, viewer)
    counts, out = found["counts"], io.BytesIO()
    note = _("发出%(a)d份，收回%(b)d份，有效%(c)d份，废卷%(d)d份。不到5人的不显示。") % {
        "a": counts.handed, "b": counts.returned, "c": counts.valid, "d": counts.void,
    }  # fmt: skip
    write_xlsx(
        out, [_(h) for h in HEADERS], queries.table(found["questions"]), sheet=_("汇总"),
        note=note, who=viewer.name, when=frame.now(),
    )  # fmt: skip
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(out.getvalue(), content_type=kind)
    answer["Content-Disposition"] = frame.attachment(f"{head['title']}.xlsx")
    return answer


@frame.staff_only
@frame.post_only
def words(request: HttpRequest, round_id: int) -> HttpResponse:
    """What people wrote, for the supervision committee, once a purpose is written down."""
    viewer, sheet = frame.viewer(request), Sheet.of(request.POST, "purpose")
    queries.for_desk(round_id, viewer)
    said = None
    try:
        said = queries.raw(
            round_id=round_id, viewer=viewer, purpose=sheet["purpose"], at=frame.now()
        )
    except Refused as refusal:
        if refusal.status == 403:
            raise
        sheet.wrong(refusal)
    return show(request, round_id, sheet, said)


def back(round_id: int) -> HttpResponse:
    """To the page of the round."""
    return HttpResponseRedirect(reverse("survey_round", kwargs={"round_id": round_id}))
