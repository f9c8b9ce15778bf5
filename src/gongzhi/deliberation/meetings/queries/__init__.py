"""Reading sessions. What others need of a session is here, by name."""

from gongzhi.deliberation.meetings.queries.counting import (
    attendance_by_class,
    counts,
    counts_of,
    roll,
    search,
    standing,
    standing_of,
    times,
)

__all__ = [
    "attendance_by_class",
    "counts",
    "counts_of",
    "roll",
    "search",
    "standing",
    "standing_of",
    "times",
]
