"""How a page is shown: large type, language. In a cookie, and with the account if there is one."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from gongzhi.people import accounts
from gongzhi.web.asked import Asked

YEAR = 60 * 60 * 24 * 365


@require_POST
def elder(request: Asked) -> HttpResponse:
    """Large type on or off. "0" is remembered too: the question is asked once."""
    wish = request.POST.get("elder") == "1"
    if request.account:
        accounts.prefer(account_id=request.account.pk, at=timezone.now(), elder=wish)
    return remember(back(request), "elder", "1" if wish else "0")


@require_POST
def language(request: Asked) -> HttpResponse:
    """Chinese or English."""
    wish = request.POST.get("language", "")
    if wish not in dict(settings.LANGUAGES):
        wish = settings.LANGUAGE_CODE
    if request.account:
        accounts.prefer(account_id=request.account.pk, at=timezone.now(), language=wish)
    return remember(back(request), settings.LANGUAGE_COOKIE_NAME, wish)


def remember(response: HttpResponse, name: str, value: str) -> HttpResponse:
    """A cookie for a year, for our pages only."""
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.HTTPS)
    return response


def back(request: Asked, otherwise: str = "/") -> HttpResponse:
    """To the page he came from, if it is one of ours."""
    return HttpResponseRedirect(safe_next(request, otherwise))


def safe_next(request: Asked, otherwise: str = "/") -> str:
    """The `next` of the form or address when it stays on this host."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, request.get_host()) else otherwise
