"""Reading votes. Before the count nothing here says how anybody voted or how it stands."""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.ballots import papers, permissions, recount, rules
from gongzhi.deliberation.ballots.actions.motions import level_of
from gongzhi.people.permissions import Viewer
from gongzhi.playbooks import rules as law
from gongzhi.playbooks.rules import Counts, Line

SIZE = 20
_JSON = ("options", "house", "result")
_COLUMNS = """m.id, m.place_id, m.place_path, m.body_id, m.session_id, m.item_id, m.matter_id,
  m.title, m.text, m.subject, m.rule, m.edition, m.house, m.binding, m.method, m.options, m.most,
  m.secret, m.weighted, m.electorate, m.state, m.live, m.noticed_at, m.adhoc, m.opens_at,
  m.closes_at, m.closed_at, m.root, m.void_reason, m.by_id"""
# Of a motion that is not counted the result is not even read.
_ONE = f"""
select {_COLUMNS}, case when m.state = 'closed' then m.result end as result,
  w.name as place, w.kind as place_kind, e.id as elector, e.blocked, e.voted, e.here,
  coalesce(b.choice, 'null'::jsonb) as choice, coalesce(b.version, 0) as version,
  (select coalesce(json_agg(json_build_object('person', r.person_id, 'name', q.name,
      'voted', r.voted, 'blocked', r.blocked) order by q.name), '[]')
    from ballots_elector r join people_person q on q.id = r.person_id
    where r.motion_id = m.id and r.proxy_id = %(me)s::bigint) as stands_for,
  (select t.number from matters_matter t where t.id = m.matter_id) as matter_number,
  (select json_build_object('used', u.used, 'reason', u.reason, 'at', u.at) from ballots_use u
    where u.motion_id = m.id) as use,
  (select p.id from publications_publication p where p.subject = 'motion'
    and p.subject_id = m.id and p.replaced_at is null) as publication
from ballots_motion m join places_place w on w.id = m.place_id
  left join ballots_elector e on e.motion_id = m.id and e.person_id = %(me)s::bigint
  left join ballots_ballot b on b.elector_id = e.id
where m.id = %(id)s::bigint
"""


# What is wanted of one person now: kind, id, title, until; %(me)s, %(at)s (see web/resident).
WANTED = """
select 'vote' as kind, m.id, m.title, m.closes_at as until
from ballots_motion m where m.state = 'open' and m.opens_at <= %(at)s::timestamptz
  and m.closes_at > %(at)s::timestamptz and m.id in (
    select e.motion_id from ballots_elector e where e.voted = '' and e.blocked = ''
      and (e.person_id = %(me)s::bigint or e.proxy_id = %(me)s::bigint))"""


def get(viewer: Viewer, motion_id: int) -> dict[str, Any]:
    """A motion as this viewer may see it; NotFound for one that does not concern him.

    Everybody reads what was counted. One that is being voted on is seen by those on the roll, by
    the people of the place and by those who run it; a draft only by the latter.
    """
    found = db.dicts(_ONE, {"id": motion_id, "me": viewer.person_id})
    if not found:
        raise NotFound("没有这个表决。")
    row = found[0]
    for name in (*_JSON, "choice", "stands_for", "use"):
        row[name] = db.load(row[name])
    row["runs"] = permissions.may_run(viewer, row["place_path"], level_of(row["place_kind"]))
    row["reads_papers"] = permissions.may_read_papers(
        viewer, row["place_path"], level_of(row["place_kind"])
    )
    if not _sees(viewer, row):
        raise NotFound("没有这个表决，或者它和您无关。")
    row["law"] = rules.rule_of(row["rule"], row["edition"], row["house"])
    return row


def _sees(viewer: Viewer, row: dict[str, Any]) -> bool:
    if row["state"] == "closed" or row["runs"] or row["reads_papers"]:
        return True
    if row["state"] == "draft":
        return row["noticed_at"] is not None and viewer.lives_in(row["place_path"])
    return bool(row["elector"] or row["stands_for"] or viewer.lives_in(row["place_path"]))


