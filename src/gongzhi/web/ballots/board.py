"""The board of ballots: every one of them, to be looked through, downloaded and counted again."""

from functools import lru_cache
from pathlib import Path

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core.errors import Refused
from gongzhi.deliberation.ballots import queries, recount
from gongzhi.people.permissions import NOBODY
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.ballots import words
from gongzhi.web.sheet import Sheet

SIZE = 50


@require_GET
def page(request: Asked, motion_id: int) -> HttpResponse:
    """The ballots in the order of their hashes."""
    return _show(request, motion_id, Sheet())


@require_POST
@never_cache
def check(request: Asked, motion_id: int) -> HttpResponse:
    """Find one's own ballot by its receipt. Nobody need be signed in, and nothing is kept."""
    published, sheet = queries.board(motion_id), Sheet.of(request.POST, "receipt")
    found = recount.find(published, sheet["receipt"])
    if found is None:
        sheet.wrong(
            Refused(_("票榜上没有这张回执的票。"), todo=_("请核对回执码，16个字母和数字。"))
        )
        return _show(request, motion_id, sheet)
    return _show(request, motion_id, sheet, found)


def _show(
    request: Asked, motion_id: int, sheet: Sheet, mine: tuple[int, recount.Data] | None = None
) -> HttpResponse:
    published, number = queries.board(motion_id), paging.number(request)
    first = (number - 1) * SIZE
    head = published["head"]
    page = {
        "board": published, "head": head, "options": words.options(head), "w": words,
        "rows": list(enumerate(published["ballots"], 1))[first : first + SIZE],
        "pager": paging.pager(
            request, number, has_more=len(published["ballots"]) > first + SIZE
        ),
        "sheet": sheet, "mine": mine, "problems": recount.problems(published),
    }  # fmt: skip
    return render(request, "ballots/board.html", page, status=sheet.status)


@require_GET
def result(request: Asked, motion_id: int) -> HttpResponse:
    """The result alone, the same for everybody: what a thousand phones fetch in one second.

    It is a part of a page. Who follows the address by hand is led to the whole one.
    """
    if "language" not in request.GET:
        return redirect("vote", motion_id=motion_id)
    language = "en" if request.GET["language"].startswith("en") else "zh-hans"
    answer = HttpResponse(_counted(motion_id, language))
    answer["Cache-Control"] = "public, max-age=60"
    return answer


@lru_cache(maxsize=64)
def _counted(motion_id: int, language: str) -> bytes:
    """Made once in this process: what was counted never changes. NotFound before the count."""
    motion = queries.get(NOBODY, motion_id)
    with translation.override(language):
        page = {"motion": motion, "options": words.options(motion), "w": words}
        return render_to_string("ballots/result.html", page).encode()


@require_GET
def download(request: Asked, motion_id: int) -> HttpResponse:
    """The board as a file: what the recount script reads."""
    answer = JsonResponse(queries.board(motion_id), json_dumps_params={"ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="board-{motion_id}.json"'
    return answer


@require_GET
def script(request: Asked) -> HttpResponse:
    """The recount script itself: Python, nothing but its standard library."""
    text = Path(recount.__file__).read_text("utf-8")
    answer = HttpResponse(text, content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="recount.py"'
    return answer
