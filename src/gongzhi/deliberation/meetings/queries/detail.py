"""One session as its pages show it: agenda, questions, pledges, papers, who holds the desk."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.bodies import permissions
from gongzhi.deliberation.meetings.models import Minutes
from gongzhi.people.permissions import Viewer

_PAGE = """
select s.id, s.body_id, s.place_id, s.place_path, s.number, s.title, s.rule, s.edition, s.house,
  s.required, s.mode, s.starts_at, s.venue, s.online, s.state, s.seq, s.item_id, s.notice_days,
  s.noticed_at, s.short_notice, s.opened_at, s.closed_at, s.cancelled_reason, s.token,
  b.name as body, b.kind as body_kind, b.level, b.electorate, b.template, w.name as place,
  (select json_build_object('name', p.name, 'at', e.at, 'verb', e.verb, 'by', e.by_id)
     from meetings_sessionevent e left join people_person p on p.id = e.by_id
    where e.session_id = s.id order by e.seq desc limit 1) as last,
  (select max(version) from meetings_minutes m where m.session_id = s.id) as minutes
from meetings_session s join bodies_body b on b.id = s.body_id
  join places_place w on w.id = s.place_id where s.id = %s::bigint
"""


def page(session_id: int, viewer: Viewer) -> dict[str, Any]:
    """A session as its page needs it; NotFound for a draft one does not prepare oneself."""
    found = db.dicts(_PAGE, (session_id,))
    if not found:
        raise NotFound("没有这场会。")
    row = found[0]
    for name in ("house", "required", "last"):
        row[name] = db.load(row[name])
    row["runs"] = permissions.may_run(viewer, row["place_path"], row["level"])
    row["judges"] = permissions.may_judge(viewer, row["place_path"])
    if row["state"] == "draft" and not row["runs"]:
        raise NotFound("没有这场会，或者它还在筹备。")
    if row["last"]:
        row["last"]["at"] = datetime.fromisoformat(row["last"]["at"])
    return row


def agenda(session_id: int) -> list[dict[str, Any]]:
    """The items in order with what each led to; `depth` 1 for a part of another."""
    rows = db.dicts(
        """select i.id, i.parent_id, i.position, i.kind, i.title, i.note, i.speaker, i.minutes,
          i.started_at, i.ended_at, i.record, i.outcome, i.data, i.outcome_at, i.matter_id,
          m.number as matter, m.outcome as matter_outcome, o.kind as sorted_as, o.due_at,
          coalesce(u.name, lp.name) as lead,
          (i.parent_id is not null)::int as depth
        from meetings_agendaitem i left join matters_matter m on m.id = i.matter_id
          left join meetings_sorting o on o.item_id = i.id
          left join people_organisation u on u.id = o.lead_organisation_id
          left join people_person lp on lp.id = o.lead_person_id
        where i.session_id = %s::bigint order by i.position, i.id""",
        (session_id,),
    )
    for row in rows:
        row["data"] = db.load(row["data"])
    return _tree(rows)


def _tree(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts of an item directly behind it."""
    below: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        below[row["parent_id"]].append(row)
    placed: list[dict[str, Any]] = []

    def put(parent: int | None) -> None:
        for row in below[parent]:
            placed.append(row)
            put(row["id"])

    put(None)
    return placed


def questions(session_id: int) -> list[dict[str, Any]]:
    """What was asked, in the order it came; nothing is left out and nothing put first."""
    return db.dicts(
        """select q.id, q.number, q.text, q.suggestion, q.asker, q.how, q.state, q.answer,
          q.answerer, q.at, q.person_id, m.number as matter, o.kind as sorted_as, o.due_at,
          o.id as sorting, o.merged_into_id, coalesce(u.name, lp.name) as lead
        from meetings_question q left join meetings_sorting o on o.question_id = q.id
          left join matters_matter m on m.id = o.matter_id
          left join people_organisation u on u.id = o.lead_organisation_id
          left join people_person lp on lp.id = o.lead_person_id
        where q.session_id = %s::bigint order by q.number limit 500""",
        (session_id,),
    )


def papers(session_id: int) -> list[dict[str, Any]]:
    """What there is to read, oldest first."""
    return db.dicts(
        "select id, title, text, at from meetings_paper where session_id = %s::bigint order by id",
        (session_id,),
    )


