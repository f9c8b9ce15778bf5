"""The starter book of 32 items that comes with the software, as drafts to change and vote on."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

_NAMES = ("code", "area", "kind", "subject", "points", "unit", "cap", "evidence", "trigger",
          "title", "title_en")  # fmt: skip


@cache
def _read() -> tuple[tuple[Any, ...], ...]:
    found = tomllib.loads((Path(__file__).parent / "data" / "starter.toml").read_text("utf-8"))
    return tuple(tuple(row) for row in found["items"])


def items(until: date) -> list[dict[str, Any]]:
    """The rows as `actions.save_items` takes them; temporary ones end on `until`."""
    rows = [dict(zip(_NAMES, row, strict=True)) for row in _read()]
    for row in rows:
        row |= {
            "words": "", "reviewer": "grid_worker",
            "until_on": until if row["kind"] == "temporary" else None,
        }  # fmt: skip
    return rows
