"""Every address of the system. Doors own their own lists."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("gongzhi.api.urls")),
    path("open311/", include("gongzhi.api.open311_urls")),
    path("", include("gongzhi.web.urls")),
]
handler400 = "gongzhi.web.errors.bad_request"
handler403 = "gongzhi.web.errors.not_allowed"
handler404 = "gongzhi.web.errors.not_found"
handler500 = "gongzhi.web.errors.broken"
