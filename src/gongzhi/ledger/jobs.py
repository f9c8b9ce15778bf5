"""What the books do by themselves: holds whose time is over are free, points past their day go."""

from datetime import datetime

from gongzhi.core.clock import SHANGHAI
from gongzhi.ledger import actions, opening


def sweep(*, at: datetime) -> int:
    """Give back holds that ran out and take away points that ended; how many of both.

    By the worker, again and again: done twice it does nothing, and a worker that slept for days
    makes up for them in one go. The sale of the mall waits for its own end, which is not later.
    """
    today = at.astimezone(SHANGHAI).date()
    return actions.expire_holds(at=at) + actions.expire_day(today, at=at)


def tidy(*, at: datetime) -> int:
    """Drop files of paper books nobody entered in time; 0, for the next hour is soon enough."""
    opening.purge(at=at)
    return 0
