"""Questions about rounds. A vote of a person leaves only to himself."""

from datetime import date, datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.rounds import permissions
from gongzhi.people.permissions import Viewer

SIZE = 20

_HEAD = """
select r.*, w.name as place,
  (select t.title from meetings_session t where t.id = r.session_id and t.state <> 'draft')
    as session,
  r.state = 'open' and r.opens_at <= %(at)s::timestamptz and r.closes_at > %(at)s::timestamptz
    as runs,
  (select count(*) from rounds_statement s where s.round_id = r.id and s.state = 'in') as total,
  (select count(*) from rounds_vote v join rounds_statement s on s.id = v.statement_id
    where v.round_id = r.id and v.person_id = %(who)s::bigint and s.state = 'in') as mine,
  %(who)s::bigint is not null and round_roll(r.id, %(who)s::bigint, %(on)s::date) as member
from rounds_round r join places_place w on w.id = r.place_id where r.id = %(round)s::bigint
"""
# A draw in proportion to priority that is the same for the same person: the smallest of
# exponential times, each from a hash of the two numbers.
_NEXT = """
select s.id, s.number, s.text from rounds_statement s
where s.round_id = %(round)s::bigint and s.state = 'in' and s.id <> %(after)s::bigint
  and not exists (select 1 from rounds_vote v
    where v.statement_id = s.id and v.person_id = %(who)s::bigint)
order by -ln((('x' || substr(md5(%(who)s::text || ':' || s.id::text), 1, 8))::bit(32)::bigint + 1)
  / 4294967297.0) / s.priority limit 1
"""
_LISTED = """
select r.id, r.question, r.state, r.opens_at, r.closes_at, r.closed_at, w.name as place,
  r.closes_at > %(at)s::timestamptz and r.opens_at <= %(at)s::timestamptz and r.state = 'open'
    as runs,
  (select count(*) from rounds_statement s where s.round_id = r.id and s.state = 'in') as total,
  (select count(*) from rounds_statement s where s.round_id = r.id and s.state = 'waiting')
    as waiting
from rounds_round r join places_place w on w.id = r.place_id
where exists (select 1 from unnest(%(paths)s::text[]) own
    where own like r.place_path || '%%' or (%(below)s::bool and r.place_path like own || '%%'))
order by r.state desc, r.closes_at desc, r.id desc limit %(size)s::int offset %(skip)s::int
"""

# What is wanted of one person now: kind, id, title, until; %(me)s, %(at)s, %(on)s, %(places)s.
WANTED = """
select 'round' as kind, r.id, r.question as title, r.closes_at as until
from rounds_round r where r.state = 'open' and r.opens_at <= %(at)s::timestamptz
  and r.closes_at > %(at)s::timestamptz
  and exists (select 1 from unnest(%(places)s::text[]) own where own like r.place_path || '%%')
  and round_roll(r.id, %(me)s::bigint, %(on)s::date)
  and exists (select 1 from rounds_statement s where s.round_id = r.id and s.state = 'in'
    and not exists (select 1 from rounds_vote v
      where v.statement_id = s.id and v.person_id = %(me)s::bigint))"""


def day(at: datetime) -> date:
    """The day in the county."""
    return at.astimezone(SHANGHAI).date()


