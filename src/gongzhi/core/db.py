"""Prepared SQL on Django's own connection, inside its transaction, seen by its query log.

Django binds parameters on the client, so PostgreSQL plans every statement anew. The few
statements that carry the load of a county are sent prepared instead.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
from django.db import connection, transaction
from psycopg.types.datetime import TimestamptzLoader

Params = Sequence[object] | Mapping[str, object]


def rows(sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """Run one statement and fetch what it returns. JSON is read by `load`."""
    with _cursor(sql, params) as cursor:
        return cursor.fetchall() if cursor.description else []


def dicts(sql: str, params: Params = ()) -> list[dict[str, Any]]:
    """Like `rows`, each row by column name."""
    with _cursor(sql, params) as cursor:
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def run(sql: str, params: Params = ()) -> int:
    """Run one statement that returns nothing; the number of rows it touched."""
    with _cursor(sql, params) as cursor:
        return cursor.rowcount


def load(value: Any) -> Any:
    """A JSON column of `rows` or `dicts`: Django leaves `jsonb` as text, psycopg reads `json`."""
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value


def dump(value: object) -> str:
    """A value for a `::jsonb` parameter."""
    return msgspec.json.encode(value).decode()


@contextmanager
def atomic() -> Iterator[None]:
    """A transaction. Inside another one it costs nothing: actions are not retried in part."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(savepoint=False):
        yield


@contextmanager
def _cursor(sql: str, params: Params) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    connection.ensure_connection()
    raw = connection.connection
    started = time.monotonic()
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        # Django's own loader of times is Python; psycopg's is C and gives the same aware times.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(sql, params, prepare=True)
        if connection.queries_logged:
            took = f"{time.monotonic() - started:.3f}"
            connection.queries_log.append({"sql": " ".join(sql.split()), "time": took})
        yield cursor
