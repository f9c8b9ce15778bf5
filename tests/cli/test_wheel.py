"""The wheel: installed on its own, away from the checkout, it holds all it needs."""

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path
from zipfile import ZipFile

import pytest

from installations import HOUSE, answers, eventually, free_port

pytestmark = pytest.mark.slow
SOURCES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "requirements.in")


@pytest.fixture(scope="module")
def wheel(short_folder: Path) -> Path:
    """Built from a copy, so that nothing is left behind in the checkout."""
    copy = short_folder / "copy"
    for name in ("src", "playbooks"):
        shutil.copytree(HOUSE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in SOURCES:
        shutil.copy(HOUSE / name, copy)
    built = "import setuptools.build_meta as b, sys; b.build_wheel(sys.argv[1])"
    run(sys.executable, "-c", built, str(short_folder), cwd=copy)
    return next(short_folder.glob("*.whl"))


@pytest.fixture(scope="module")
def gongzhi(wheel: Path, short_folder: Path) -> Path:
    """The console script in an environment of its own; the libraries are borrowed from ours."""
    home = short_folder / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", str(home))
    python = home / "bin" / "python"
    uv = str(Path(sys.executable).with_name("uv"))
    run(uv, "pip", "install", "--quiet", "--no-deps", "--offline", "-p", str(python), str(wheel))
    library = next(home.glob("lib/python*/site-packages"))
    (library / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    return home / "bin" / "gongzhi"


@pytest.fixture(scope="module")
def elsewhere(short_folder: Path) -> Path:
    """A working folder with nothing of the checkout in it."""
    folder = short_folder / "elsewhere"
    folder.mkdir()
    return folder


def run(*command: str, cwd: Path | None = None) -> str:
    kept = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    done = subprocess.run(
        command, cwd=cwd, env={**env, "GONGZHI_LANG": "en"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def packed(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_file_of_the_house_is_in_it(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = {f"gongzhi/{name}" for name in packed(HOUSE / "src" / "gongzhi")}
    wanted |= {f"gongzhi/playbooks/shipped/{name}" for name in packed(HOUSE / "playbooks")}
    assert wanted - inside == set()


def test_it_asks_for_every_library_of_the_list(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        told = message_from_string(archive.read(name).decode()).get_all("Requires-Dist", [])
    asked = [line for line in told if "extra ==" not in line]
    lines = (HOUSE / "requirements.in").read_text("utf-8").splitlines()
    listed = [line for line in lines if line.strip() and not line.startswith("#")]
    assert len(asked) == len(listed)
    assert not [line for line in asked if "#" in line]


def test_it_explains_a_shipped_playbook(gongzhi: Path, elsewhere: Path) -> None:
    said = run(str(gongzhi), "playbook", "explain", "xuyi", cwd=elsewhere)
    assert "Good-neighbour deliberation workshop" in said


def test_its_doctor_finds_nothing_missing(gongzhi: Path, elsewhere: Path) -> None:
    said = run(str(gongzhi), "doctor", "--data", str(elsewhere / "none"), cwd=elsewhere)
    assert "xuyi" in said


@pytest.fixture(scope="module")
def address(gongzhi: Path, elsewhere: Path) -> Iterator[str]:
    port = free_port()
    command = [str(gongzhi), "up", "--data", str(elsewhere / "data"), "--port", str(port)]
    env = {**os.environ, "GONGZHI_LANG": "en"}
    for name in ("DATABASE_URL", "PYTHONPATH", "GONGZHI_HOME", "GONGZHI_DATA"):
        env.pop(name, None)
    running = subprocess.Popen([*command, "--demo", "none"], cwd=elsewhere, env=env)
    try:
        found = f"http://127.0.0.1:{port}/"
        eventually(lambda: running.poll() is not None or answers(found + "healthz"), seconds=120)
        yield found
    finally:
        running.terminate()
        running.wait(60)


@pytest.mark.parametrize("page", ["", "playbooks", "static/app.css", "static/icons.svg"])
def test_its_pages_are_served(address: str, page: str) -> None:
    assert answers(address + page)
