"""The pictures of the READMEs are taken by a command, and stay small."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from gongzhi.cli import pictures
from installations import HOUSE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_every_picture_is_taken_and_none_is_heavy(site: str, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "gongzhi.cli", "pictures", site, str(tmp_path)],
        check=True, timeout=240, env=os.environ | {"PYTHONPATH": str(HOUSE / "src")},
    )  # fmt: skip
    for shot in pictures.SHOTS:
        path = tmp_path / f"{shot.name}.png"
        assert path.stat().st_size < pictures.LIMIT
        with Image.open(path) as taken:
            assert taken.size == shot.size
            assert len(taken.convert("RGB").getcolors(1 << 20) or []) > 8  # not an empty page


def test_without_a_demonstration_it_says_so(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "gongzhi.cli", "pictures"],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(HOUSE / "src")},
    )  # fmt: skip
    assert answer.returncode == 1
    assert "gongzhi pictures http" in answer.stderr
