"""What every channel brought in a month, for everybody: counts of channels, never of persons."""

from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gongzhi.channels import figures
from gongzhi.channels.models import Channel
from gongzhi.core.clock import SHANGHAI
from gongzhi.matters import words as matter_words
from gongzhi.places import queries as places
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.channels.minutes import IN_WORDS

BACK = 12  # months one can look back


@require_GET
def page(request: Asked, code: str = "") -> HttpResponse:
    """The channels of one place, or of the visitor's own community, or of everywhere."""
    place = places.by_code(code) if code else None
    path = place.path if place else request.here.path if request.here else "/"
    name = place.name if place else request.here.name if request.here else ""
    now = timezone.now()
    months = back(now)
    start = chosen(request.GET.get("month", ""), months)
    end = after(start)
    found = figures.by_channel(path, start, end, page=paging.number(request))
    for row in found["rows"]:
        row["kind_word"] = Channel.Kind(row["kind"]).label
        row["soon"] = IN_WORDS[row["answer_minutes"]]
    whole = figures.month(path, start, end, at=now)
    for line in whole["by_category"]:
        line["name"] = matter_words.category(line["category"]) or _("未分类")
        line["days"] = line["oldest"].days if line["oldest"] else None
    context = {
        "rows": found["rows"], "name": name, "months": months, "month": start, "whole": whole,
        "code": code, "pager": paging.pager(request, found["page"], has_more=found["more"]),
    }  # fmt: skip
    return render(request, "channels/months.html", context)


def back(now: datetime) -> list[datetime]:
    """The first moments of this month and of those before it, the newest first."""
    first = now.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [first]
    while len(found) <= BACK:
        last = found[-1]
        year, month = (last.year, last.month - 1) if last.month > 1 else (last.year - 1, 12)
        found.append(last.replace(year=year, month=month))
    return found


def chosen(wanted: str, months: list[datetime]) -> datetime:
    """The month asked for, "2026-11"; anything else is this one."""
    return next((m for m in months if f"{m:%Y-%m}" == wanted), months[0])


def after(start: datetime) -> datetime:
    """The first moment of the month after."""
    day = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return datetime(day.year, day.month, 1, tzinfo=SHANGHAI)
