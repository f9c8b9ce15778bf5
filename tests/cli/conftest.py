"""Folders and installations for the tests of the command line."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from installations import Installation


@pytest.fixture(scope="module")
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket and which other users may pass."""
    path = Path(tempfile.mkdtemp(prefix="gz-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def new_folder() -> Iterator[Path]:
    """The same, for one test."""
    path = Path(tempfile.mkdtemp(prefix="gz-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def house(short_folder: Path) -> Iterator[Installation]:
    """A running installation, shared by the tests of a file."""
    installation = Installation(short_folder / "data").begin_as("tables")
    installation.up()
    yield installation
    if installation.process is not None and installation.process.poll() is None:
        installation.stop()
