"""What holds for every address of the API before and after its own code runs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern

from gongzhi.api import refusals
from gongzhi.core.errors import WrongMethod

Called = Callable[..., HttpResponseBase]
JSON, FORM = "application/json", "multipart/form-data"


def guarded(patterns: list[Any]) -> list[Any]:
    """The same addresses, behind the gate."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _gate(pattern.callback)
    return patterns


def _gate(call: Called) -> Called:
    @wraps(call)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and (refusal := _wrong_type(request)):
            return refusals.answer(refusal)
        response = call(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            return _wrong_method(response)
        return response

    return answer


def _wrong_type(request: HttpRequest) -> refusals.WrongType | None:
    """Bodies are JSON; files come as a form. A POST without a body needs no type."""
    wanted = FORM if request.path_info.endswith("/uploads") else JSON
    if request.content_type == wanted or request.META.get("CONTENT_LENGTH") in ("", "0", None):
        return None
    return refusals.WrongType(todo=f"Content-Type: {wanted}")


def _wrong_method(response: HttpResponseNotAllowed) -> HttpResponse:
    return refusals.answer(WrongMethod(), {"Allow": response["Allow"]})
