"""Every "no" of the API in one shape: {"error": {code, message, todo, field?}}."""

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DataError, Error, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from gongzhi.core.errors import (
    Away,
    BadInput,
    NotAllowed,
    NotFound,
    Refused,
    TooLarge,
    Unreadable,
)
from gongzhi.core.spoken import spoken

log = logging.getLogger("gongzhi.api")


class NoKey(NotAllowed):
    """请先登录，或在请求头里带上接口令牌。"""

    code = "no_key"
    status = 401


class WrongType(Refused):
    """提交内容的格式不对。"""

    code = "wrong_type"
    status = 415


def body(refusal: Refused) -> dict[str, Any]:
    """The refusal as data. `data` of the refusal (who moved it, the new state) goes along."""
    error: dict[str, Any] = {
        "code": refusal.code,
        "message": spoken(refusal.words),
        "todo": spoken(refusal.todo),
    }
    return {"error": error | {key: value for key, value in refusal.data.items() if value}}


def answer(refusal: Refused, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The refusal as a response."""
    status = 401 if refusal.code == "bad_token" else refusal.status
    response = HttpResponse(
        msgspec.json.encode(body(refusal), enc_hook=str),
        content_type="application/json",
        status=status,
        headers=dict(headers or {}),
    )
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="gongzhi"'
    return response


def of(exception: Exception) -> Refused | None:
    """The refusal an exception stands for; None for a fault of ours."""
    match exception:
        case Refused():
            return exception
        case ValidationError():
            return _invalid(exception)
        case AuthenticationError():
            return NoKey()
        case RequestDataTooBig() | TooManyFilesSent() | TooManyFieldsSent():
            return TooLarge(todo="一张照片不超过15兆，一次最多6张。")
        case HttpError() | SuspiciousOperation() | MultiPartParserError() | UnicodeError():
            return Unreadable(todo="请检查内容是不是完整的 JSON，编码是不是 UTF-8。")
        case Http404():
            return NotFound()
        case DataError():
            return Unreadable(todo="有一项太长或不是它应有的样子。")
        case IntegrityError():
            log.warning("refused by the database: %s", _constraint(exception))
            return Refused("这样办和已有的记录冲突。", todo="请看最新情况，再决定怎么办。")
        case OperationalError() | InterfaceError():
            log.error("database: %s", exception)
            return Away(todo="请过一分钟再试一次；带着同一个 Idempotency-Key 不会变成两件事。")
    return None


def attach(api: NinjaAPI) -> None:
    """Let `api` answer every exception it meets in this shape."""

    def handle(request: HttpRequest, exception: Exception | type[Exception]) -> HttpResponse:
        refusal = of(exception) if isinstance(exception, Exception) else None
        if refusal is None:
            raise exception
        return answer(refusal)

    for kind in (
        Refused, ValidationError, HttpError, SuspiciousOperation, MultiPartParserError,
        UnicodeError, Http404, Error,
    ):  # fmt: skip
        api.add_exception_handler(kind, handle)


def _constraint(exception: Exception) -> str:
    """Which constraint; never the row, which holds people's words."""
    told = getattr(exception.__cause__, "diag", None)
    return str(getattr(told, "constraint_name", None) or getattr(told, "column_name", "?"))


_KINDS = {
    "missing": "少了这一项。",
    "extra_forbidden": "没有这一项，请对照接口说明。",
    "string_too_long": "太长了。",
    "string_too_short": "不能是空的。",
    "too_long": "太多了。",
    "string_type": "应当是文字。",
    "bool_type": "应当是 true 或 false。",
    "bool_parsing": "应当是 true 或 false。",
    "json_invalid": "不是完整的 JSON。",
}


def _invalid(exception: ValidationError) -> Refused:
    """The first wrong field, in words; numbers, dates and lists share one sentence each."""
    first = exception.errors[0]
    where = [str(part) for part in first.get("loc", ())]
    if where[:1] == ["path"]:
        return NotFound()
    field = ".".join(where[2:] if where[:1] == ["body"] else where[1:])[:80] or "body"
    kind = str(first.get("type", ""))
    words = _KINDS.get(kind) or _by_family(kind)
    return BadInput(field, words)


def _by_family(kind: str) -> str:
    for families, words in (
        (("int_", "float_", "finite_"), "应当是数字。"),
        (("greater_", "less_"), "数字超出了范围。"),
        (("date", "timezone"), "应当是带时区的时间，例如 2026-11-28T18:00:00+08:00。"),
        (("list_", "tuple_", "dict_", "model_", "object"), "结构不对，请对照接口说明。"),
        (("enum", "literal"), "不在可选的几项里，请对照接口说明。"),
    ):
        if kind.startswith(families):
            return words
    return "填写的内容有误。"
