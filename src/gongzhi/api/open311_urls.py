"""Addresses of Open311 GeoReport v2, as the standard fixes them."""

from django.urls import re_path

from gongzhi.api.open311 import views as v

_FMT = r"\.(?P<fmt>xml|json)$"
_ID = r"[^/]{1,200}?"

urlpatterns = [
    re_path(rf"^(?:v2/)?discovery{_FMT}", v.discovery, name="open311-discovery"),
    re_path(rf"^v2/services{_FMT}", v.service_list, name="open311-services"),
    re_path(rf"^v2/services/(?P<code>{_ID}){_FMT}", v.service_definition, name="open311-service"),
    re_path(rf"^v2/requests{_FMT}", v.request_list, name="open311-requests"),
    re_path(rf"^v2/requests/(?P<number>{_ID}){_FMT}", v.one_request, name="open311-request"),
    re_path(rf"^v2/tokens/(?P<token>{_ID}){_FMT}", v.one_token, name="open311-token"),
]
