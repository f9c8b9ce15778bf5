"""Brings a database up to date, and knows without loading Django when it already is.

What was done is written where it is true: in the comment of the database itself. So it travels
with the database, vanishes with it, and also works on a server that is not ours.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import gongzhi
from gongzhi.cli import binaries, process, say
from gongzhi.cli.folder import Folder

_HOUSE = Path(gongzhi.__file__).parent
_LOCK = 0x676F6E67  # one migration at a time, also from several machines
Env = dict[str, str]


def environment(folder: Folder, url: str, **more: str) -> Env:
    """What every process of this installation finds in its environment."""
    paths = [str(_HOUSE.parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "gongzhi.config.settings",
        "GONGZHI_DATA": str(folder.path),
        "GONGZHI_SECRET_KEY": os.environ.get("GONGZHI_SECRET_KEY") or folder.secret(),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path for path in paths if path)),
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def check_server(url: str) -> None:
    """Trouble when somebody's own server cannot be reached or is too old."""
    try:
        with psycopg.connect(url, connect_timeout=5) as link:
            found = link.info.server_version // 10_000
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        raise say.Trouble(
            f"连不上 DATABASE_URL 指定的数据库：{reason}",
            f"The database named in DATABASE_URL cannot be reached: {reason}",
        ) from error
    if found < binaries.OLDEST:
        raise say.Trouble(
            f"数据库是 PostgreSQL {found}，需要 {binaries.OLDEST} 或更新。",
            f"The database is PostgreSQL {found}; {binaries.OLDEST} or newer is needed.",
        )


def bring_up_to_date(url: str, env: Env, log: Path) -> None:
    """Apply the migrations this version has and the database has not."""
    wanted = migrations_digest()
    if read_stamp(url).get("migrations") == wanted:
        return
    with psycopg.connect(url, autocommit=True) as guard:
        guard.execute("select pg_advisory_lock(%s)", [_LOCK])
        manage(["migrate", "--noinput", "--verbosity", "0"], env, log)
        write_stamp(url, migrations=wanted)


def collect_static(folder: Folder, env: Env) -> None:
    """Put what pages load into the data folder, packed, when this version's differs."""
    wanted, stamp = static_digest(), folder.path / "static" / "stamp.txt"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    log = folder.log_path("static")
    manage(["collectstatic", "--noinput", "--clear", "--verbosity", "0"], env, log)
    stamp.write_text(wanted)


def static_digest() -> str:
    """One digest over what pages load, and over the versions of those that bring their own."""
    seen = hashlib.sha256()
    for path in sorted((_HOUSE / "web" / "static").rglob("*")):
        if path.is_file():
            seen.update(str(path.relative_to(_HOUSE)).encode() + b"\0" + path.read_bytes())
    for name in ("django-htmx", "django-leaflet", "whitenoise"):
        seen.update(f"{name}=={metadata.version(name)}".encode())
    return seen.hexdigest()[:32]


def manage(arguments: list[str], env: Env, log: Path) -> None:
    """Run one Django command quietly. Trouble with its last line when it fails."""
    command = process.Child(
        arguments[0], [sys.executable, "-m", "django", *arguments], env=env, log=log
    )
    command.start()
    assert command.process is not None
    try:
        command.process.wait()
    finally:
        command.stop()
    if command.process.returncode:
        raise say.Trouble(
            f"准备没有成功（{arguments[0]}）：{command.last_words()}（详见 {log}）",
            f"Preparing failed ({arguments[0]}): {command.last_words()} (see {log})",
        )


def migrations_digest() -> str:
    """One digest over our migrations and over the versions of those that bring their own."""
    seen = hashlib.sha256()
    for path in sorted(_HOUSE.glob("**/migrations/*.py")):
        seen.update(str(path.relative_to(_HOUSE)).encode() + b"\0" + path.read_bytes())
    for name in ("django", "procrastinate"):
        seen.update(f"{name}=={metadata.version(name)}".encode())
    return seen.hexdigest()[:32]


def read_stamp(url: str) -> dict[str, Any]:
    """What was done to this database: `migrations` (digest) and `demo` (kind, or loading)."""
    asked = (
        "select shobj_description(oid, 'pg_database') from pg_database"
        " where datname = current_database()"
    )
    with psycopg.connect(url) as link:
        found = link.execute(asked).fetchone()
    try:
        stamp = json.loads(found[0] if found and found[0] else "{}")
    except ValueError:  # a comment somebody else wrote
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(url: str, **facts: Any) -> None:
    """Add to the stamp. A user who may not comment on the database just migrates every time."""
    stamp = json.dumps({**read_stamp(url), **facts})
    with psycopg.connect(url, autocommit=True) as link:
        name = sql.Identifier(link.info.dbname)
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            link.execute(sql.SQL("comment on database {} is {}").format(name, sql.Literal(stamp)))


def load_demo(kind: str, url: str, env: Env) -> None:
    """Load the demonstration county into a new database, its progress on the terminal."""
    write_stamp(url, demo=f"loading {kind}")
    command = [sys.executable, "-m", "gongzhi.cli.seed", kind]
    loading = subprocess.Popen(
        command, env=env, preexec_fn=process.die_with_parent(9), start_new_session=True
    )
    try:
        failed = loading.wait()
    finally:
        loading.kill()
    if failed:
        raise say.Trouble(
            "示范数据没有装成，原因见上。",
            "The demonstration could not be loaded, for the reason above.",
        )
    write_stamp(url, demo=kind)
