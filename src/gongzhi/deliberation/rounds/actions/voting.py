"""Agree, disagree, pass: one voice a person and statement, changed as often as one likes."""

from datetime import datetime

from gongzhi.core import db
from gongzhi.core.errors import NotAllowed, NotFound
from gongzhi.deliberation.rounds import queries, rules
from gongzhi.people.permissions import Viewer

# One statement says why not, or does it. The guard of the table stands behind it.
_VOTE = """
with s as (
  select s.id, s.round_id, s.state = 'in' as let_in,
    r.state = 'open' and r.opens_at <= %(at)s::timestamptz and r.closes_at > %(at)s::timestamptz
      as runs, round_roll(r.id, %(by)s::bigint, %(on)s::date) as member
  from rounds_statement s join rounds_round r on r.id = s.round_id
  where s.id = %(statement)s::bigint and s.round_id = %(round)s::bigint
), made as (
  insert into rounds_vote (round_id, statement_id, person_id, value, at)
  select round_id, id, %(by)s::bigint, %(value)s::smallint, %(at)s::timestamptz
    from s where let_in and runs and member
  on conflict (statement_id, person_id) do update set value = excluded.value, at = excluded.at
    where rounds_vote.value <> excluded.value
)
select let_in, runs, member from s
"""


def vote(*, round_id: int, statement_id: int, value: int, viewer: Viewer, at: datetime) -> None:
    """Say it. The same again changes nothing; another value replaces the last one.

    Raises NotAllowed for those not on the roll, NotOpen outside its hours, NotFound.
    """
    if viewer.person_id is None:
        raise NotAllowed("请先登录，再表态。")
    with db.atomic():
        found = db.rows(
            _VOTE,
            {
                "round": round_id, "statement": statement_id, "by": viewer.person_id,
                "value": value, "at": at, "on": queries.day(at),
            },
        )  # fmt: skip
    if not found:
        raise NotFound("没有这一条观点。")
    let_in, runs, member = found[0]
    if not member:
        raise NotAllowed("这一轮只请名册上的人参加。", todo="觉得名册有错，请找社区改。")
    if not runs:
        raise rules.NotOpen()
    if not let_in:
        raise NotFound("这一条观点没有放出，或者刚刚撤下了。")
