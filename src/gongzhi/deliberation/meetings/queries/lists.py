"""Lists of sessions, what they led to, and how often they were really held."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.bodies import rules as body_rules
from gongzhi.people.permissions import Viewer

SIZE = 20
_LISTED = """select s.id, s.number, s.title, s.state, s.mode, s.starts_at, s.venue, s.closed_at,
  s.notice_days, b.name as body, b.level, w.name as place,
  (select count(*) from meetings_attendance a where a.session_id = s.id) as heads,
  (select count(*) from meetings_sorting o
    where o.session_id = s.id and o.merged_into_id is null) as issues
from meetings_session s join bodies_body b on b.id = s.body_id
  join places_place w on w.id = s.place_id
"""
# A session is of interest to a place when held there, inside it, or around it.
_NEAR = """(s.place_path like %(path)s::text || '%%'
  or %(path)s::text like s.place_path || '%%')"""


def upcoming(path: str, at: datetime, limit: int = 30) -> list[dict[str, Any]]:
    """Sessions noticed or running near a place, the next first."""
    return db.dicts(
        f"""{_LISTED} where {_NEAR} and s.state in ('noticed', 'open')
        and s.starts_at > %(after)s::timestamptz order by s.starts_at, s.id limit %(limit)s::int""",
        {"path": path, "after": at - timedelta(days=2), "limit": limit},
        prepare=False,
    )


def held(path: str, *, page: int = 1, size: int = SIZE) -> dict[str, Any]:
    """Sessions that have been held near a place, newest first: {"rows", "more", "page"}."""
    rows = db.dicts(
        f"""{_LISTED} where {_NEAR} and s.state in ('closed', 'cancelled')
        order by s.starts_at desc, s.id desc limit %(size)s::int offset %(skip)s::int""",
        {"path": path, "size": size + 1, "skip": (page - 1) * size},
        prepare=False,
    )
    return {"rows": rows[:size], "more": len(rows) > size, "page": page}


def of_body(body_id: int, *, page: int = 1, size: int = SIZE) -> dict[str, Any]:
    """The sessions of one body that were announced, newest first."""
    rows = db.dicts(
        f"""{_LISTED} where s.body_id = %(body)s::bigint and s.state <> 'draft'
        order by s.starts_at desc, s.id desc limit %(size)s::int offset %(skip)s::int""",
        {"body": body_id, "size": size + 1, "skip": (page - 1) * size},
    )
    return {"rows": rows[:size], "more": len(rows) > size, "page": page}


def desk(viewer: Viewer, at: datetime) -> list[dict[str, Any]]:
    """Sessions below the viewer's posts that are being prepared or run, or wait for sorting."""
    return db.dicts(
        f"""select * from ({_LISTED} where exists (select 1 from unnest(%(posts)s::text[]) post
            where s.place_path like post || '%%')
          and (s.state in ('draft', 'noticed', 'open')
            or s.state = 'closed' and s.closed_at > %(since)s::timestamptz)) x
        order by array_position(array['open', 'noticed', 'draft', 'closed'], x.state::text),
          x.starts_at limit 60""",
        {"posts": [post.place_path for post in viewer.posts], "since": at - timedelta(days=100)},
        prepare=False,
    )


def month(path: str, first: date, last: date) -> dict[date, list[dict[str, Any]]]:
    """Sessions by day of a span, at and below a place."""
    rows = db.dicts(
        f"""{_LISTED} where s.place_path like %(path)s::text || '%%'
        and s.state not in ('draft', 'cancelled') and s.starts_at >= %(first)s::timestamptz
        and s.starts_at < %(after)s::timestamptz order by s.starts_at limit 500""",
        {
            "path": path, "first": _midnight(first), "after": _midnight(last + timedelta(days=1)),
        },
        prepare=False,
    )  # fmt: skip
    days: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        days[row["starts_at"].astimezone(SHANGHAI).date()].append(row)
    return days


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def cadence(
    path: str, on: date, from_on: date | None = None, blueprint: str = ""
) -> dict[str, Any]:
    """How often bodies below a place were to meet, and how often they did: held of due.

    {"rows": [{id, body, place, months, due, held, sessions, last}], "due", "held"}. Case 13: one
    session each quarter in each of 21 villages is 168 in two years, held were 11; both are shown.
    `blueprint` limits it to one kind of body.
    """
    rows = db.dicts(
        """select b.id, b.name as body, w.name as place, b.cadence_months as months,
          greatest(b.from_on, coalesce(%(from)s::date, b.from_on)) as from_on,
          least(coalesce(b.to_on, %(on)s::date), %(on)s::date) as to_on,
          array(select (s.starts_at at time zone 'Asia/Shanghai')::date from meetings_session s
            where s.body_id = b.id and s.state = 'closed' order by s.starts_at) as days
        from bodies_body b join places_place w on w.id = b.place_id
        where b.cadence_months is not null and w.path like %(path)s::text || '%%'
          and b.from_on <= %(on)s::date and %(blueprint)s::text in ('', b.blueprint)
        order by w.path, b.id limit 2000""",
        {"path": path, "on": on, "from": from_on, "blueprint": blueprint},
    )
    for row in rows:
        days = [day for day in row.pop("days") if row["from_on"] <= day <= row["to_on"]]
        row["due"], row["held"] = body_rules.due_and_held(
            row["from_on"], row["to_on"], row["months"], days
        )
        row["sessions"], row["last"] = len(days), days[-1] if days else None
    return {
        "rows": rows,
        "due": sum(row["due"] for row in rows),
        "held": sum(row["held"] for row in rows),
    }


