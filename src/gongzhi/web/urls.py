"""Addresses of the pages: residents, staff, the public board."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive and able to reach the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"ok": True})


urlpatterns = [path("healthz", healthz, name="healthz")]
