"""What a month brought, for everybody to read: counts of channels, never of persons."""

from datetime import datetime
from typing import Any

from gongzhi.core import db

SIZE, MAX_PAGE = 20, 500

_COUNTS = """count(*) filter (where p.due_at is not null) as asked,
  count(*) filter (where p.answered_at <= p.due_at) as in_time,
  count(*) filter (where p.answered_at is not null and p.due_at is not null) as answered,
  count(*) filter (where p.kind = 'relay') as relayed,
  count(*) filter (where p.matter_id is not null and p.kind <> 'summary') as matters,
  count(*) filter (where p.kind = 'notice') as notices"""


def by_channel(place_path: str, start: datetime, end: datetime, *, page: int = 1) -> dict[str, Any]:
    """Each channel below the place with the month's counts: {"rows", "page", "more"}.

    In the order of the tree, not of the counts: no league table (rules.md R1).
    """
    page = min(max(page, 1), MAX_PAGE)
    rows = db.dicts(
        f"""select c.name, c.kind, c.answer_minutes, w.name as place, n.*
        from channels_channel c join places_place w on w.id = c.place_id
        cross join lateral (select {_COUNTS} from channels_post p where p.channel_id = c.id
          and p.at >= %(from)s::timestamptz and p.at < %(to)s::timestamptz) n
        where c.place_path like %(path)s || '%%' and c.at < %(to)s::timestamptz
          and (c.closed_at is null or c.closed_at >= %(from)s::timestamptz)
        order by c.place_path, c.kind = 'topic', c.id
        limit %(size)s::int offset %(skip)s::int""",
        {"path": place_path, "from": start, "to": end, "size": SIZE + 1,
         "skip": (page - 1) * SIZE},
    )  # fmt: skip
    return {"rows": rows[:SIZE], "page": page, "more": len(rows) > SIZE}


def month(
    place_path: str, start: datetime, end: datetime, *, at: datetime | None = None
) -> dict[str, Any]:
    """What a month brought, as published: counts by category, answers in time; no persons."""
    counts = db.dicts(
        f"""select {_COUNTS}
        from channels_post p join channels_channel c on c.id = p.channel_id
        where c.place_path like %(path)s || '%%' and p.at >= %(from)s and p.at < %(to)s""",
        {"path": place_path, "from": start, "to": end},
    )[0]
    by_category = db.dicts(
        """select split_part(m.category, '.', 1) as category, count(*) as n,
          count(*) filter (where m.outcome = '') as open,
          max(%(at)s::timestamptz - m.created_at) filter (where m.outcome = '') as oldest
        from channels_post p join channels_channel c on c.id = p.channel_id
        join matters_matter m on m.id = p.matter_id
        where c.place_path like %(path)s || '%%' and p.kind <> 'summary' and not m.sensitive
          and p.at >= %(from)s and p.at < %(to)s group by 1 order by 2 desc""",
        {"path": place_path, "from": start, "to": end, "at": at or end},
    )
    return counts | {"by_category": by_category}
