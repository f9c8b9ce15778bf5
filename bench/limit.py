"""The database limit: the statements a request sends, taken down and run by pgbench alone."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gongzhi.cli.binaries import find

_BOOLEAN = re.compile(r'":(true|false|null)')


@contextmanager
def taken_down(params_of: dict[str, Any] | None = None) -> Iterator[list[str]]:
    """Every statement sent inside the block, complete with its values.

    `params_of` is given the named values of the last statement that had any.
    """
    import psycopg
    from django.db import connection

    from gongzhi.core import db

    seen: list[str] = []
    plain = db._execute

    def watched(sql: str, params: Any, **how: bool) -> Any:
        connection.ensure_connection()
        raw = psycopg.ClientCursor(connection.connection)
        seen.append(raw.mogrify(sql, params))
        if params_of is not None and isinstance(params, dict):
            params_of.update(params)
        return plain(sql, params, **how)

    def orm(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raw = psycopg.ClientCursor(connection.connection)
        if not many:
            seen.append(raw.mogrify(sql, params) if params else sql)
        return execute(sql, params, many, context)

    db._execute = watched
    try:
        with connection.execute_wrapper(orm):
            yield seen
    finally:
        db._execute = plain


def script(statements: Sequence[str], values: Mapping[str, str], *, sets: Sequence[str]) -> str:
    """A pgbench script of the statements, `values` (literals) replaced by expressions."""
    lines = [f"\\set {line}" for line in sets]
    body = [_with(statement, values) for statement in statements]
    return "\n".join([*lines, *body])


def _with(statement: str, values: Mapping[str, str]) -> str:
    one_line = " ".join(statement.split()).rstrip(";")
    for literal, expression in values.items():
        one_line = one_line.replace(literal, expression)
    return _BOOLEAN.sub(r'": \1', one_line) + ";"


def tps(url: str, text: str, *, clients: int, seconds: int) -> float:
    """Transactions per second of the script: prepared, durable commits, no think time."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "run.sql"
        path.write_text(text)
        return rate(url, "-f", str(path), clients=clients, seconds=seconds)


def rate(url: str, *what: str, clients: int, seconds: int) -> float:
    """Transactions per second of a script pgbench knows or is given: prepared, no think time."""
    out = pgbench(url, "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds),
                  *what)  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", out)
    if found is None:
        raise SystemExit(f"pgbench: {out[-800:]}")
    return float(found[1])


def pgbench(url: str, *options: str) -> str:
    """What pgbench prints; SystemExit with its last words when it fails."""
    bin_folder = find()
    command = [str(bin_folder / "pgbench"), *options, url]
    env = os.environ | {"LD_LIBRARY_PATH": str(bin_folder.parent / "lib")}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        raise SystemExit(f"pgbench: {done.stderr[-800:]}")
    return done.stdout
