"""The methods of GeoReport v2."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from gongzhi.api.open311 import arguments, intake, requests, services
from gongzhi.api.open311.door import door, jurisdiction, viewer
from gongzhi.api.open311.formats import TYPES, Value, answer
from gongzhi.core.errors import BadInput, NotFound

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def _discovery(request: HttpRequest, fmt: str) -> HttpResponse:
    url = request.build_absolute_uri(reverse("open311-services", args=["xml"]))
    endpoint: Value = {
        "specification": SPECIFICATION,
        "url": url.rsplit("/", 1)[0],
        "changeset": services.CHANGESET,
        "type": "production",
        "formats": [kind.partition(";")[0] for kind in TYPES.values()],
    }
    found: Value = {
        "changeset": services.CHANGESET,
        "contact": "请联系本县（区）治理平台的系统管理员。",
        "key_service": "接口令牌（api_key）由安全管理员发放，须带 open311 权限。",
        "endpoints": [endpoint],
    }
    return answer(fmt, "discovery", found)


def _services(request: HttpRequest, fmt: str) -> HttpResponse:
    jurisdiction(request)
    return answer(fmt, "services", services.listed())


def _service(request: HttpRequest, fmt: str, code: str) -> HttpResponse:
    jurisdiction(request)
    return answer(fmt, "service_definition", services.definition(code))


def _requests(request: HttpRequest, fmt: str) -> HttpResponse:
    given = {name: str(request.GET[name]) for name in request.GET}
    asked = arguments.query(given, timezone.now())
    found = requests.found(
        asked,
        viewer(request),
        within=jurisdiction(request),
        base=request.build_absolute_uri("/"),
        extensions=given.get("extensions", "").lower() in {"true", "1"},
    )
    return answer(fmt, "service_requests", found)


def _request(request: HttpRequest, fmt: str, number: str) -> HttpResponse:
    found = requests.found(
        arguments.query({"service_request_id": number}, timezone.now()),
        viewer(request),
        within=jurisdiction(request),
        base=request.build_absolute_uri("/"),
        extensions=request.GET.get("extensions", "").lower() in {"true", "1"},
    )
    if not found:
        raise NotFound(f"没有这件事：service_request_id {number[:40]}")
    return answer(fmt, "service_requests", found)


def _post(request: HttpRequest, fmt: str) -> HttpResponse:
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise BadInput("", "请用 application/x-www-form-urlencoded 提交。")
    by = viewer(request, needed=True)
    jurisdiction(request)
    given = {name: str(request.POST[name]) for name in request.POST}
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")[:60]
    number, notice = intake.take(given, by=by, at=timezone.now(), key=key or None)
    made = {
        "service_request_id": number,
        "service_notice": notice,
        "account_id": given.get("account_id", "")[:60] or None,
    }
    return answer(fmt, "service_requests", [made], status=201)


def _token(request: HttpRequest, fmt: str, token: str) -> HttpResponse:
    """Numbers are given at once, so a number is its own token."""
    jurisdiction(request)
    found = requests.exists(token)
    if not found:
        raise NotFound(f"没有这个凭据：token {token[:40]}")
    return answer(fmt, "service_requests", [{"service_request_id": token, "token": token}])


discovery = door(GET=_discovery)
service_list = door(GET=_services)
service_definition = door(GET=_service)
request_list = door(GET=_requests, POST=_post)
one_request = door(GET=_request)
one_token = door(GET=_token)
