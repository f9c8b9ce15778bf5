"""The bugs: where, what is written there, what is written instead, and why one cannot be seen."""

import tomllib
from pathlib import Path
from typing import NamedTuple


class Bug(NamedTuple):
    """One slip, as `planted.toml` explains."""

    name: str
    where: str
    new: str
    old: str = ""
    beside: bool = False
    equal: str = ""


def bugs() -> list[Bug]:
    """All of them."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return [Bug(**bug) for bug in tomllib.loads(text)["bug"]]
