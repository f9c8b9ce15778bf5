"""Who is there: the roll, those present, and the lines of the quorum."""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.bodies import queries as bodies
from gongzhi.deliberation.bodies import rules as body_rules
from gongzhi.deliberation.meetings import rules, store
from gongzhi.playbooks.rules import Counts, Line, quorum_lines, quorum_reached

_FROZEN = """select r.person_id, p.name, p.initials, r.household_id, r.seat_class, r.area,
    r.organisation_id from meetings_roll r join people_person p on p.id = r.person_id
  where r.session_id = %(session)s::bigint"""
# Present is who signed in, on site or on line, or whose written proxy did: each person once.
_PRESENT = """(exists (select 1 from meetings_attendance a
    where a.session_id = %(session)s::bigint and a.person_id = m.person_id)
  or exists (select 1 from meetings_mandate d join meetings_attendance a
      on a.session_id = d.session_id and a.person_id = d.holder_id
    where d.session_id = %(session)s::bigint and d.for_person_id = m.person_id))"""


def _members(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The SELECT of those who belong: frozen once open, the body's members before."""
    day = row["starts_at"].astimezone(SHANGHAI).date()
    params = {"session": row["id"], "body": row["body_id"], "path": row["place_path"], "on": day}
    if row["state"] in ("open", "closed"):
        return _FROZEN, params
    return bodies.members_sql(row["electorate"]), params


def counts(session_id: int) -> Counts:
    """The present side of the rule's counts; hybrid attendance counted once. Area in 0.01 m²."""
    return counts_of(store.session(session_id))


def counts_of(row: dict[str, Any]) -> Counts:
    """The same for a session already read by `store.session`."""
    sql, params = _members(row)
    found = db.dicts(
        f"""with m as ({sql}), c as (select m.*, {_PRESENT} as present,
            coalesce(m.household_id, -m.person_id) as home from m)
        select count(*) as members, count(*) filter (where present) as present,
          count(distinct home) as households,
          count(distinct home) filter (where present) as households_present,
          coalesce(sum(area), 0)::bigint as area,
          coalesce(sum(area) filter (where present), 0)::bigint as area_present from c""",
        params,
        prepare=False,
    )[0]
    return Counts(**found, participating=found["present"], participating_area=found["area_present"])


def roll(session_id: int) -> list[dict[str, Any]]:
    """Everybody who belongs: person_id, name, household_id, seat_class, area, present, proxy_for.

    `proxy_for` lists the persons he speaks for by written proxy at this session.
    """
    row = store.session(session_id)
    sql, params = _members(row)
    return db.dicts(
        f"""with m as ({sql}) select m.person_id, m.name, m.household_id, m.seat_class,
          coalesce(m.area, 0) as area, m.organisation_id, {_PRESENT} as present,
          array(select d.for_person_id from meetings_mandate d
            where d.session_id = %(session)s::bigint and d.holder_id = m.person_id
            order by d.slot) as proxy_for
        from m order by m.name, m.person_id""",
        params,
        prepare=False,
    )


def standing(row: dict[str, Any]) -> dict[str, Any]:
    """The quorum as it stands: {"counts", "lines", "reached", "rule", "heads", "missing", …}.

    `heads` counts everybody in the room and on line, also observers; `expected` is the number a
    forum says is usual, which warns and never forbids.
    """
    rule = body_rules.rule_of(row["rule"], row["edition"], row["house"])
    counted = counts_of(row)
    lines: tuple[Line, ...] = quorum_lines(rule, counted)
    there = _present_classes(row) if row["required"] else []
    missing = rules.missing(row["required"], there)
    heads = dict(db.rows(
        "select case when how = 'online' then 'online' else 'onsite' end, count(*)"
        " from meetings_attendance where session_id = %s::bigint group by 1", (row["id"],),
    ))  # fmt: skip
    return {
        "counts": counted, "lines": lines, "rule": rule,
        "reached": quorum_reached(rule, counted) if lines else None,
        "heads": sum(heads.values()), "onsite": heads.get("onsite", 0),
        "online": heads.get("online", 0),
        "expected": int(row["house"].get("expected", 0)),
        "missing": missing, "missing_words": rules.seat_words(missing), "there": there,
    }  # fmt: skip


def seated(row: dict[str, Any]) -> rules.Seated:
    """Members, representatives and women among them, as numbers only. One statement."""
    sql, params = _members(row)
    found = db.dicts(
        f"""with m as ({sql}), r as (select p.gender, m.seat_class = 'representative' as rep
            from m join people_person p on p.id = m.person_id)
        select count(*) as members, count(*) filter (where rep) as representatives,
          count(*) filter (where rep and gender = %(woman)s) as women,
          count(*) filter (where rep and gender not in (%(man)s, %(woman)s)) as unsaid from r""",
        params | {"woman": "女", "man": "男"},
        prepare=False,
    )[0]
    return rules.Seated(**found)


def gaps(row: dict[str, Any]) -> list[rules.Gap]:
    """What the law misses in who sits in it; no statement for a body it says nothing of."""
    rule = body_rules.rule_of(row["rule"], row["edition"], row["house"])
    return rules.gaps(rule, seated(row)) if rule.composition is not None else []


def _present_classes(row: dict[str, Any]) -> list[str]:
    sql, params = _members(row)
    return [
        found["seat_class"]
        for found in db.dicts(
            f"with m as ({sql}) select distinct m.seat_class from m where {_PRESENT}",
            params,
            prepare=False,
        )
    ]


def search(session_id: int, words: str, limit: int = 12) -> list[dict[str, Any]]:
    """Members by a piece of the name, or by the first letters of it; those already in are told.

    For the sign-in desk: one statement, whatever the size of the roll.
    """
    row = store.session(session_id)
    sql, params = _members(row)
    wanted = words.strip().replace("\0", "")[:30]
    return db.dicts(
        f"""with m as ({sql}) select m.person_id, m.name, m.seat_class, h.door,
          w.name as building, a.how, a.at as came_at
        from m left join people_household h on h.id = m.household_id
          left join places_place w on w.id = h.place_id
          left join meetings_attendance a
            on a.session_id = %(session)s::bigint and a.person_id = m.person_id
        where starts_with(m.initials, lower(%(words)s)) or strpos(m.name, %(words)s) > 0
        order by (a.at is not null), m.initials, m.name, m.person_id limit %(limit)s::int""",
        params | {"words": wanted, "limit": limit},
        prepare=False,
    )


def attendance_by_class(session_id: int) -> list[dict[str, Any]]:
    """How many came as what (case 13): came_as, members, others."""
    return db.dicts(
        """select a.came_as, count(*) as heads,
          count(*) filter (where r.id is not null) as members
        from meetings_attendance a left join meetings_roll r
          on r.session_id = a.session_id and r.person_id = a.person_id
        where a.session_id = %s::bigint group by 1 order by 2 desc, 1""",
        (session_id,),
    )


def times(row: dict[str, Any], at: datetime) -> dict[str, Any]:
    """How many days of notice were given and how many the rule asks for."""
    given = rules.days_between(row["noticed_at"], row["starts_at"]) if row["noticed_at"] else None
    return {"asked": row["notice_days"], "given": given, "started": row["starts_at"] <= at}


def standing_of(session_id: int) -> dict[str, Any]:
    """`standing` of a session by its id."""
    return standing(store.session(session_id))
