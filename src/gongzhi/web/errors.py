"""Pages for when something is not as it should be. Every one says what to do next."""

import logging
from urllib.parse import urlsplit

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gongzhi.core.errors import Away, NotAllowed, NotFound, Refused, TooLarge, Unreadable
from gongzhi.core.spoken import spoken

log = logging.getLogger("gongzhi.web")

# Names of the fields whose text is worth giving back on the page of an expired form.
KEPT = {"body": "说一说", "words": "您的话", "text": "内容", "reason": "理由", "where": "在哪里"}


def refused(request: HttpRequest, refusal: Refused, **more: object) -> HttpResponse:
    """The refusal as a page, or as JSON for a program."""
    words, todo = spoken(refusal.words), spoken(refusal.todo)
    if wants_json(request):
        body = {"code": refusal.code, "message": words, "todo": todo} | {
            key: value for key, value in refusal.data.items() if key == "field"
        }
        return JsonResponse({"error": body}, status=refusal.status)
    page = {"title": words, "todo": todo, "refusal": refusal} | more
    return render(request, "error.html", page, status=refusal.status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or the form could not be read; 413 if there was too much of it."""
    if isinstance(exception, Refused):
        return refused(request, exception)
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent | TooManyFieldsSent):
        return too_large(request)
    return refused(request, Unreadable(todo="请返回上一页，检查后重新提交。"))


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more than any form here takes."""
    return refused(
        request,
        TooLarge(todo="请返回上一页：文字写短些，照片一次最多6张，每张不超过15兆。"),
    )


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 by CSRF: the form is old or came from elsewhere. What was typed is shown again.

    A button to send it once more is offered only where the browser vouches that the form came
    from our own page; a form from elsewhere must not get past the check by one more tap.
    """
    log.info("csrf: %s", reason)
    typed = [(_(KEPT[name]), text) for name, text in request.POST.items() if name in KEPT and text]
    again = [
        (name, str(text))
        for name, texts in request.POST.lists()
        for text in texts
        if name != "csrfmiddlewaretoken"
    ]
    old = NotAllowed(
        "这张表打开太久，已经过期，内容还没有交上去。",
        code="expired_form",
        todo="请按返回键回到表格，刷新后再提交一次。",
    )
    return refused(request, old, kept=typed, again=again if _from_here(request) else [])


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return refused(request, NotAllowed())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return refused(request, NotFound(todo="请从首页重新进入。"))


def unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """503: the database is away for a moment. The page must not need it."""
    log.error("database: %s", exception)
    words = spoken(Away().words)
    todo = _("请过一分钟再试一次；重复提交不会变成两件事。")
    if wants_json(request):
        body = {"code": "unavailable", "message": words, "todo": todo}
        answer: HttpResponse = JsonResponse({"error": body}, status=503)
    else:
        answer = HttpResponse(_bare(words, todo), status=503)
    answer["Retry-After"] = "60"
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    words = _("系统出错了，这不是您的问题")
    todo = _("您填的内容可能没有交上去。请过一会儿再试，或打电话给社区。")
    if wants_json(request):
        body = {"code": "broken", "message": words, "todo": todo}
        return JsonResponse({"error": body}, status=500)
    return HttpResponse(_bare(words, todo), status=500)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks."""
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith(
        "application/json"
    )


def _bare(words: str, todo: str) -> str:
    """A page that needs neither template, session nor database."""
    return (
        "<!doctype html><html lang='zh-CN'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{words}</title><link rel='stylesheet' href='/static/app.css'>"
        f"<main><h1>{words}</h1><p>{todo}</p><p><a href='/'>{_('回首页')}</a></p></main></html>"
    )


def _from_here(request: HttpRequest) -> bool:
    return urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()
