"""The script at the root: what it does before any package is there."""

import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

HOUSE = Path(__file__).parents[2]
LOCK = "requirements.lock"
BASE = str(getattr(sys, "_base_executable", sys.executable))  # outside the virtual environment
BASE_HAS_PIP = subprocess.run([BASE, "-m", "pip", "-V"], capture_output=True).returncode == 0


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The script and its locks in a folder of their own."""
    for name in ("gongzhi", LOCK, "requirements-dev.lock"):
        shutil.copy(HOUSE / name, tmp_path)
    return tmp_path


@pytest.fixture
def script(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Its functions, with that folder as its root and English words."""
    monkeypatch.setenv("GONGZHI_LANG", "en")
    return SimpleNamespace(**runpy.run_path(str(tree / "gongzhi")))


def said(capsys: pytest.CaptureFixture[str]) -> str:
    text = capsys.readouterr().err
    assert len(text.strip().splitlines()) == 1
    return text


def run(tree: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [BASE, str(tree / "gongzhi"), *words]
    base = {"GONGZHI_LANG": "en", "HOME": str(tree), "PATH": "/nowhere"}
    return subprocess.run(command, env=base | env, capture_output=True, text=True, timeout=120)


def test_it_needs_nothing_but_python() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import runpy; runpy.run_path('gongzhi')"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_without_a_way_to_the_packages_it_says_so(tree: Path) -> None:
    done = run(
        tree,
        "up",
        PIP_INDEX_URL="http://127.0.0.1:9/",
        PIP_RETRIES="0",
        PIP_CONFIG_FILE=os.devnull,
        PIP_FIND_LINKS="",
    )
    assert done.returncode == 1
    assert "PIP_INDEX_URL" in done.stderr if BASE_HAS_PIP else "python3-pip" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("/usr/bin/python3: No module named pip", "apt install python3-pip"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one"),
        ("Hash mismatch for `django==5.2`", "not the one"),
        ("Failed to resolve 'index.example'", "cannot be reached"),
        ("error: something never seen", "something never seen"),
    ],
)
def test_each_failure_is_one_sentence(
    script: Any, tree: Path, output: str, sentence: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit):
        script.explain(str(tree), [output])
    assert sentence in said(capsys)


def test_an_old_python_is_told_what_to_install(
    script: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit):
        script.need_python()
    assert "this is 3.9" in said(capsys)


def test_a_full_disk_is_noticed_before_it_is_full(
    script: Any, tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=5 * 2**20))
    with pytest.raises(SystemExit):
        script.need_space(str(tree))
    assert "5 MB free" in said(capsys)


def test_a_folder_that_cannot_be_written_asks_for_another(
    script: Any, tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: str(tree) not in str(path))
    monkeypatch.delenv("GONGZHI_DATA", raising=False)
    with pytest.raises(SystemExit):
        script.environment_folder(["up"], LOCK)
    assert "--data" in said(capsys)
    chosen = script.environment_folder(["up", "--data", "/tmp/elsewhere"], LOCK)
    assert chosen == "/tmp/elsewhere/venv"


def test_a_second_start_installs_nothing(script: Any, tree: Path) -> None:
    folder = tree / ".venv"
    assert not script.in_step(str(folder), LOCK)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    script.record(str(folder), LOCK)
    assert script.in_step(str(folder), LOCK)
    (tree / LOCK).write_text("other==1.0\n")
    assert not script.in_step(str(folder), LOCK)


def test_the_development_lock_holds_the_other_one(script: Any, tree: Path) -> None:
    """So that `up` after `test` installs nothing."""
    (tree / ".venv").mkdir()
    script.record(str(tree / ".venv"), "requirements-dev.lock")
    kept = json.loads((tree / ".venv" / "gongzhi-lock.json").read_text())
    assert set(kept) == {LOCK, "requirements-dev.lock"}


def test_the_locks_have_hashes_and_no_addresses() -> None:
    for name in (LOCK, "requirements-dev.lock"):
        text = (HOUSE / name).read_text()
        assert "://" not in text
        pins = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)


@pytest.mark.nightly
def test_without_uv_and_without_ensurepip_it_still_installs(tree: Path) -> None:
    """pip alone, as on a bare Debian, from nothing to a running command."""
    shutil.copytree(HOUSE / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__"))
    text = (tree / LOCK).read_text()
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_"))}
    (tree / LOCK).write_text("\n".join(without(text.splitlines(), "uv==")))
    done = run(tree, "help", **kept)
    assert done.returncode == 0, done.stderr
    assert "gongzhi up" in done.stdout


def without(lines: list[str], start: str) -> list[str]:
    """The lock's lines less one package."""
    kept, skipping = [], False
    for line in lines:
        skipping = line.startswith(start) or (skipping and line.startswith(" "))
        if not skipping:
            kept.append(line)
    return kept
