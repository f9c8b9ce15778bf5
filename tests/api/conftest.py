"""Test programs speak with tokens made on the day of the cast; the clock stands there too."""

import pytest
from django.utils import timezone

from people import NOW


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doors read the clock through `timezone.now`: here it is Monday morning."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
