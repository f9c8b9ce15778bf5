"""`gongzhi test`: every check and every test, on a database of its own that is then thrown away.

Style, types, layers and missing migrations are tests too (`tests/test_checks.py`), so that one
closing line tells everything.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from gongzhi.cli import prepare, process, say
from gongzhi.cli.folder import Folder
from gongzhi.cli.postgres import Postgres

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_BROWSER_HINT = "apt install chromium fonts-noto-cjk"


def browser() -> str:
    """The path of a Chromium, or empty."""
    asked = os.environ.get("GONGZHI_CHROMIUM", "")
    return asked or next((path for name in _BROWSERS if (path := shutil.which(name))), "")


def main(argv: list[str]) -> int:
    """Run pytest with the given words; its exit code."""
    house = Path(os.environ.get("GONGZHI_HOME", "."))
    if not (house / "tests").is_dir():
        raise say.Trouble(
            "测试不在安装包里，请在源代码文件夹中运行 ./gongzhi test。",
            "The tests are not installed; run ./gongzhi test in a checkout.",
        )
    if not browser():
        say.say(
            f"没有找到 Chromium，浏览器测试将跳过；要运行它们：{_BROWSER_HINT}",
            f"No Chromium here, browser tests will be skipped; to run them: {_BROWSER_HINT}",
        )
    signal.signal(signal.SIGTERM, _interrupt)
    with tempfile.TemporaryDirectory(prefix="gongzhi-test-", dir=_short_temp()) as scratch:
        return _with_database(Folder(Path(scratch) / "data"), house, argv)


def _with_database(place: Folder, house: Path, argv: list[str]) -> int:
    place.path.parent.chmod(0o711)
    place.hold("test")
    own = os.environ.get("DATABASE_URL", "")
    server = None if own else Postgres(place, durable=False)
    try:
        if server is not None:
            server.start()
        env = prepare.environment(place, own or (server.url if server else ""))
        env["GONGZHI_SECRET_KEY"] = "only-for-development-and-tests"  # noqa: S105
        return _pytest(argv, env, house)
    finally:
        if server is not None:
            server.stop()


def _pytest(argv: list[str], env: prepare.Env, house: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-q", *_spread(argv), *argv]
    sys.stdout.flush()
    tests = subprocess.Popen(
        command, env=env, cwd=house, preexec_fn=process.die_with_parent(signal.SIGTERM)
    )
    try:
        return tests.wait()
    except KeyboardInterrupt:
        tests.terminate()
        return tests.wait() or 130


def _spread(argv: list[str]) -> list[str]:
    """One process per core, whole files together, in the order of `tests/conftest.py`.

    The caller's own -n wins.
    """
    if any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in argv):
        return []
    return ["-n", str(max(2, os.cpu_count() or 2)), "--dist", "loadfile", "--no-loadscope-reorder"]


def _short_temp() -> str | None:
    """The short one where it can be used: sockets cannot have long paths."""
    return "/tmp" if os.access("/tmp", os.W_OK) else None  # noqa: S108


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
