"""What came of it: a picture people understand, the sentences, the numbers, the open file."""

import csv
import io
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core.errors import Refused
from gongzhi.deliberation.rounds import queries, rules
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.rounds import picture
from gongzhi.web.rounds.taking_part import known, shows
from gongzhi.web.staff import frame

SIZE = 20
SCORES = ("group_aware", "bridging")


class NotYet(Refused):
    """先对几条观点表态，再看大家的看法。"""

    code = "say_first"
    status = 403


@never_cache
@require_GET
@known
def result(request: Asked, round_id: int) -> HttpResponse:
    """The picture, what all say, what sets the groups apart, and every number beside it."""
    head = queries.head(round_id, request.viewer, timezone.now())
    if not shows(request, head):
        raise NotYet(todo="这样您的看法不受别人影响。")
    held = queries.picture(round_id)
    found = held["result"] if held else None
    page: dict[str, Any] = {"head": head, "held": held, "found": found, "fewest": rules.FEWEST}
    if found and not found.get("too_few"):
        number = paging.number(request)
        by = request.GET.get("by", "")
        by = by if by in SCORES else SCORES[0]
        rows = _ranked(found["scores"], by)
        page |= {
            "svg": picture.draw(found["clouds"], found["sizes"]), "by": by,
            "rows": rows[(number - 1) * SIZE : number * SIZE], "page_number": number,
            "pager": paging.pager(request, number, has_more=len(rows) > number * SIZE),
            "letters": picture.LETTERS, "colours": picture.COLOURS,
        }  # fmt: skip
    return render(request, "rounds/result.html", page)


@require_GET
@known
def matrix(request: Asked, round_id: int) -> HttpResponse:
    """The open file of a closed round: `gongzhi opinion` reads it and finds the same groups."""
    head = queries.head(round_id, request.viewer, timezone.now())
    held = queries.matrix(round_id)
    out, texts = set(held["out"]), held["texts"]
    lines = io.StringIO()
    table = csv.writer(lines)
    table.writerow(["voter", "statement", "vote", "moderated", "text"])
    for row in held["rows"]:
        for name, mark in zip(held["statements"], row[1:], strict=True):
            if mark is not None:
                table.writerow([row[0], name, mark, -1 if name in out else 1, _plain(texts[name])])
    answer = HttpResponse("\ufeff" + lines.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = frame.attachment(f"{head['question']}.csv")
    return answer


def _plain(words: str) -> str:
    """A sentence that begins like a formula is only a sentence, also in a spreadsheet."""
    return "'" + words if words[:1] in "=+-@\t" else words


def _ranked(scores: dict[str, Any], by: str) -> list[dict[str, Any]]:
    rows = [
        row | {"number": number} for number, row in scores.items() if row["bridging"] is not None
    ]
    return sorted(rows, key=lambda row: (-row[by], int(row["number"])))
