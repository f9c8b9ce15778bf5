"""Addresses of the pages: residents, staff, the public board."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, include, path

from gongzhi.web import media, modes, sign_in
from gongzhi.web.public import urls as public
from gongzhi.web.resident import urls as resident


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive and able to reach the database."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"ok": True})


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("sign-in", sign_in.page, name="sign_in"),
    path("sign-in/code", sign_in.code, name="sign_in_code"),
    path("sign-in/phone", sign_in.phone, name="sign_in_phone"),
    path("sign-in/password", sign_in.password, name="sign_in_password"),
    path("sign-in/demo", sign_in.demo, name="sign_in_demo"),
    path("invite/<str:token>", sign_in.invite, name="invite"),
    path("sign-out", sign_in.leave, name="sign_out"),
    path("elder", modes.elder, name="elder"),
    path("language", modes.language, name="language"),
    path("media/<str:sha256>", media.photo, name="media"),
    *resident.urlpatterns,
    *public.urlpatterns,
    path("staff/", include("gongzhi.web.staff.urls")),
]
# Subjects with pages for residents, staff and the public alike: each owns its addresses.
SUBJECTS = (
    "meetings", "ballots", "rounds", "budgets", "surveys", "proposals", "programmes", "points",
    "mall", "log", "channels", "ledger",
)  # fmt: skip
urlpatterns += [path("", include(f"gongzhi.web.{subject}.urls")) for subject in SUBJECTS]
