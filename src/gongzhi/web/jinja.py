"""The template environment: what every page may use."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from jinja2 import Environment
from markupsafe import Markup, escape

from gongzhi.core.clock import SHANGHAI
from gongzhi.web import words

GETTEXT = {"gettext": translation.gettext, "ngettext": translation.ngettext}


def environment(**options: Any) -> Environment:
    """Jinja2 with our functions and filters; autoescape is on by Django's backend."""
    env = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], **options)  # noqa: S701
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True
    )
    env.globals.update(static=static, url=url, icon=icon, settings=settings, now=timezone.now)
    env.filters.update(
        when=when, day=day, left=words.left, mask_name=words.mask_name, mask_phone=words.mask_phone
    )
    return env


def page(request: HttpRequest) -> dict[str, Any]:
    """What base.html needs: who asks, which mode, which language."""
    account = getattr(request, "user", None)
    signed_in = bool(account and account.is_authenticated)
    elder = request.COOKIES.get("elder") == "1" or bool(signed_in and account.elder)  # type: ignore[union-attr]
    return {
        "account": account if signed_in else None,
        "elder": elder,
        "lang": translation.get_language() or "zh-hans",
        "messages": get_messages(request),
        "csrf_token": get_token(request),
    }


def url(name: str, **kwargs: Any) -> str:
    """The address of a named page."""
    return reverse(name, kwargs=kwargs)


def icon(name: str) -> Markup:
    """An icon from the sprite; always put a word beside it."""
    href = f"{static('icons.svg')}#{name}"
    return Markup('<svg class="i" aria-hidden="true"><use href="{}"/></svg>').format(href)


def when(at: datetime | None) -> str:
    """ "今天 18:00", "11月28日 周六 14:30"."""
    return "" if at is None else str(escape(words.when(at.astimezone(SHANGHAI), timezone.now())))


def day(at: datetime | None) -> str:
    """ "2026年11月28日"."""
    return "" if at is None else words.day(at.astimezone(SHANGHAI))