def head(round_id: int, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """The round as the viewer meets it; NotFound for those it does not concern. One statement."""
    params = {"round": round_id, "who": viewer.person_id, "at": at, "on": day(at)}
    found = db.dicts(_HEAD, params)
    if not found or not permissions.sees(viewer, found[0]):
        raise NotFound("没有这一轮云协商，或者它不在您住的地方。")
    return found[0]


def next_statement(round_id: int, person_id: int, after: int = 0) -> dict[str, Any] | None:
    """What this person is asked next; None when he has said it all."""
    found = db.dicts(_NEXT, {"round": round_id, "who": person_id, "after": after})
    return found[0] if found else None


def statement(round_id: int, number: int, person_id: int | None) -> dict[str, Any]:
    """One statement that was let in, with what the person said on it; NotFound."""
    found = db.dicts(
        "select s.id, s.number, s.text, v.value from rounds_statement s left join rounds_vote v"
        " on v.statement_id = s.id and v.person_id = %s::bigint"
        " where s.round_id = %s::bigint and s.number = %s::int and s.state = 'in'",
        (person_id, round_id, number),
    )
    if not found:
        raise NotFound("没有这一条观点，或者它没有放出。")
    return found[0]


def statements(round_id: int, person_id: int | None, page: int = 1) -> dict[str, Any]:
    """A page of what was let in, with one's own vote: {"rows", "more"}."""
    rows = db.dicts(
        "select s.id, s.number, s.text, s.author_id is null as seed, v.value"
        " from rounds_statement s left join rounds_vote v"
        " on v.statement_id = s.id and v.person_id = %s::bigint"
        " where s.round_id = %s::bigint and s.state = 'in' order by s.number"
        " limit %s::int offset %s::int",
        (person_id, round_id, SIZE + 1, (max(page, 1) - 1) * SIZE),
    )
    return {"rows": rows[:SIZE], "more": len(rows) > SIZE}


def own(round_id: int, person_id: int) -> list[dict[str, Any]]:
    """What the person put himself, and what became of it. At most five."""
    return db.dicts(
        "select id, number, text, state, rule, reason, decided_at from rounds_statement"
        " where round_id = %s::bigint and author_id = %s::bigint order by number",
        (round_id, person_id),
    )


def listed(paths: list[str], at: datetime, page: int = 1, *, below: bool = False) -> dict[str, Any]:
    """Rounds of the places above these (and below them): {"rows", "more"}, running ones first."""
    rows = db.dicts(
        _LISTED,
        {
            "paths": paths, "at": at, "below": below, "size": SIZE + 1,
            "skip": (max(page, 1) - 1) * SIZE,
        },
        prepare=False,
    )  # fmt: skip
    return {"rows": rows[:SIZE], "more": len(rows) > SIZE}


def of_session(session_id: int, viewer: Viewer) -> list[dict[str, Any]]:
    """Rounds that prepare or follow a session, as this viewer may see them, oldest first."""
    rows = db.dicts(
        "select id, question, state, closes_at, place_path from rounds_round"
        " where session_id = %s::bigint order by id limit 20",
        (session_id,),
    )
    return [row for row in rows if permissions.sees(viewer, row)]


def picture(round_id: int) -> dict[str, Any] | None:
    """The last picture: {"result", "at", "final"}."""
    found = db.dicts(
        "select result, at, final from rounds_picture where round_id = %s::bigint", (round_id,)
    )
    return found[0] | {"result": db.load(found[0]["result"])} if found else None


def matrix(round_id: int) -> dict[str, Any]:
    """The open file of a closed round: {"statements", "rows", "texts", "out"}; NotFound."""
    found = db.rows(
        "select matrix from rounds_picture where round_id = %s::bigint and final", (round_id,)
    )
    held = db.load(found[0][0]) if found and found[0][0] is not None else None
    if held is None:
        raise NotFound("还没有可以下载的数据。", todo="结束以后、有5人以上参加，才公布数据。")
    said = db.rows(
        "select number, text, state from rounds_statement where round_id = %s::bigint",
        (round_id,),
    )
    held["texts"] = {str(number): words for number, words, _ in said}
    held["out"] = [str(number) for number, _, state in said if state != "in"]
    return dict(held)


def queue(round_id: int, page: int = 1, state: str = "waiting") -> dict[str, Any]:
    """Statements in that state for the moderator, oldest first, without their authors' names."""
    rows = db.dicts(
        "select s.id, s.number, s.text, s.state, s.rule, s.reason, s.at, s.author_id,"
        " (select count(*) from rounds_vote v where v.statement_id = s.id) as votes"
        " from rounds_statement s where s.round_id = %s::bigint and s.state = %s"
        " order by s.number limit %s::int offset %s::int",
        (round_id, state, SIZE + 1, (max(page, 1) - 1) * SIZE),
    )
    return {"rows": rows[:SIZE], "more": len(rows) > SIZE}


def counts(round_id: int) -> dict[str, Any]:
    """For the host: statements by state, people and votes; never who."""
    return db.dicts(
        "select count(*) filter (where state = 'waiting') as waiting,"
        " count(*) filter (where state = 'in') as let_in, count(*) filter (where state = 'out')"
        " as left_out, (select count(*) from rounds_vote v where v.round_id = %(round)s::bigint)"
        " as votes, (select count(distinct person_id) from rounds_vote v"
        " where v.round_id = %(round)s::bigint) as people"
        " from rounds_statement where round_id = %(round)s::bigint",
        {"round": round_id},
    )[0]