def parties(session_id: int) -> dict[int, list[dict[str, Any]]]:
    """The sides of each hearing by item, in their order."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in db.dicts(
        """select y.id, y.item_id, y.position, y.name, y.stand, y.statement, y.said_at
        from meetings_party y join meetings_agendaitem i on i.id = y.item_id
        where i.session_id = %s::bigint order by y.item_id, y.position""",
        (session_id,),
    ):
        found[row["item_id"]].append(row)
    return found


def speakers(item_id: int | None) -> list[dict[str, Any]]:
    """Who has the floor and who waits, in order."""
    if item_id is None:
        return []
    return db.dicts(
        "select id, name, at, began_at from meetings_speaker where item_id = %s::bigint"
        " and ended_at is null order by (began_at is null), id limit 60",
        (item_id,),
    )


_PLEDGES = """select l.id, l.text, l.due_on, l.state, l.at, l.session_id, l.owner_id,
  s.number as session_number, s.title as session, coalesce(p.name, o.name) as owner,
  o.name as organisation, e.note, e.at as judged_at,
  (l.state in ('open', 'extended') and l.due_on < %(on)s::date) as overdue
from meetings_pledge l join meetings_session s on s.id = l.session_id
  left join people_person p on p.id = l.owner_id
  left join people_organisation o on o.id = l.organisation_id
  left join lateral (select note, at from meetings_pledgeevent e
    where e.pledge_id = l.id and e.verb <> 'made' order by e.id desc limit 1) e on true
"""


def pledges_of_session(session_id: int, at: datetime) -> list[dict[str, Any]]:
    """What was promised at this session."""
    return db.dicts(
        f"{_PLEDGES} where l.session_id = %(session)s::bigint order by l.id limit 200",
        {"session": session_id, "on": at},
    )


def pledges_before(row: dict[str, Any], at: datetime) -> list[dict[str, Any]]:
    """What was promised to this body before this session: read first."""
    return db.dicts(
        f"""{_PLEDGES} where l.body_id = %(body)s::bigint and s.number < %(number)s::int
        order by (l.state in ('kept', 'broken')), l.due_on, l.id limit 100""",
        {"body": row["body_id"], "number": row["number"], "on": at},
    )


def pledges(path: str, at: datetime, *, page: int = 1, size: int = 30) -> dict[str, Any]:
    """What was promised at and below a place: {"rows", "sums", "more", "page"}.

    `sums` counts by state, and those overdue without a verdict: none is left out.
    """
    inside = "s.place_path like %(path)s::text || '%%'"
    params = {"path": path, "on": at, "size": size + 1, "skip": (page - 1) * size}
    rows = db.dicts(
        f"""{_PLEDGES} where {inside} order by (l.state in ('kept', 'broken')), l.due_on, l.id
        limit %(size)s::int offset %(skip)s::int""",
        params,
        prepare=False,
    )
    sums = db.dicts(
        f"""select count(*) as made, count(*) filter (where l.state = 'kept') as kept,
          count(*) filter (where l.state = 'broken') as broken,
          count(*) filter (where l.state = 'extended') as extended,
          count(*) filter (where l.state in ('open', 'extended')
            and l.due_on < %(on)s::date) as overdue
        from meetings_pledge l join meetings_session s on s.id = l.session_id where {inside}""",
        {"path": path, "on": at},
        prepare=False,
    )[0]
    return {"rows": rows[:size], "sums": sums, "more": len(rows) > size, "page": page}


def pledge(pledge_id: int, at: datetime) -> dict[str, Any]:
    """One pledge with the path of its place; NotFound."""
    found = db.dicts(
        f"""select x.*, t.place_path, t.place_id from ({_PLEDGES}
          where l.id = %(id)s::bigint) x join meetings_session t on t.id = x.session_id""",
        {"id": pledge_id, "on": at},
    )
    if not found:
        raise NotFound("没有这条承诺。")
    return found[0]


def attendance(session_id: int, limit: int = 40) -> list[dict[str, Any]]:
    """Who came last, newest first: for the desk."""
    return db.dicts(
        """select a.id, coalesce(p.name, a.guest) as name, a.guest <> '' as guest, a.how, a.at,
          a.came_as from meetings_attendance a left join people_person p on p.id = a.person_id
        where a.session_id = %s::bigint order by a.at desc, a.id desc limit %s::int""",
        (session_id, limit),
    )


def signed_in(session_id: int, person_id: int | None) -> dict[str, Any] | None:
    """How and when this person signed in, if he did."""
    found = db.dicts(
        "select how, at from meetings_attendance where session_id = %s::bigint"
        " and person_id = %s::bigint",
        (session_id, person_id),
    )
    return found[0] if found else None


def minutes(session_id: int, version: int | None = None) -> dict[str, Any]:
    """A version of the minutes, the newest if none is named; NotFound before there is one.

    {"version", "body", "digest", "reason", "at", "versions": [{version, at, reason, digest}]}.
    """
    kept = Minutes.objects.filter(session=session_id).order_by("-version")
    versions = list(kept.values("version", "at", "reason", "digest", "by__name")[:50])
    row = (kept.filter(version=version) if version else kept).values(
        "version", "body", "digest", "reason", "at"
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("还没有纪要：散会以后自动生成。")
    return dict(row) | {"versions": versions}
