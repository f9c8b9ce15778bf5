"""The data folder: what lies where, who holds it, what is running in it.

pg/          the embedded database (its files, its socket, its binaries when copied)
run/         who runs here now; nothing in it is worth keeping
log/         one file per process
files/       photos, voice notes, imports: the settings decide
secret.key   signs sessions and live topics; keep it with the backups
"""

import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Any, TextIO

from gongzhi.cli.say import Trouble

_LOG_LIMIT = 50 * 2**20


class Busy(Trouble):
    """Somebody already works in this folder; `record` is what they wrote about themselves."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record
        doing, pid = record.get("verb", "gongzhi"), record.get("pid", "?")
        address = record.get("address", "")
        super().__init__(
            f"已在运行{'：' + address if address else ''}（{doing}，进程 {pid}）。",
            f"Already running{': ' + address if address else ''} ({doing}, process {pid}).",
        )


class Folder:
    """One data folder. Making the object touches nothing; `open` makes what is missing."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(os.path.abspath(path))
        self.run = self.path / "run"
        self.log = self.path / "log"
        self._lock: TextIO | None = None

    def open(self) -> None:
        """Make the folder and its parts. Trouble when it cannot be written."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for part in (self.run, self.log, self.path / "static"):
                part.mkdir(mode=0o700, exist_ok=True)
            (self.run / "lock").touch()
        except OSError as error:
            raise Trouble(
                f"数据文件夹 {self.path} 不能写（{error.strerror}）；请用 --data 换一个。",
                f"The data folder {self.path} cannot be written ({error.strerror}); "
                "name another one with --data.",
            ) from error

    def hold(self, verb: str) -> None:
        """Be the only one in this folder until the process ends, however it ends. Busy if not."""
        self.open()
        lock = (self.run / "lock").open("r+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise Busy(self.record()) from None
        self._lock = lock
        self.write_record(verb=verb, pid=os.getpid())

    def release(self) -> None:
        """Let the next one in."""
        (self.run / "up.json").unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def held(self) -> bool:
        """Whether some process works in this folder now."""
        try:
            with (self.run / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def record(self) -> dict[str, Any]:
        """What the one who holds the folder wrote: verb, pid, address, database, children."""
        return _read_json(self.run / "up.json")

    def write_record(self, **facts: Any) -> None:
        """Replace the record in one step, so a reader never sees half of it."""
        _write(self.run / "up.json", json.dumps(facts, ensure_ascii=False, indent=1))

    def read_note(self, name: str) -> dict[str, Any]:
        """A small file of facts in `run/`; empty when there is none."""
        return _read_json(self.run / name)

    def write_note(self, name: str, facts: dict[str, Any]) -> None:
        """Keep a small file of facts in `run/`."""
        _write(self.run / name, json.dumps(facts, ensure_ascii=False, indent=1))

    def secret(self) -> str:
        """The key of this installation, made once."""
        path = self.path / "secret.key"
        if not path.exists():
            _write(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    def log_path(self, name: str) -> Path:
        """Where a process writes; a file grown too long is set aside first."""
        path = self.log / f"{name}.log"
        trim(path)
        return path


def trim(path: Path) -> None:
    """Set a long log aside as `.1`. Writers append, so truncating under them is safe."""
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.with_suffix(".log.1").write_bytes(path.read_bytes())
        os.truncate(path, 0)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
