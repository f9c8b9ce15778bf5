"""公开栏: what was raised, how it was decided and done, in the open; masked, with objections."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core import text
from gongzhi.core.errors import Refused
from gongzhi.matters import sunpage
from gongzhi.matters import words as matter_words
from gongzhi.places import queries as places
from gongzhi.publications import actions, queries
from gongzhi.publications.models import Publication
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.sheet import Sheet


@require_GET
def page(request: Asked, code: str = "") -> HttpResponse:
    """The board of one place, or of the visitor's own community, or of everywhere."""
    place = places.by_code(code) if code else None
    path = place.path if place else request.here.path if request.here else "/"
    words = text.clean(request.GET.get("q", ""), 60, field="q", one_line=True)
    old = request.GET.get("old") == "1"
    found = queries.board(
        request.viewer, timezone.now(), place_path=path, words=words, current=not old,
        page=paging.number(request),
    )  # fmt: skip
    page = {
        "rows": found["rows"],
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
        "name": place.name if place else request.here.name if request.here else "",
        "q": words,
        "old": old,
    }
    return render(request, "public/board.html", page)


def publication(request: Asked, item: int, sheet: Sheet | None = None) -> HttpResponse:
    """One item as it hangs on the board."""
    shown = queries.item(request.viewer, item, timezone.now())
    if shown["subject"] == "matter":
        shown["body"] = sunpage.read_in(shown["body"], matter_words.language())
    shown["audience_word"] = Publication.Audience(shown["audience"]).label
    page = {"item": shown, "sheet": sheet or Sheet()}
    return render(request, "public/publication.html", page, status=sheet.status if sheet else 200)


@require_POST
@login_required
def object_to(request: Asked, item: int) -> HttpResponse:
    """Object to what is published; the objection and its answer are published too."""
    sheet = Sheet.of(request.POST, "text")
    try:
        actions.object_to(
            publication_id=item, viewer=request.viewer, at=timezone.now(), words=sheet["text"]
        )
    except Refused as refusal:
        if refusal.status == 404:
            raise
        sheet.wrong(refusal)
        return publication(request, item, sheet)
    messages.success(request, _("已收到您的异议。答复会写在这一页上，名字不公开。"))
    return HttpResponseRedirect(reverse("publication", kwargs={"item": item}) + "#objections")
