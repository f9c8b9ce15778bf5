"""Every GeoReport call comes and goes here: format, jurisdiction, key, and errors as specified.

HTTP says 404 for what does not exist, 403 for the key, 400 for everything else; the code in the
body may be finer.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from gongzhi.api import keys, refusals
from gongzhi.api.open311 import formats
from gongzhi.core.errors import NotAllowed, NotFound, Refused, WrongMethod
from gongzhi.core.spoken import spoken
from gongzhi.people.permissions import NOBODY, Viewer
from gongzhi.places import queries as places

SCOPE = "open311"
Door = Callable[..., HttpResponse]


def door(**methods: Door) -> Door:
    """A view that answers each named method; the views get (request, fmt, …)."""

    @csrf_exempt  # a call carries its key, never a session
    @wraps(next(iter(methods.values())))
    def answer(request: HttpRequest, fmt: str, **given: str) -> HttpResponse:
        view = methods.get(request.method or "")
        try:
            if view is None:
                raise WrongMethod
            return view(request, fmt, **given)
        except Exception as exception:
            refusal = refusals.of(exception)
            if refusal is None:
                raise
            return error(fmt, refusal)

    return answer


def error(fmt: str, refusal: Refused) -> HttpResponse:
    """The refusal as the standard writes errors."""
    description = " ".join(filter(None, (spoken(refusal.words), spoken(refusal.todo))))
    status = _status(refusal)
    code = status if status != 400 or refusal.status == 422 else refusal.status
    return formats.answer(fmt, "errors", [{"code": code, "description": description}], status)


def _status(refusal: Refused) -> int:
    if isinstance(refusal, NotFound):
        return 404
    return 403 if isinstance(refusal, NotAllowed) else 400


def viewer(request: HttpRequest, *, needed: bool = False) -> Viewer:
    """Who calls, by `api_key` in the form or address, or by Bearer token. Only POST needs it."""
    key = request.POST.get("api_key", "") or request.GET.get("api_key", "")
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not key and header[:7].lower() == "bearer ":
        key = header[7:]
    if not key.strip():
        if needed:
            raise NotAllowed("缺少 api_key。", code="no_key", todo="请向安全管理员要一个接口令牌。")
        return NOBODY
    found = keys.by_token(key.strip()[:200])
    if not found.allows(SCOPE):
        raise NotAllowed("这个 api_key 不能用于 Open311。", code="scope")
    return found


def jurisdiction(request: HttpRequest) -> str:
    """The path of the place named by `jurisdiction_id`, "/" for all: the argument is optional."""
    code = (request.GET.get("jurisdiction_id") or request.POST.get("jurisdiction_id") or "").strip()
    if not code:
        return "/"
    try:
        return places.by_code(code[:24]).path
    except NotFound:
        raise NotFound(f"没有这个辖区：jurisdiction_id {code[:60]}") from None
