"""A child process that dies with its parent and is stopped with everything it started."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SET_PARENT_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int) -> Callable[[], None]:
    """For `preexec_fn`: let the kernel send `number` when the parent ends, even by kill -9."""
    parent = os.getpid()

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(_SET_PARENT_DEATH_SIGNAL, number)
            if os.getppid() != parent:  # it ended before the line above
                os._exit(1)

    return prepare


@dataclass
class Child:
    """How to run one process, and the process while it runs."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    stop_signal: int = signal.SIGTERM
    orphan_signal: int = 0  # what the kernel sends it when we die first; else the stop signal
    patience: float = 10.0  # seconds between asking it to stop and killing it
    identity: Mapping[str, Any] = field(default_factory=dict)  # user, group: for Popen
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0

    def start(self) -> None:
        """Start it in its own process group, its words going to its log."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.argv,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(self.orphan_signal or self.stop_signal),
                cwd="/" if self.identity else None,
                **self.identity,
            )
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int:
        """Its process id; 0 before it was started."""
        return self.process.pid if self.process else 0

    def ended(self) -> bool:
        """Whether it is not running (any more)."""
        return self.process is None or self.process.poll() is not None

    def gave_up(self) -> bool:
        """Whether it ended by itself, not by a signal."""
        return self.ended() and self.process is not None and self.process.returncode > 0

    def clear(self) -> None:
        """Kill what an ended process left behind in its group, so its port is free again."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def ask(self) -> None:
        """Ask it to stop."""
        if self.process is not None and not self.ended():
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask, wait, then kill the whole group."""
        self.ask()
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience)
            self.clear()
            self.process.wait()

    def why(self) -> str:
        """How it ended, for a sentence: "signal 9" or "exit 1"."""
        code = self.process.returncode if self.process else None
        return f"signal {-code}" if code is not None and code < 0 else f"exit {code}"

    def last_words(self, lines: int = 1) -> str:
        """The end of its log."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 20_000))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])
