"""The clock closes what is over: votes whose time has passed and whose papers are settled."""

from datetime import datetime

from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.deliberation.ballots.actions.counting import close_motion

BATCH = 20


def sweep(*, at: datetime) -> int:
    """Count what is over; how many. A vote whose papers are still being read waits for them."""
    due = db.rows(
        """select m.id from ballots_motion m where m.state = 'open'
          and m.closes_at <= %s::timestamptz
          and not exists (select 1 from ballots_elector e where e.motion_id = m.id
            and e.voted = 'paper') order by m.closes_at limit %s::int""",
        (at, BATCH),
    )
    return sum(_closed(row[0], at) for row in due)


def _closed(motion_id: int, at: datetime) -> bool:
    try:
        close_motion(motion_id=motion_id, by=None, at=at)
    except Refused:
        return False
    return True
