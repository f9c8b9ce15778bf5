"""A log with a key of its own for every test."""

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def _own_keys(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
