"""What the pages of points share: who is signed in, doing one thing and saying what came of it."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from gongzhi.core.errors import BadInput, Refused
from gongzhi.core.spoken import spoken
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer
from gongzhi.web.sheet import Sheet

T = TypeVar("T")


def back(name: str = "points", **kwargs: Any) -> HttpResponse:
    """To a page of points."""
    return HttpResponseRedirect(reverse(name, kwargs=kwargs))


def told(request: HttpRequest, act: Callable[[], object], words: str) -> None:
    """Do it, and say what came of it."""
    try:
        act()
    except Refused as refusal:
        if refusal.status in (403, 404) and not isinstance(refusal, BadInput):
            raise
        messages.warning(request, spoken(refusal.words) + spoken(refusal.todo))
    else:
        messages.success(request, words)


def attempt(sheet: Sheet, act: Callable[[], T]) -> T | None:
    """Do it; what is refused stands on the form beside its field."""
    try:
        return act()
    except Refused as refusal:
        if refusal.status in (403, 404) and not isinstance(refusal, BadInput):
            raise
        sheet.wrong(refusal)
        return None


def day(words: str, field: str = "on") -> date:
    """A day as the browser's picker writes it; BadInput."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise BadInput(field, "请写哪一天。") from None


def somebody(viewer: Viewer, words: str, field: str = "who") -> int:
    """The one person a name or a phone number means, among those of his posts; BadInput."""
    found = people.find(viewer=viewer, query=words, limit=2) if words else []
    if len(found) != 1:
        raise BadInput(field, "请写全姓名或手机号，找到一个人才行。")
    return int(found[0]["id"])
