"""Pages for when something is not as it should be. Every one says what to do next."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused

log = logging.getLogger("gongzhi.web")


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The refusal as a page, or as JSON for a program."""
    words, todo = _(refusal.words), _(refusal.todo) if refusal.todo else ""
    if _wants_json(request):
        body = {"code": refusal.code, "message": words, "todo": todo} | {
            key: value for key, value in refusal.data.items() if key == "field"
        }
        return JsonResponse({"error": body}, status=refusal.status)
    page = {"title": words, "todo": todo, "refusal": refusal}
    return render(request, "error.html", page, status=refusal.status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or the form could not be read."""
    if isinstance(exception, Refused):
        return refused(request, exception)
    return refused(
        request,
        BadInput("", "这次提交的内容读不出来。", todo="请返回上一页，检查后重新提交。"),
    )


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 by CSRF: the form is old or came from elsewhere; nothing typed is lost in the browser."""
    return refused(
        request,
        NotAllowed(
            "这张表打开太久，已经过期，内容还没有交上去。",
            code="expired_form",
            todo="请按返回键回到表格，您填的内容还在；刷新后再提交一次。",
        ),
    )


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return refused(request, NotAllowed())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return refused(request, NotFound(todo="请从首页重新进入。"))


def unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """503: the database is away for a moment."""
    log.error("database: %s", exception)
    away = Refused(
        "系统正忙或正在恢复，您刚才的内容可能还没有交上去。",
        code="unavailable",
        todo="请过一分钟再试一次；重复提交不会变成两件事。",
    )
    away.status = 503
    return refused(request, away)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return HttpResponse(
        "<!doctype html><html lang='zh-CN'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'><title>系统出错了</title>"
        "<h1>系统出错了，这不是您的问题</h1>"
        "<p>您填的内容可能没有交上去。请过一会儿再试，或打电话给社区。</p>"
        "<p><a href='/'>回首页</a></p>",
        status=500,
    )


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith(
        "application/json"
    )
