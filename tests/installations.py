"""Real installations in folders of their own, started and stopped as a person would."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gongzhi.cli import folder

HOUSE = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


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
