"""A session and all that happens in it: who came, what was said, what each item led to."""

from gongzhi.deliberation.meetings.models.results import (
    Minutes,
    Party,
    Pledge,
    PledgeEvent,
    Question,
    SessionEvent,
    Sorting,
)
from gongzhi.deliberation.meetings.models.session import (
    MUST_LEAVE,
    AgendaItem,
    Attendance,
    Mandate,
    Paper,
    Roll,
    Session,
    Speaker,
)

__all__ = [
    "MUST_LEAVE",
    "AgendaItem",
    "Attendance",
    "Mandate",
    "Minutes",
    "Paper",
    "Party",
    "Pledge",
    "PledgeEvent",
    "Question",
    "Roll",
    "Session",
    "SessionEvent",
    "Sorting",
    "Speaker",
]