# Rectified: somebody who had no part in it found the work done, and nobody concerned sent it back.
# What else its playbook asks for (tell the asker, read it at the next session, publish) may follow.
_DONE = "(not m.unsolved and (m.outcome = 'done' or m.outcome = '' and m.settled_level <> ''))"
_LATE = "(m.outcome = '' and m.settled_level = '' and o.due_at < %(at)s::timestamptz)"
_ISSUES = """
from meetings_sorting o join meetings_session s on s.id = o.session_id
  join bodies_body b on b.id = s.body_id join places_place w on w.id = s.place_id
  join matters_matter m on m.id = o.matter_id
where o.merged_into_id is null and s.place_path like %(path)s::text || '%%'
  and (%(body)s::bigint is null or s.body_id = %(body)s::bigint)
  and (%(session)s::bigint is null or s.id = %(session)s::bigint)
  and (%(before)s::int is null or s.number < %(before)s::int)
  and (%(from)s::timestamptz is null or s.starts_at >= %(from)s::timestamptz)
"""


def rectification(
    *,
    path: str = "/",
    at: datetime,
    session_id: int | None = None,
    body_id: int | None = None,
    before: int | None = None,
    from_at: datetime | None = None,
    page: int = 1,
    size: int = 30,
) -> dict[str, Any]:
    """The rectification list with its sums, computed from the matters themselves.

    {"rows", "more", "issues", "assigned", "joint", "done", "late"}; done means verified by somebody
    else and not sent back, as the matter's own events say. `before` is a session's number of
    that body.
    """
    params = {
        "path": path, "session": session_id, "body": body_id, "before": before, "from": from_at,
        "at": at, "size": size + 1, "skip": (page - 1) * size,
    }  # fmt: skip
    sums = db.dicts(
        f"""select count(*) as issues, count(*) filter (where o.kind = 'assign') as assigned,
          count(*) filter (where o.kind = 'joint') as joint,
          count(*) filter (where {_DONE}) as done,
          count(*) filter (where {_LATE}) as late
        {_ISSUES}""",
        params, prepare=False,
    )[0]  # fmt: skip
    rows = db.dicts(
        f"""select o.id, o.kind, o.due_at, m.number, m.title, m.outcome, m.stage, m.step,
          m.closed_at, s.id as session_id, s.title as session, w.name as place,
          coalesce(u.name, p.name) as lead, jsonb_array_length(o.others) as others,
          (select q.number from meetings_question q where q.id = o.question_id) as question,
          (select count(*) from meetings_sorting x where x.merged_into_id = o.id) as merged,
          {_DONE} as done, {_LATE} as late
        {_ISSUES.replace("where o.merged", "left join people_organisation u on u.id ="
          " o.lead_organisation_id left join people_person p on p.id = o.lead_person_id"
          " where o.merged")}
        order by ({_DONE} or m.outcome <> ''), o.due_at, o.id
        limit %(size)s::int offset %(skip)s::int""",
        params, prepare=False,
    )  # fmt: skip
    return dict(sums) | {"rows": rows[:size], "more": len(rows) > size, "page": page}


def record(path: str, at: datetime, *, blueprint: str, from_at: datetime | None = None
           ) -> dict[str, Any]:  # fmt: skip
    """Case 13's sentence from the records: sessions, issues = 交办 + 会办, rectified, heads."""
    sessions = db.dicts(
        """select count(*) as sessions, min(heads) as least, coalesce(sum(heads), 0) as heads,
          min(day) as first from (
          select (select count(*) from meetings_attendance a where a.session_id = s.id) as heads,
            s.starts_at as day from meetings_session s join bodies_body b on b.id = s.body_id
          where s.state = 'closed' and b.blueprint = %(blueprint)s
            and s.place_path like %(path)s::text || '%%'
            and (%(from)s::timestamptz is null or s.starts_at >= %(from)s::timestamptz)) x""",
        {"path": path, "blueprint": blueprint, "from": from_at},
    )[0]
    issues = db.dicts(
        f"""select count(*) as issues, count(*) filter (where o.kind = 'assign') as assigned,
          count(*) filter (where o.kind = 'joint') as joint,
          count(*) filter (where {_DONE}) as done
        {_ISSUES} and b.blueprint = %(blueprint)s""",
        {"path": path, "blueprint": blueprint, "from": from_at, "session": None, "body": None,
         "before": None},
        prepare=False,
    )[0]  # fmt: skip
    return {**sessions, **issues}
