"""A position as columns of the matter row and as the JSON of an event: one list of fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gongzhi.playbooks.moves import Position, Step

TIMES = ("entered_at", "due_at", "clock_from", "paused_at", "parked_until", "ended_at")
WORDS = ("stage", "level", "step", "outcome", "pause_reason", "unit",
         "statutory", "resolution")  # fmt: skip
COUNTS = ("warned", "climbs", "descents", "returns", "extensions", "loops", "reopened")
FLAGS = ("return_pending", "unsolved")
FIELDS = WORDS + TIMES + COUNTS + FLAGS
COLUMNS = tuple("closed_at" if name == "ended_at" else name for name in FIELDS)


def from_row(row: Mapping[str, Any]) -> Position:
    """The position a matter row holds; `row` has at least COLUMNS."""
    values = {name: row[column] for name, column in zip(FIELDS, COLUMNS, strict=True)}
    return Position(**{**values, "step": Step(values["step"])})


def to_values(position: Position) -> dict[str, Any]:
    """Values of a position by field name, ready for the database or for JSON."""
    return {name: getattr(position, name) for name in FIELDS} | {"step": position.step.value}


def to_json(position: Position) -> dict[str, Any]:
    """What an event keeps; empty and zero fields are left out, times are ISO in UTC."""
    kept: dict[str, Any] = {}
    for name, value in to_values(position).items():
        if isinstance(value, datetime):
            kept[name] = value.isoformat()
        elif value:
            kept[name] = value
    return kept


def from_json(kept: Mapping[str, Any]) -> Position:
    """The position an event recorded."""
    values: dict[str, Any] = dict.fromkeys(WORDS, "") | dict.fromkeys(COUNTS, 0)
    values |= dict.fromkeys(TIMES) | dict.fromkeys(FLAGS, False) | dict(kept)
    for name in TIMES:
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    values["step"] = Step(values["step"])
    return Position(**values)
