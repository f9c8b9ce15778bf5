"""A page of rows."""

from typing import Any

from gongzhi.core import db

SIZE, MAX_PAGE = 20, 500
Page = dict[str, Any]


def paged(sql: str, params: dict[str, Any], page: int, size: int = SIZE) -> Page:
    """{"rows", "page", "more"}; the statement ends before limit."""
    shown = min(max(page, 1), MAX_PAGE)
    rows = db.dicts(
        f"{sql} limit %(size)s::int offset %(skip)s::int",
        params | {"size": size + 1, "skip": (shown - 1) * size},
    )
    return {"rows": rows[:size], "page": shown, "more": len(rows) > size}
