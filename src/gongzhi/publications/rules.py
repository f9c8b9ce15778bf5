"""What may stand on a board. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from gongzhi.core.errors import BadInput
from gongzhi.publications.models import MIN_DAYS

_ID_NUMBER = re.compile(r"(?<!\d)(\d{4})\d{10}(\d{3}[\dXx])(?!\d)")
_MOBILE = re.compile(r"(?<!\d)(1\d{2})[\s-]?\d{4}[\s-]?(\d{4})(?!\d)")
_CARD = re.compile(r"(?<!\d)(\d{4})\d{8,11}(\d{4})(?!\d)")
_DOOR = re.compile(r"(\d{1,4})\s*(单元|室|房)\s*\d{0,4}")


def mask(text: str, names: Iterable[str | None] = ()) -> str:
    """The text with ID, bank and mobile numbers, doors and `names` covered (PIPL art. 25, 28)."""
    for name in names:
        if name and len(name) > 1:  # a single character would garble other words
            text = text.replace(name, "某某")
    text = _ID_NUMBER.sub(r"\1**********\2", text)
    text = _CARD.sub(r"\1********\2", text)
    text = _MOBILE.sub(r"\1****\2", text)
    return _DOOR.sub(r"**\2", text)


def mask_all(value: Any, names: Iterable[str | None] = ()) -> Any:
    """Every text inside a structure masked."""
    if isinstance(value, str):
        return mask(value, names)
    if isinstance(value, dict):
        return {key: mask_all(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [mask_all(part, names) for part in value]
    return value


def digest(title: str, body: dict[str, Any]) -> str:
    """SHA-256 of what people read, the same for the same content."""
    return sha256(msgspec.json.encode([title, body], order="deterministic")).hexdigest()


def until(from_at: datetime, days: int) -> datetime:
    """The end of the time on the board. At least 15 days (2025 laws, art. 35 and 34)."""
    if days < MIN_DAYS:
        raise BadInput("days", f"公开时间不能少于{MIN_DAYS}天。")
    return from_at + timedelta(days=days)
