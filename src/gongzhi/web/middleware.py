"""Four small layers: take all that comes, clean it, know who asks, turn refusals to sentences."""

from collections.abc import Callable

from django.conf import settings
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from psycopg.errors import NumericValueOutOfRange

from gongzhi.core.errors import BadInput, Refused
from gongzhi.people import queries
from gongzhi.people.permissions import Viewer
from gongzhi.web import errors, here

Answer = Callable[[HttpRequest], HttpResponse]
PIECE = 64 * 1024


class Whole:
    """What a visitor sends is taken to its end, so that he can read the answer.

    A browser still sending when the connection closes shows an error of its own instead of our
    sentence. So what nobody read is read and thrown away, up to a limit; a body beyond any form
    or photo here is answered before anything is stored.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isdecimal() else 0
        if size <= settings.MOST_SENT:
            response = self.get_response(request)
        else:
            with translation.override(translation.get_language_from_request(request)):
                response = errors.too_large(request)
        if size > PIECE:
            _drain(request)
        return response


def _drain(request: HttpRequest) -> None:
    # An answer does not wait for ever: who sends gigabytes is cut off.
    left = settings.MOST_DRAINED
    try:
        while left > 0 and (piece := request.read(PIECE)):
            left -= len(piece)
    except OSError:
        return  # he hung up himself


class Plain:
    """No NUL gets in, PostgreSQL cannot store it: refused in addresses, left out of forms."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return errors.bad_request(request, BadInput("", "地址里有不能识别的字符。"))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Nobody types NUL; what he did type must not be lost for it."""
        if request.method == "POST" and any("\0" in text for text in request.POST.values()):
            plain = request.POST.copy()
            for name, texts in request.POST.lists():
                plain.setlist(name, [str(text).replace("\0", "") for text in texts])
            request.POST = plain  # type: ignore[assignment]


class Who:
    """`request.viewer`, `.here`, `.account`: who asks and where, looked up only when needed."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = SimpleLazyObject(lambda: _account(request))
        viewer = SimpleLazyObject(lambda: _viewer(request))
        request.account = user  # type: ignore[attr-defined]
        request.viewer = viewer  # type: ignore[attr-defined]
        request.here = SimpleLazyObject(lambda: here.here(request, _viewer(request)))  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not settings.HTTPS and "Cross-Origin-Opener-Policy" in response:
            # Browsers ignore this header on plain http and complain about it in the console.
            del response["Cross-Origin-Opener-Policy"]
        return response


class Sentences:
    """A `Refused` that reaches the top is an answer, not an accident."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return errors.refused(request, exception)
        if isinstance(exception, OperationalError):
            return errors.unavailable(request, exception)
        if isinstance(exception, DataError):
            # A number too large for its column names nothing that could exist.
            beyond = isinstance(exception.__cause__, NumericValueOutOfRange)
            return errors.not_found(request) if beyond else errors.bad_request(request)
        return None


def _account(request: HttpRequest) -> object:
    user = getattr(request, "user", None)
    return user if user and user.is_authenticated else None


def _viewer(request: HttpRequest) -> Viewer:
    known = getattr(request, "_viewer", None)
    if known is None:
        account = _account(request)
        person_id = account.person_id if account else None  # type: ignore[attr-defined]
        known = queries.viewer(person_id, timezone.now())
        request._viewer = known  # type: ignore[attr-defined]
    assert isinstance(known, Viewer)
    return known
