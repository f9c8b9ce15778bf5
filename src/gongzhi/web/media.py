"""Photos and voice notes, to those who may see the matter they belong to."""

from django.http import HttpRequest, HttpResponse


def photo(request: HttpRequest, sha256: str) -> HttpResponse:
    return HttpResponse(status=404)
