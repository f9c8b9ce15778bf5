"""The tests of money are tested: each planted bug is seen, or is marked with why it cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from installations import address_of_tests

HOUSE = Path(__file__).parents[2]


def plant(*said: str) -> None:
    """The program in a process and a database of its own."""
    env = {**os.environ, "DATABASE_URL": address_of_tests(),
           "PYTHONPATH": f"{HOUSE}/src:{HOUSE}/tests"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "mutations.money", *said], cwd=HOUSE, env=env, timeout=3000,
        capture_output=True, text=True,
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@pytest.mark.slow
def test_three_bugs_are_seen() -> None:
    plant("--sample", "3")


@pytest.mark.nightly
def test_every_bug_is_seen() -> None:
    plant()
