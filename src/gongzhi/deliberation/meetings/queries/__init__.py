"""Reading sessions. What others need of a session is here, by name."""

from gongzhi.deliberation.meetings.queries.counting import (
    attendance_by_class,
    counts,
    counts_of,
    gaps,
    roll,
    search,
    standing,
    standing_of,
    times,
)
from gongzhi.deliberation.meetings.queries.detail import (
    agenda,
    attendance,
    minutes,
    page,
    papers,
    parties,
    pledge,
    pledges,
    pledges_before,
    pledges_of_session,
    questions,
    signed_in,
    speakers,
)
from gongzhi.deliberation.meetings.queries.lists import (
    cadence,
    desk,
    held,
    month,
    of_body,
    record,
    rectification,
    upcoming,
)
from gongzhi.deliberation.meetings.queries.surveyed import (
    surveys_of,
    surveys_offered,
    surveys_told,
)

__all__ = [
    "agenda", "attendance", "attendance_by_class", "cadence", "counts", "counts_of", "desk",
    "gaps", "held", "minutes", "month", "of_body", "page", "papers", "parties", "pledge", "pledges",
    "pledges_before", "pledges_of_session", "questions", "record", "rectification", "roll",
    "search", "signed_in", "speakers", "standing", "standing_of", "surveys_of", "surveys_offered",
    "surveys_told", "times", "upcoming",
]  # fmt: skip
