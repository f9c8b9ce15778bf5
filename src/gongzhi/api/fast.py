"""Programs skip the layers that only pages need.

A call to `/api/` or `/open311/` with a token, or with no session at all, has no use for session,
language cookie, form token, sign-in, messages, htmx or page policy. `Gate` decides once; the other
classes are Django's own layers, passed by when it has decided so.
"""

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django_htmx.middleware import HtmxMiddleware

Answer = Callable[[HttpRequest], HttpResponseBase]
DOORS = ("/api/", "/open311/")


def is_program(request: HttpRequest) -> bool:
    """Whether the call needs nothing that only pages need."""
    if not request.path_info.startswith(DOORS):
        return False
    bearer = request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
    return bearer or settings.SESSION_COOKIE_NAME not in request.COOKIES


class Gate:
    """Marks calls of programs, and gives them the language they ask for and a length."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        program = is_program(request)
        request.is_program = program  # type: ignore[attr-defined]
        if not program:
            return self.get_response(request)
        # The thread may still speak the language of the request before.
        english = request.META.get("HTTP_ACCEPT_LANGUAGE", "").startswith("en")
        translation.activate("en" if english else settings.LANGUAGE_CODE)
        response = self.get_response(request)
        if not response.streaming and "Content-Length" not in response:
            response["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
        return response


class _ForPages:
    """Passes by the layer it is mixed into when a program calls."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        here: Any = self
        passed = getattr(request, "is_program", False)
        response: HttpResponseBase = (
            here.get_response(request) if passed else super().__call__(request)  # type: ignore[misc]
        )
        return response


class Session(_ForPages, SessionMiddleware):
    """Django's sessions, for pages."""


class Locale(_ForPages, LocaleMiddleware):
    """Django's choice of language, for pages."""


class Common(_ForPages, CommonMiddleware):
    """Django's common layer, for pages."""


class Csrf(_ForPages, CsrfViewMiddleware):
    """Django's form tokens, for pages. A token in a header cannot be sent by another site."""

    def process_view(
        self, request: HttpRequest, callback: Any, callback_args: Any, callback_kwargs: Any
    ) -> Any:
        if getattr(request, "is_program", False):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)


class Authentication(_ForPages, AuthenticationMiddleware):
    """Django's sign-in, for pages."""


class Messages(_ForPages, MessageMiddleware):
    """Django's messages, for pages."""


class Htmx(_ForPages, HtmxMiddleware):
    """htmx details, for pages."""


class Csp(_ForPages, CSPMiddleware):
    """The policy of what a page may load, for pages."""
