"""Real installations in folders of their own, started and stopped as a person would.

Making one takes most of a minute of computing. What is not about the making begins as a copy of
one that was made once for the whole test run: `Installation(folder).begin_as("tables")`.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection

from gongzhi.cli import folder, prepare
from gongzhi.cli.postgres import Postgres

HOUSE = Path(__file__).parents[1]
SHARED = "GONGZHI_TEST_SHARED"  # the folder of what all processes of this test run use; conftest.py


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def address_of_tests() -> str:
    """The tests' own database, as `DATABASE_URL` says it."""
    there = connection.settings_dict
    who = ":".join(quote(part) for part in (there["USER"], there["PASSWORD"]) if part)
    # The host may be the folder of a socket, which has no place before the path.
    where = urlencode({"host": there["HOST"] or "localhost", "port": there["PORT"] or "5432"})
    return f"postgresql://{who}@/{there['NAME']}?{where}"


def eventually(what: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true answer. The limit is for a hung machine, not a measurement."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        answer = what()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"never came true: {what}")


class Installation:
    """One data folder and what runs in it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.folder = folder.Folder(data)
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.said = ""

    def begin_as(self, kind: str) -> "Installation":
        """With the data of a stopped one: its `tables` and nothing in them, or the `small` demo."""
        self.data.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", f"{stopped(kind)}/.", str(self.data)], check=True)
        return self

    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "GONGZHI_"))}
        paths = os.pathsep.join([str(HOUSE / "src"), kept.get("PYTHONPATH", "")]).strip(os.pathsep)
        return {**kept, "PYTHONPATH": paths, "GONGZHI_LANG": "en", "GONGZHI_HOME": str(HOUSE)}

    def run(self, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """One command to its end."""
        command = [sys.executable, "-m", "gongzhi.cli", *words, "--data", str(self.data)]
        return subprocess.run(
            command, env=self.env(), capture_output=True, text=True, timeout=120, **more
        )

    def up(self, *words: str) -> "Installation":
        """Start it and wait for the word "ready"."""
        command = [sys.executable, "-m", "gongzhi.cli", "up", "--data", str(self.data)]
        command += ["--port", str(self.port), "--demo", "none", *words]
        self.process = subprocess.Popen(
            command, env=self.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "ready" in line:
                return self
        raise AssertionError(f"not ready: {self.said}")

    def record(self) -> dict[str, Any]:
        return self.folder.record()

    def healthy(self) -> bool:
        record = self.record()
        return all(answers(record[name] + "healthz") for name in ("address", "live"))

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(60)
        if self.process.stdout is not None:
            self.said += self.process.stdout.read()
        return code

    def processes(self) -> list[int]:
        """Every living process that belongs to this data folder."""
        mark = str(self.data).encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                about = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                alive = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
            except OSError:
                continue
            if mark in about and alive and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        return found


def stopped(kind: str) -> Path:
    """The data folder of an installation that was made and stopped: by whoever asks first."""
    shared = Path(os.environ[SHARED])
    data, whole = shared / kind, shared / f"{kind}.whole"
    with (shared / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(data, ignore_errors=True)
            _make_tables(data) if kind == "tables" else _make_demo(data, kind)
            whole.touch()
    return data


def _make_tables(data: Path) -> None:
    """As `up` does on its first start, up to the demonstration."""
    place = folder.Folder(data)
    place.open()
    server = Postgres(place, durable=False)
    try:
        server.start()
        env = prepare.environment(place, server.url)
        env["GONGZHI_SECRET_KEY"] = place.secret()
        prepare.bring_up_to_date(server.url, env, place.log_path("migrate"))
        prepare.collect_static(place, env)
    finally:
        server.stop()


def _make_demo(data: Path, kind: str) -> None:
    made = Installation(data).begin_as("tables").up("--demo", kind)
    assert made.stop() == 0, made.said


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def children_of(pid: int) -> list[int]:
    """The processes a process started."""
    return [
        int(word)
        for task in Path(f"/proc/{pid}/task").glob("*/children")
        for word in task.read_text().split()
    ]
