"""What tests of moves ask again and again."""

from typing import Any

import pytest

from gongzhi.core.errors import Refused
from gongzhi.matters.models import Assignment
from lives import Life


def refused(life: Life, verb: str, by: Any, **more: Any) -> Refused:
    """The move is refused and leaves nothing behind."""
    before = life.events
    with pytest.raises(Refused) as found:
        life.move(verb, by, **more)
    assert life.events == before
    return found.value


def parts(life: Life) -> list[Assignment]:
    return list(Assignment.objects.filter(matter=life.id).order_by("id"))