def mine(viewer: Viewer, at: datetime, *, page: int = 1) -> dict[str, Any]:
    """Votes this person can take part in now, then what was counted around him, newest first."""
    rows = db.dicts(
        """select m.id, m.title, m.state, m.opens_at, m.closes_at, m.closed_at, m.binding,
          w.name as place, e.voted, e.blocked, e.id as elector,
          case when m.state = 'closed' then m.result->>'verdict' end as verdict
        from ballots_motion m join places_place w on w.id = m.place_id
          left join ballots_elector e on e.motion_id = m.id and e.person_id = %(me)s::bigint
        where m.state in ('open', 'closed') and (e.id is not null
          or exists (select 1 from unnest(%(places)s::text[]) own
            where own like m.place_path || '%%')
          or exists (select 1 from ballots_elector x where x.motion_id = m.id
            and x.proxy_id = %(me)s::bigint))
        order by m.state = 'closed', m.opens_at desc, m.id desc
        limit %(size)s::int offset %(skip)s::int""",
        {"me": viewer.person_id, "places": list(viewer.places), "size": SIZE + 1,
         "skip": (page - 1) * SIZE},
    )  # fmt: skip
    return {"rows": rows[:SIZE], "more": len(rows) > SIZE}


def desk(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """All motions where this viewer has a post, those at work first."""
    rows = db.dicts(
        """select m.id, m.title, m.state, m.opens_at, m.closes_at, m.binding, m.secret,
          w.name as place, case when m.state = 'closed' then m.result->>'verdict' end as verdict
        from ballots_motion m join places_place w on w.id = m.place_id
        where exists (select 1 from unnest(%(posts)s::text[]) post
          where m.place_path like post || '%%')
        order by array_position(array['open', 'draft', 'closed', 'void'], m.state), m.id desc
        limit %(size)s::int offset %(skip)s::int""",
        {"posts": [p.place_path for p in viewer.posts], "size": SIZE + 1,
         "skip": (page - 1) * SIZE},
    )  # fmt: skip
    return {"rows": rows[:SIZE], "more": len(rows) > SIZE}


def owners_listed(motion_id: int) -> dict[str, int]:
    """Of a draft with its own list: {"people", "area"} (0.01 m²)."""
    return db.dicts(
        """select count(*) as people, coalesce(sum((l.row->>1)::bigint), 0)::bigint as area
        from ballots_motion m, jsonb_array_elements(m.listed) l(row) where m.id = %s::bigint""",
        (motion_id,),
    )[0]


def turnout(motion: dict[str, Any]) -> dict[str, Any]:
    """How many are on the roll, here, have voted by which way, and the quorum's lines by that.

    Numbers of people only: nothing of what they chose.
    """
    found = db.dicts(
        """select count(*) as members, count(*) filter (where here or voted <> '') as present,
          count(distinct coalesce(household_id, -person_id)) as households,
          count(distinct coalesce(household_id, -person_id)) filter (where here or voted <> '')
            as households_present,
          coalesce(sum(area), 0)::bigint as area,
          coalesce(sum(area) filter (where voted <> ''), 0)::bigint as area_present,
          count(*) filter (where voted <> '') as voted,
          count(*) filter (where voted = 'phone') as phone,
          count(*) filter (where voted = 'paper') as paper,
          count(*) filter (where voted = 'hands') as hands,
          count(*) filter (where blocked <> '') as blocked
        from ballots_elector where motion_id = %s::bigint""",
        (motion["id"],),
    )[0]
    counts = Counts(
        members=found["members"], households=found["households"], area=found["area"],
        households_present=found["households_present"], area_present=found["area_present"],
        present=found["voted"] if motion["law"].by_voting else found["present"],
        participating=found["voted"],
    )  # fmt: skip
    lines: tuple[Line, ...] = law.quorum_lines(motion["law"], counts)
    return found | {
        "lines": rules.lines(lines),
        "reached": law.quorum_reached(motion["law"], counts),
    }


def roll(motion_id: int, *, words: str = "", page: int = 1, size: int = 100) -> dict[str, Any]:
    """Who is on the roll and which way his vote came; never what he chose."""
    rows = db.dicts(
        """select e.person_id, p.name, h.door, e.area, e.here, e.voted, e.blocked
        from ballots_elector e join people_person p on p.id = e.person_id
          left join people_household h on h.id = e.household_id
        where e.motion_id = %(id)s::bigint
          and (strpos(p.name, %(words)s) > 0 or starts_with(p.initials, lower(%(words)s)))
        order by p.name, e.id limit %(size)s::int offset %(skip)s::int""",
        {"id": motion_id, "words": words.strip().replace("\0", "")[:30], "size": size + 1,
         "skip": (page - 1) * size},
    )  # fmt: skip
    return {"rows": rows[:size], "more": len(rows) > size}


def by_receipt(motion_id: int, code: str) -> dict[str, Any] | None:
    """The ballot of a receipt, for the one who holds it: {"choice", "version"}; None if none."""
    digest = recount.receipt_hash(motion_id, rules.plain_code(code))
    found = db.dicts(
        "select choice, version from ballots_ballot where motion_id = %s::bigint and receipt = %s",
        (motion_id, digest),
    )
    return (
        {"choice": db.load(found[0]["choice"]), "version": found[0]["version"]} if found else None
    )


def board(motion_id: int) -> dict[str, Any]:
    """The board of ballots as it was published; NotFound before the count."""
    found = db.dicts(
        "select result->'head' as head, weighted, root from ballots_motion where id = %s::bigint"
        " and state = 'closed'", (motion_id,),
    )  # fmt: skip
    if not found:
        raise NotFound("还没有计票，票榜还没有公布。")
    rows = db.rows(
        "select choice, receipt, weight from ballots_ballot where motion_id = %s::bigint",
        (motion_id,),
    )
    ballots = [
        {"choice": db.load(choice), "receipt": receipt}
        | ({"area": weight} if found[0]["weighted"] else {})
        for choice, receipt, weight in rows
    ]
    made = recount.board(db.load(found[0]["head"]), ballots)
    return made | {"root": found[0]["root"]}


def paper_readings(motion: dict[str, Any]) -> dict[str, Any]:
    """How the two readings of the papers compare. Only once both are in is a difference shown."""
    return papers.readings(motion)


def own_reading(motion_id: int, by: int) -> dict[str, Any]:
    """What this reader entered himself: {"named": {person: choice}, "totals": {…} | None}."""
    rows = db.rows(
        """select e.person_id, t.choice, t.totals from ballots_paperentry t
          left join ballots_elector e on e.id = t.elector_id
        where t.motion_id = %s::bigint and t.by_id = %s::bigint""",
        (motion_id, by),
    )
    named = {person: db.load(choice) for person, choice, _ in rows if person is not None}
    totals = next((db.load(totals) for person, _, totals in rows if person is None), None)
    return {"named": named, "totals": totals}


def topics(path: str, viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """Topics of a place: those accepted or refused with their reasons, and one's own."""
    rows = db.dicts(
        """select t.id, t.title, t.text, t.state, t.reason, t.appeal, t.answer, t.at,
          t.reviewed_at, t.answered_at, w.name as place,
          t.proposed_by_id = %(me)s::bigint as own
        from ballots_topic t join places_place w on w.id = t.place_id
        where t.place_path like %(path)s::text || '%%' and (t.state <> 'proposed'
          or t.proposed_by_id = %(me)s::bigint or %(staff)s::bool)
        order by t.id desc limit %(size)s::int offset %(skip)s::int""",
        {"path": path, "me": viewer.person_id, "staff": viewer.is_staff, "size": SIZE + 1,
         "skip": (page - 1) * SIZE},
    )  # fmt: skip
    return {"rows": rows[:SIZE], "more": len(rows) > SIZE}
