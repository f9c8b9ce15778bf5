"""The template environment: what every page may use."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static as plain_static
from django.urls import reverse
from django.utils import timezone, translation
from jinja2 import Environment
from markupsafe import Markup, escape

from gongzhi.core.clock import SHANGHAI
from gongzhi.matters import words as matter_words
from gongzhi.people.permissions import NOBODY
from gongzhi.web import words


def environment(**options: Any) -> Environment:
    """Jinja2 with our functions and filters; autoescape is on by Django's backend."""
    env = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], **options)  # noqa: S701
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True
    )
    env.globals.update(
        static=static, url=url, icon=icon, now=lambda: timezone.now(), new_key=new_key, trans=trans,
        majority=words.majority, quorum=words.quorum,
    )  # fmt: skip
    env.filters.update(
        when=when, day=day, left=left, trans=trans,
        yuan=words.yuan, happened=happened, stamp=stamp, written=written,
        clock=clock, percent=words.percent, span=words.span,
        mask_name=words.mask_name, mask_phone=words.mask_phone,
    )  # fmt: skip
    return env


def page(request: HttpRequest) -> dict[str, Any]:
    """What base.html needs: who asks, where, in which mode and language.

    Works also on a request refused before the middlewares ran (a bad address).
    """
    account = getattr(request, "account", None) or None
    elder = request.COOKIES.get("elder")
    return {
        "account": account,
        "viewer": getattr(request, "viewer", NOBODY),
        "here": getattr(request, "here", None) or None,
        "elder": elder == "1" if elder else bool(account and account.elder),
        "first_visit": elder is None and not account and request.method == "GET",
        "lang": translation.get_language() or "zh-hans",
        "demo": settings.DEMO,
        "messages": get_messages(request),
        "csrf_token": get_token(request),
        "site": _site(request),
    }


def _site(request: HttpRequest) -> str:
    """Where we are, as others would type it; "" when asked for under a name that is not ours."""
    try:
        return f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return ""


def new_key() -> str:
    """A fresh key for one form: the same form sent twice is one thing done."""
    return uuid4().hex


def trans(text: object) -> str:
    """A sentence kept in a table of words, in the reader's language."""
    return translation.gettext(str(text)) if text else ""


@cache
def _edition() -> str:
    """Which edition of the collected files is served; "" when they come from the source."""
    stamp = settings.STATIC_ROOT / "stamp.txt"
    return f"?v={stamp.read_text()[:8]}" if stamp.is_file() else ""


def static(path: str) -> str:
    """The address of a file that pages load; a new edition has a new address, so none is stale."""
    return f"{plain_static(path)}{_edition()}"


def url(page: str, /, **kwargs: Any) -> str:
    """The address of a named page."""
    return reverse(page, kwargs=kwargs)


def icon(name: str) -> Markup:
    """An icon from the sprite; always put a word beside it."""
    href = f"{static('icons.svg')}#{name}"
    return Markup('<svg class="i" aria-hidden="true"><use href="{}"/></svg>').format(href)


def when(at: datetime | None) -> str:
    """ "今天 18:00", "11月28日 周六 14:30"."""
    return "" if at is None else str(escape(words.when(at.astimezone(SHANGHAI), timezone.now())))


def day(at: str | date | None) -> str:
    """ "2026年11月28日", of a date, a moment, or either as ISO text."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at) if len(at) > len("2026-11-28") else date.fromisoformat(at)
    if isinstance(at, datetime):
        at = at.astimezone(SHANGHAI).date()
    return "" if at is None else words.day(at)


def stamp(at: str | datetime | None) -> str:
    """A moment kept as ISO text inside a published page."""
    return when(datetime.fromisoformat(at)) if isinstance(at, str) else when(at)


def written(at: str | datetime) -> str:
    """A moment in full, for minutes and other paper that is read years later."""
    return words.written(datetime.fromisoformat(at) if isinstance(at, str) else at)


def clock(at: str) -> str:
    """The time of day of a moment kept as ISO text: "14:31"."""
    return f"{datetime.fromisoformat(at).astimezone(SHANGHAI):%H:%M}"


def happened(line: Mapping[str, str]) -> str:
    """What one line of a published page says was done."""
    done, came = matter_words.verb(line["verb"]), matter_words.result(line["result"])
    return f"{done} · {came}" if came else done


def left(due: datetime | None) -> dict[str, str]:
    """How long until a deadline, as words and tone."""
    return words.left(due, timezone.now())
