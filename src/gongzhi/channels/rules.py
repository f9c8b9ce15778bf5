"""Pure rules of channels: until when somebody answers, what a forwarded message may keep."""

import re
from datetime import datetime

from gongzhi.core.clock import Term, WorkCalendar

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_ID = re.compile(r"(?<![\dA-Za-z])(\d{6})\d{8}(\d{3}[\dXx])(?![\dA-Za-z])")
_AT = re.compile(r"@[^\s@：:，,。]{1,20}")


def due(calendar: WorkCalendar, at: datetime, minutes: int = 30) -> datetime:
    """Until when a post should have an answer: so many minutes of office time from now.

    30 in office hours; said outside, 30 after the next opening (cases.md, case 1).
    """
    hours = -(-minutes // 60)
    whole = calendar.add(at, Term(hours, "wh"))
    return calendar.fraction_point(at, whole, 100 * minutes // (60 * hours), "wh")


def masked(words: str) -> str:
    """Words without numbers and names called out: "@李四 13912345678" is "@邻居 139****5678"."""
    return _AT.sub("@邻居", _ID.sub(r"\1********\2", _PHONE.sub(r"\1****\2", words)))
