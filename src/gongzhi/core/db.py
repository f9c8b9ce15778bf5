"""Prepared SQL on Django's own connection, inside its transaction, seen by its query log.

Django binds parameters on the client, so PostgreSQL plans every statement anew. The few
statements that carry the load of a county are sent prepared instead.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from psycopg.rows import dict_row, tuple_row
from psycopg.types.datetime import TimestamptzLoader

Params = Sequence[object] | Mapping[str, object]


def rows(sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """Run one statement and fetch what it returns. JSON is read by `load`."""
    cursor = _execute(sql, params, by_name=False)
    return cursor.fetchall() if cursor.rownumber is not None else []


def dicts(sql: str, params: Params = (), *, prepare: bool = True) -> list[dict[str, Any]]:
    """Like `rows`, each row by column name.

    Without `prepare` the statement is planned anew with its values: for lists, whose best plan
    depends on how much a filter lets through.
    """
    return _execute(sql, params, by_name=True, prepare=prepare).fetchall()


def run(sql: str, params: Params = ()) -> int:
    """Run one statement that returns nothing; the number of rows it touched."""
    return _execute(sql, params, by_name=False).rowcount


def load(value: Any) -> Any:
    """A JSON column of `rows` or `dicts`: Django leaves `jsonb` as text, psycopg reads `json`."""
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value


def dump(value: object) -> str:
    """A value for a `::jsonb` parameter."""
    return msgspec.json.encode(value).decode()


@contextmanager
def atomic() -> Iterator[None]:
    """A transaction. Inside another one it costs nothing: actions are not retried in part."""
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        yield
        return
    with transaction.atomic(savepoint=False):
        yield


class _Kept(threading.local):
    """The cursors of this thread's connection; a new connection brings new ones."""

    raw: Any = None
    cursors: tuple[psycopg.Cursor[Any], psycopg.Cursor[Any]]


_kept = _Kept()


def _execute(
    sql: str, params: Params, *, by_name: bool, prepare: bool = True
) -> psycopg.Cursor[Any]:
    """The connection's own cursor after the statement; read it before the next one."""
    link = connections[DEFAULT_DB_ALIAS]  # once: `connection` looks it up anew for every word
    if link.connection is None:
        link.ensure_connection()
    raw = link.connection
    if _kept.raw is not raw:
        _kept.raw, _kept.cursors = raw, (_cursor(raw, tuple_row), _cursor(raw, dict_row))
    cursor = _kept.cursors[by_name]
    started = time.monotonic()
    try:
        cursor.execute(sql, params, prepare=prepare)
    except psycopg.Error:
        with link.wrap_database_errors:
            raise
    if link.queries_logged:
        took = f"{time.monotonic() - started:.3f}"
        link.queries_log.append({"sql": " ".join(sql.split()), "time": took})
    return cursor


def _cursor(raw: Any, row_factory: Any) -> psycopg.Cursor[Any]:
    """A cursor to be used again and again: what it learns of columns it keeps."""
    cursor = psycopg.Cursor(raw, row_factory=row_factory)
    # Django's own loader of times is Python; psycopg's is C and gives the same aware times.
    cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
    return cursor
