"""Help, and the way on paper: what a phone can do can be done without one (rules.md R11)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET

from gongzhi.matters.suggest import taxonomy
from gongzhi.web.asked import Asked


@require_GET
def page(request: Asked) -> HttpResponse:
    """How to do it by phone, at the counter, on paper, through the family."""
    return render(request, "resident/help.html", {})


@require_GET
def paper(request: Asked) -> HttpResponse:
    """A form to print and fill in by hand; staff type it in word for word."""
    language = translation.get_language() or "zh-hans"
    classes = [item.name(language) for item in taxonomy.classes()]
    return render(request, "resident/paper.html", {"classes": classes})
