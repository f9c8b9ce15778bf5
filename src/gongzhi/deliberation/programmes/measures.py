"""Named measures: numbers computed from what is recorded anyway, each with its question in SQL.

A measure reads a subtree of places at a moment and answers {have, of, met}. The SQL is shown on
the page beside the number, so that anybody may see what was counted.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from gongzhi.core import db
from gongzhi.deliberation.programmes.definition import Criterion

SQL = {
    "disclosure_on_time": """
select count(*) filter (where exists (select 1 from publications_publication p
    where p.place_path like %(path)s::text || '%%' and p.from_at >= q and p.from_at < q + interval
      '3 months')) as have, count(*) as of
from generate_series(date_trunc('quarter', %(at)s::timestamptz) - %(quarters)s::int
    * interval '3 months', date_trunc('quarter', %(at)s::timestamptz) - interval '3 months',
    interval '3 months') q""",
    "councils_seated": """
select count(*) filter (where exists (select 1 from bodies_body b join places_place w
    on w.id = b.place_id where b.level = l and b.to_on is null
      and w.path like %(path)s::text || '%%' and (b.electorate <> 'seats' or %(seats)s::int <=
        (select count(*) from bodies_seat s where s.body_id = b.id and s.to_on is null))))
  as have, count(*) as of
from unnest(%(levels)s::text[]) l""",
    "self_help_groups": """
select count(*) as have, %(least)s::int as of
from people_organisation o join places_place w on w.id = o.place_id
where w.path like %(path)s::text || '%%' and o.kind = any(%(kinds)s::text[])""",
    "help_matched": """
select count(*) filter (where f.first <= m.created_at + %(hours)s::int * interval '1 hour')
  as have, count(*) as of
from matters_matter m cross join lateral (
  select min(a.at) as first from matters_assignment a where a.matter_id = m.id) f
where m.place_path like %(path)s::text || '%%' and m.category like %(category)s::text || '%%'
  and m.created_at >= %(at)s::timestamptz - %(days)s::int * interval '1 day'
  and m.created_at <= %(at)s::timestamptz
  and (f.first is not null
    or m.created_at <= %(at)s::timestamptz - %(hours)s::int * interval '1 hour')""",
    "old_disputes": """
select count(*) filter (where m.created_at < %(at)s::timestamptz
  - %(days)s::int * interval '1 day') as have, count(*) as of
from matters_matter m
where m.place_path like %(path)s::text || '%%' and m.category like %(category)s::text || '%%'
  and (m.closed_at is null or m.closed_at > %(at)s::timestamptz)
  and m.created_at <= %(at)s::timestamptz""",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was counted, of how many, and whether that meets the criterion."""

    have: int
    of: int
    met: bool
    sql: str


def measure(criterion: Criterion, place_path: str, at: datetime) -> Measured:
    """Compute one criterion. One statement."""
    sql = SQL[criterion.measure]
    have, of = db.rows(sql, criterion.with_ | {"path": place_path, "at": at})[0]
    return Measured(have, of, _met(criterion.measure, have, of, criterion.with_), sql.strip())


def _met(name: str, have: int, of: int, given: dict[str, Any]) -> bool:
    if name == "old_disputes":
        return have == 0
    if name == "help_matched":  # nobody asked: nothing was shown
        return of > 0 and have >= Fraction(given["share"]) * of
    return of > 0 and have >= of
