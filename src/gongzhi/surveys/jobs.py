"""The clock of questionnaires: a round ends when its time is over."""

from datetime import datetime

from gongzhi.core import db
from gongzhi.surveys import actions

BATCH = 50


def sweep(*, at: datetime) -> int:
    """Close the rounds whose time is over; how many."""
    due = db.rows(
        "select id from surveys_round where state = 'open' and closes_at <= %s::timestamptz"
        " order by closes_at limit %s::int",
        (at, BATCH),
    )
    return sum(actions.close_round(round_id=row[0], viewer=None, at=at) for row in due)
