"""Two small layers: clean what comes in, and turn every refusal into a sentence."""

from collections.abc import Callable

from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse

from gongzhi.core.errors import BadInput, Refused
from gongzhi.web import errors

Answer = Callable[[HttpRequest], HttpResponse]


class Plain:
    """Refuse NUL bytes in addresses and queries at the gate: PostgreSQL cannot store them."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return errors.bad_request(request, BadInput("", "地址里有不能识别的字符。"))
        return self.get_response(request)


class Sentences:
    """A `Refused` that reaches the top is an answer, not an accident."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return errors.refused(request, exception)
        if isinstance(exception, OperationalError | DatabaseError):
            return errors.unavailable(request, exception)
        return None
