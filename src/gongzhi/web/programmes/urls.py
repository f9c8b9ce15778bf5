"""Addresses: the phases of a community, and stations with their rosters (case 2)."""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.programmes import desk, open_pages, rosters

urlpatterns: list[URLPattern | URLResolver] = [
    path("programmes", open_pages.here, name="programmes"),
    path("programmes/<str:code>", open_pages.programme, name="programme"),
    path("stations/<int:station_id>", open_pages.station, name="station"),
    path("programmes/evidence/<int:evidence_id>", open_pages.photo, name="evidence_photo"),
    path("staff/programmes", desk.listed, name="programme_desk"),
    path("staff/programmes/<int:place_id>", desk.programme, name="programme_keep"),
    path("staff/programmes/<int:place_id>/stations", rosters.new, name="station_new"),
    path("staff/stations/<int:station_id>", rosters.roster, name="roster"),
]
