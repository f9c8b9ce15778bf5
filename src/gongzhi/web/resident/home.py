"""The first page: one big thing to do, what I reported, what is published here."""

from django.http import HttpResponse
from django.shortcuts import render

from gongzhi.web.asked import Asked


def page(request: Asked) -> HttpResponse:
    """For everybody, signed in or not."""
    return render(request, "resident/home.html", {})
