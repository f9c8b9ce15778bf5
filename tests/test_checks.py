"""The checks a machine can make of the code itself, as tests: one closing line tells all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
LAYERS = "from importlinter.cli import lint_imports_command as c; c()"


def check(*command: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(HOUSE / "src")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=HOUSE,
        env=env,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}{done.stderr[-3000:]}"


def test_the_style_is_kept():
    check("-m", "ruff", "check", "--no-fix", ".", "gongzhi")


def test_the_format_is_kept():
    check("-m", "ruff", "format", "--check", ".", "gongzhi")


@pytest.mark.slow
def test_the_types_agree():
    check("-m", "mypy", "--strict", "src/gongzhi")


def test_imports_only_point_down():
    check("-c", LAYERS)


def test_no_table_was_changed_without_its_migration():
    check(
        "-m",
        "django",
        "makemigrations",
        "--check",
        "--dry-run",
        "--settings=gongzhi.config.settings",
    )
