"""Reading proposals: what is near me, one with all that belongs to it, what became of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core import text
from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.proposals import queries, words
from gongzhi.places import queries as places
from gongzhi.web import listen, paging
from gongzhi.web.asked import Asked
from gongzhi.web.proposals import pictures
from gongzhi.web.sheet import Sheet

WEEK = 60 * 60 * 24 * 7
LISTED_STATES = ("open", "ended", "seconding", "waiting", "deliberating", "deciding", "decided",
                 "project", "done", "rated", "returned", "merged", "shelved")  # fmt: skip


@never_cache
@require_GET
def listed(request: Asked) -> HttpResponse:
    """Proposals near me: searched, filtered, sorted, by page."""
    asked = request.GET
    words_ = text.clean(request.GET.get("q", "")[:200], 200, field="q", one_line=True)[:60]
    mine = request.GET.get("mine") == "1" and request.viewer.person_id is not None
    path = request.here.path if request.here and not mine else ""
    filters = queries.Filters(
        q=words_, path=path, mine=mine, page=paging.number(request), sort=asked.get("sort", ""),
        topic=asked.get("topic", ""), state=asked.get("state", ""), reach=asked.get("reach", ""),
    )  # fmt: skip
    found = queries.list_(request.viewer, filters, timezone.now())
    page = {
        "rows": found["rows"], "f": filters,
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
        "topics": words.choices("topics"),
        "platforms": [(one, words.platform(one)) for one, _name in words.choices("reaches")],
        "states": [(code, _state(code)) for code in LISTED_STATES],
        "narrowed": bool(words_ or mine or filters.topic or filters.state or filters.reach),
    }  # fmt: skip
    return render(request, "proposals/list.html", page)


def _state(code: str) -> str:
    return {"open": _("正在进行"), "ended": _("已经了结")}.get(code) or words.state(code)


@never_cache
@require_GET
def page(request: Asked, number: str) -> HttpResponse:
    """One proposal."""
    return show(request, number)


def show(request: Asked, number: str, sheet: Sheet | None = None) -> HttpResponse:
    """The page of a proposal, with what could not be done said beside its form."""
    row = queries.get(request.viewer, number, timezone.now())
    stand = request.GET.get("stand", "all")
    said = queries.comments(
        request.viewer, row["id"], page=paging.number(request), stand=stand
    )  # fmt: skip
    project = row["project"]
    page = {
        "p": row, "said": said, "stand": stand, "sheet": sheet or Sheet({"key": uuid4().hex}),
        "pager": paging.pager(request, said["page"], has_more=said["more"]),
        "stands": list(words.STANDS.items()), "sources": words.SOURCES, "words": words,
        "money": pictures.money(project["lines"]) if project and project["lines"] else "",
        "watches": project is not None and request.viewer.person_id in {
            person["id"] for person in project["supervisors"]},
        "live": listen.address(request, f"matter:{row['matter_id']}") if row["matter_id"] else "",
    }  # fmt: skip
    return render(
        request, "proposals/page.html", page, status=sheet.status if sheet else 200
    )  # fmt: skip


@require_GET
def photo(request: Asked, number: str, key: str) -> HttpResponse:
    """A picture, to those who may see it."""
    content = queries.picture(
        request.viewer, number, key, timezone.now(), thumb=request.GET.get("small") == "1"
    )
    answer = HttpResponse(content, content_type="image/jpeg")
    answer["Cache-Control"] = f"private, max-age={WEEK}, immutable"
    return answer


@require_GET
def results(request: Asked) -> HttpResponse:
    """What became of the proposals of a year here, all of it counted from the records."""
    now = timezone.now()
    code = request.GET.get("code", "")
    path = places.id_and_path(code)[1] if code else request.here.path if request.here else "/"
    year = _year(request.GET.get("year", ""), now)
    since = datetime(year, 1, 1, tzinfo=SHANGHAI)
    until = min(datetime(year + 1, 1, 1, tzinfo=SHANGHAI), now + timedelta(seconds=1))
    found = queries.results(path, since, until)
    page: dict[str, Any] = {
        "r": found, "year": year, "years": range(now.astimezone(SHANGHAI).year, 2018, -1),
        "code": code,
        "name": places.by_code(code).name if code else request.here.name if request.here else "",
        "times": pictures.times(found["times"]) if found["times"] else "",
        "way": pictures.way(found) if found["filed"] else "",
    }  # fmt: skip
    return render(request, "proposals/results.html", page)


def _year(wanted: str, now: datetime) -> int:
    this = now.astimezone(SHANGHAI).year
    known = wanted.isascii() and wanted.isdecimal() and len(wanted) == 4
    return min(max(int(wanted), 2000), this) if known else this
