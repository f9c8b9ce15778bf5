"""Pure rules of channels: until when somebody answers, what a forwarded message may keep."""

import re
from datetime import datetime

from gongzhi.core.clock import Term, WorkCalendar

# 30 minutes in office hours; otherwise by 30 minutes after the next opening (cases.md, case 1).
ANSWER_PERCENT = 50  # of an office hour

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_ID = re.compile(r"(?<![\dA-Za-z])(\d{6})\d{8}(\d{3}[\dXx])(?![\dA-Za-z])")
_AT = re.compile(r"@[^\s@：:，,。]{1,20}")
_STAMP = re.compile(r"^[\[（(]?\d{1,4}[-/年.]\d{1,2}(?:[-/月.]\d{1,2}日?)?(?:\s+|$)")
_CLOCK = re.compile(r"(?:上午|下午|晚上|凌晨|中午)?\s?\d{1,2}:\d{2}(?::\d{2})?")
_SENDER = re.compile(r"^([^：:\n]{1,20})[：:]\s*(?=\S)")


def due(calendar: WorkCalendar, at: datetime) -> datetime:
    """Until when a post should have an answer: half an hour of office time from now."""
    hour = calendar.add(at, Term(1, "wh"))
    return calendar.fraction_point(at, hour, ANSWER_PERCENT, "wh")


def masked(words: str, *, sender: bool) -> str:
    """A message without numbers and names called out; with `sender`, also without who sent it.

    "张三：路灯坏了 13912345678" becomes "路灯坏了 139****5678". Date lines of a chat go, too.
    """
    said = _ID.sub(r"\1********\2", _PHONE.sub(r"\1****\2", words))
    said = _AT.sub("@邻居", said)
    if not sender:
        return said
    lines = []
    for line in said.splitlines():
        bare = _CLOCK.sub("", _STAMP.sub("", line.strip())).strip(" -—·[]()（）")
        if bare and len(bare) <= 20 and bare != line.strip():
            continue  # "张三 2026-11-23 10:02", the head line of a copied message
        kept = _SENDER.sub("", bare, count=1)
        if kept:
            lines.append(kept)
    return "\n".join(lines)
