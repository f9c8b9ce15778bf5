"""When something happened in one area, do something in another: the outbox, looked at once.

One file per cause. A reaction is idempotent by the outbox row's id; what fails is tried again.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import Error

from gongzhi.core import db
from gongzhi.reactions import awarded, channels, live, logged, mall, messages, proposals, surveys

log = logging.getLogger("gongzhi.reactions")

BATCH = 500
TRIES = 8

_TAKE = """
select id, at, kind, subject_id, data from core_outbox
where done_at is null and tries < %s::int order by id limit %s::int for update skip locked
"""


def run(*, at: datetime, batch: int = BATCH) -> int:
    """React to the oldest waiting rows, in one transaction with marking them; how many."""
    with db.atomic():
        rows = db.dicts(_TAKE, (TRIES, batch))
        if not rows:
            return 0
        for row in rows:
            row["data"] = db.load(row["data"])
        failed = _react(rows, at)
        db.run(
            "update core_outbox set done_at = %s::timestamptz where id = any(%s::bigint[])",
            (at, [row["id"] for row in rows if row["id"] not in failed]),
        )
        for row_id, problem in failed.items():
            db.run(
                "update core_outbox set tries = tries + 1, problem = %s where id = %s::bigint",
                (problem[:500], row_id),
            )
    return len(rows)


def _react(rows: list[dict[str, Any]], at: datetime) -> dict[int, str]:
    """Problems by row id; a database error spoils the transaction and is raised."""
    live.tell(rows)
    failed: dict[int, str] = {}
    for row, people in messages.wanted(rows):
        _try(row, failed, partial(messages.send, row, people, at))
    for row in surveys.wanted(rows):
        _try(row, failed, partial(surveys.follow, row, at))
    for row in proposals.wanted(rows):
        _try(row, failed, partial(proposals.follow, row, at))
    for row in logged.wanted(rows):
        _try(row, failed, partial(logged.enter, row, at))
    for row in awarded.wanted(rows):
        _try(row, failed, partial(awarded.follow, row, at))
    for row in channels.wanted(rows):
        _try(row, failed, partial(channels.tell, row, at))
    for row in mall.wanted(rows):
        _try(row, failed, partial(mall.tell, row, at))
    return failed


def _try(row: dict[str, Any], failed: dict[int, str], react: Callable[[], object]) -> None:
    try:
        react()
    except Error:
        raise
    except Exception as error:
        log.exception("reaction to %s %s", row["kind"], row["id"])
        failed[row["id"]] = repr(error)
