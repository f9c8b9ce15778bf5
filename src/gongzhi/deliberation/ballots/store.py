"""The statements that carry the load: a vote is one of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gongzhi.core import db

# Loaded once with the vote's own lock: FOR SHARE meets the closing's FOR UPDATE, so that a vote is
# either before the count or refused. The time is judged in the same statement.
_OPEN = """select id, secret from ballots_motion where id = %(motion)s::bigint and state = 'open'
    and opens_at <= %(at)s::timestamptz and closes_at > %(at)s::timestamptz for share"""
_FIRST = f"""
with m as ({_OPEN}), e as (
  update ballots_elector e set voted = 'phone' from m
   where e.motion_id = m.id and e.person_id = %(person)s::bigint and e.voted = ''
     and e.blocked = '' and (e.person_id = %(by)s::bigint or e.proxy_id = %(by)s::bigint)
  returning e.id, e.area
)
insert into ballots_ballot (id, motion_id, secret, elector_id, choice, weight, receipt, paper,
  version)
select gen_random_uuid(), m.id, m.secret, case when m.secret then null else e.id end,
  %(choice)s::jsonb, case when m.secret then 0 else e.area end, %(receipt)s,
  case when m.secret then null else false end, 1 from m, e
returning version
"""
_AGAIN = f"""
with m as ({_OPEN})
update ballots_ballot b set choice = %(choice)s::jsonb, version = b.version + 1 from m
 where b.motion_id = m.id and b.version = %(seen)s::int and b.paper is distinct from true
   and case when m.secret then b.receipt = %(receipt)s else b.elector_id = (
     select e.id from ballots_elector e where e.motion_id = m.id and e.voted = 'phone'
       and e.person_id = %(person)s::bigint
       and (e.person_id = %(by)s::bigint or e.proxy_id = %(by)s::bigint)) end
   and exists (select 1 from ballots_elector e where e.motion_id = m.id and e.voted = 'phone'
     and e.person_id = %(person)s::bigint)
returning b.version
"""
_WHY = """
select m.state, m.opens_at, m.closes_at, m.secret, e.id as elector, e.blocked, e.voted,
  (e.person_id = %(by)s::bigint or e.proxy_id = %(by)s::bigint) as own, b.choice, b.version
from ballots_motion m
  left join ballots_elector e on e.motion_id = m.id and e.person_id = %(person)s::bigint
  left join ballots_ballot b on b.motion_id = m.id
    and case when m.secret then b.receipt = %(receipt)s else b.elector_id = e.id end
where m.id = %(motion)s::bigint
"""


def cast(
    motion_id: int, person_id: int, choice: Sequence[str], receipt: str, *, seen: int,
    by: int, at: datetime,
) -> int | None:  # fmt: skip
    """Write a first vote (`seen` 0) or change the one of that version; its version, or None."""
    found = db.rows(
        _AGAIN if seen else _FIRST, _params(motion_id, person_id, receipt, by)
        | {"at": at, "choice": db.dump(list(choice)), "seen": seen},
    )  # fmt: skip
    return int(found[0][0]) if found else None


def why_not(motion_id: int, person_id: int, receipt: str, *, by: int) -> dict[str, Any] | None:
    """What stands instead: the state of the vote, of his line on the roll, and his ballot."""
    found = db.dicts(_WHY, _params(motion_id, person_id, receipt, by))
    return found[0] if found else None


def _params(motion_id: int, person_id: int, receipt: str, by: int) -> dict[str, Any]:
    return {"motion": motion_id, "person": person_id, "receipt": receipt, "by": by}


def tell(motion_id: int) -> None:
    """Open pages hear at once that the vote opened or closed: once in its life each."""
    db.rows("select pg_notify('gongzhi', %s)", (db.dump({"motion": motion_id}),))
