"""The first page: one big thing to do, what I reported, what is published here."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from gongzhi.people import notes
from gongzhi.publications import queries as board
from gongzhi.web.asked import Asked
from gongzhi.web.resident import matter, wanted

MINE, NOTICES = 3, 3


@never_cache
def page(request: Asked) -> HttpResponse:
    """For everybody, signed in or not."""
    at = timezone.now()
    mine = matter.listed(request, MINE + 1) if request.account else []
    path = request.here.path if request.here else None
    notices = board.board(request.viewer, at, place_path=path, size=NOTICES)["rows"] if path else []
    unread = notes.unread(request.viewer.person_id) if request.viewer.person_id else 0
    page = {
        "mine": mine[:MINE], "more": len(mine) > MINE, "notices": notices, "unread": unread,
        "wanted": wanted.cards(request.viewer, at),
    }  # fmt: skip
    return render(request, "resident/home.html", page)
