"""What the worker does for rounds: close those whose time is over, picture those that changed."""

import logging
from datetime import datetime

from gongzhi.core import db
from gongzhi.deliberation.rounds import pictures
from gongzhi.deliberation.rounds.actions import close_round

log = logging.getLogger("gongzhi.rounds")

_OVER = """
select id from rounds_round where state = 'open' and closes_at <= %s::timestamptz order by id
limit 20
"""
_CHANGED = """
select r.id from rounds_round r left join rounds_picture p on p.round_id = r.id
where r.state = 'open' and exists (select 1 from rounds_vote v where v.round_id = r.id)
  and (p.round_id is null
    or exists (select 1 from rounds_vote v where v.round_id = r.id
               and (p.counted_to is null or v.at > p.counted_to))
    or exists (select 1 from rounds_statement s where s.round_id = r.id and s.decided_at > p.at))
order by p.at nulls first limit 5
"""


def sweep(*, at: datetime) -> int:
    """Once; always 0, so that a busy round is not calculated again and again without a rest."""
    for (round_id,) in db.rows(_OVER, (at,)):
        close_round(round_id=round_id, viewer=None, at=at)
    for (round_id,) in db.rows(_CHANGED):
        pictures.current(round_id, at)
    return 0
