"""The embedded PostgreSQL: found, initialised, started as our child, stopped.

It listens on a Unix socket only, in a folder nobody else can enter, so no password is needed and
no port is opened. Started by root it runs as an unprivileged user, as PostgreSQL demands.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from gongzhi.cli import binaries, process, say
from gongzhi.cli.folder import Folder

NAME = "gongzhi"
_SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432")  # sun_path, less what PostgreSQL appends
_SMALL_SHM = 2**30

# For a box that does other things too; the administrator's own lines below them win.
_TUNING = """
# Written once by Gongzhi when it made this database; change it as you like.
shared_buffers = {buffers}MB
max_wal_size = 2GB
max_connections = 120
log_min_messages = warning
log_min_duration_statement = 2s
log_lock_waits = on
idle_in_transaction_session_timeout = 10min
timezone = 'UTC'
"""


class Postgres:
    """The database of one data folder, as a child of the process that starts it."""

    def __init__(self, folder: Folder, *, durable: bool = True) -> None:
        """`durable=False` is for tests only: nothing survives a power cut, and it is faster."""
        self.folder = folder
        self.durable = durable
        self.identity = binaries.unprivileged(folder.path)
        self.home = self._home()
        self.data = self.home / "data"
        self.bin = binaries.usable(binaries.find(), self.identity, self.home)
        self.child: process.Child | None = None

    @property
    def url(self) -> str:
        """The address for `DATABASE_URL`."""
        return self.url_of(NAME)

    def url_of(self, database: str, user: str = NAME) -> str:
        """The address of another database or user of the same server."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket), safe='/')}"

    @property
    def socket(self) -> Path:
        """The folder of the socket; a short one in /tmp when the path is too long for a socket."""
        inside = self.home / "socket"
        if len(os.fsencode(inside)) <= _SOCKET_LIMIT:
            return inside
        return Path("/tmp") / f"gongzhi-{_short(self.home)}"  # noqa: S108 - checked by _own_only

    def start(self) -> process.Child:
        """Make it if need be, start it, wait until it answers. Trouble when it does not."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._own_only(self.socket)
        _stop_leftover(self.data)
        self.child = self._child()
        self.child.start()
        self.wait()
        self._make_database()
        return self.child

    def start_again(self) -> None:
        """After it ended by itself; the supervisor waits no longer than that takes."""
        assert self.child is not None
        _stop_leftover(self.data)
        self.child.start()

    def make_anew(self) -> None:
        """Throw the database away and make an empty one."""
        with psycopg.connect(self.url_of("postgres", "postgres"), autocommit=True) as link:
            link.execute(f"drop database if exists {NAME} with (force)")
        self._make_database()

    def wait(self) -> None:
        """Until it accepts connections; recovery after a crash may take a while."""
        child = self.child
        assert child is not None
        while not self.answers():
            if child.ended():
                raise say.Trouble(
                    f"数据库没有启动：{child.last_words()}（详见 {child.log}）",
                    f"The database did not start: {child.last_words()} (see {child.log})",
                )
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it accepts a connection now."""
        try:
            psycopg.connect(self.url_of("postgres", "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Fast shutdown: running transactions are rolled back, everything committed is safe."""
        if self.child is not None:
            self.child.stop()

    def _home(self) -> Path:
        """`pg` in the data folder, unless its user cannot get there (root's own folders)."""
        inside = self.folder.path / "pg"
        if not self.identity:
            inside.mkdir(mode=0o700, exist_ok=True)
            return inside
        self.folder.path.chmod(0o711)
        outside = Path("/var/lib/gongzhi") / _short(self.folder.path)
        open_way = binaries.reachable(self.folder.path, self.identity)
        home = inside if open_way else outside
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        if not open_way and not inside.exists():
            inside.symlink_to(outside)
        return home

    def _own_only(self, folder: Path) -> None:
        """Make a folder that only the database's user can enter; refuse one planted by others."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            self._give(folder)
        found = folder.lstat()
        owner = self.identity.get("user", os.geteuid())
        if folder.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
            raise say.Trouble(
                f"{folder} 不属于本系统，可能被他人占用；请删除后再试。",
                f"{folder} is not ours, somebody else may have made it; remove it and try again.",
            )

    def _give(self, path: Path) -> None:
        if self.identity:
            os.chown(path, self.identity["user"], self.identity["group"])

    def _initialise(self) -> None:
        """initdb beside the final place, then rename: a half-made database is never used."""
        part = self.home / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        self._give(part)
        argv = [str(self.bin / "initdb"), "-D", str(part), "-U", "postgres", "-k", "-E", "UTF8"]
        argv += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]
        if binaries.version(self.bin) >= 17:
            argv += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            argv += ["--locale=C"]
        argv += [] if self.durable else ["--no-sync"]
        done = subprocess.run(argv, capture_output=True, text=True, cwd="/", **self.identity)
        if done.returncode:
            shutil.rmtree(part, ignore_errors=True)
            raise say.Trouble(
                f"建不成数据库：{_last(done.stderr)}",
                f"The database could not be made: {_last(done.stderr)}",
            )
        with (part / "postgresql.conf").open("a") as conf:
            conf.write(_TUNING.format(buffers=_buffers_mb()))
        part.rename(self.data)

    def _child(self) -> process.Child:
        settings: dict[str, Any] = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.socket}"',
            "unix_socket_permissions": "0700",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        if _shared_memory() < _SMALL_SHM:  # a container's 64 MB are not enough for big sorts
            settings["dynamic_shared_memory_type"] = "mmap"
        argv = [str(self.bin / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            argv += ["-c", f"{key}={value}"]
        return process.Child(
            "postgres",
            argv,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            log=self.folder.log_path("postgres"),
            stop_signal=signal.SIGINT,
            patience=30,
            identity=self.identity,
        )

    def _make_database(self) -> None:
        """A role that is no superuser owns the one database."""
        with psycopg.connect(self.url_of("postgres", "postgres"), autocommit=True) as link:
            have = link.execute("select 1 from pg_roles where rolname = %s", [NAME]).fetchone()
            if not have:
                link.execute(f"create role {NAME} login createdb")
            have = link.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone()
            if not have:
                link.execute(f"create database {NAME} owner {NAME}")


def _stop_leftover(data: Path) -> None:
    """Clear the way: stop a server left over on this folder, drop a pid file that lies.

    PostgreSQL itself refuses to start when the pid in the file belongs to any living process
    of its user, also when that is by now somebody else (after a crash and a reboot).
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if sys.platform != "linux":
        return
    if _is_server_on(pid, data):
        os.kill(pid, signal.SIGINT)
        give_up = time.monotonic() + 30
        while _is_server_on(pid, data) and time.monotonic() < give_up:
            time.sleep(0.1)
    if not _is_server_on(pid, data):
        pid_file.unlink(missing_ok=True)


def _is_server_on(pid: int, data: Path) -> bool:
    """Whether that process is a PostgreSQL working in that folder (it makes it its own cwd)."""
    try:
        here = Path(f"/proc/{pid}/cwd").resolve(strict=True)
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return False
    return here == data.resolve() and os.path.basename(command).startswith(b"postgres")


def _buffers_mb() -> int:
    """A sixteenth of the memory, between 128 MB and 1 GB: other things live here as well."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return max(128, min(1024, memory // 16))


def _shared_memory() -> int:
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108 - only measured
    except OSError:
        return _SMALL_SHM
    return found.f_frsize * found.f_blocks


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _last(text: str) -> str:
    return ([line for line in text.splitlines() if line.strip()] or ["?"])[-1]
