"""Reading who takes part in company: teams with their members, firms, a household's children."""

from datetime import date
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.ledger.points import permissions
from gongzhi.ledger.points.queries import MAX_PAGE, SIZE
from gongzhi.people.permissions import Viewer

_TEAM = """
select t.id, t.name, t.about, t.lead_id, t.place_id, h.id as holder, h.account, h.place_path,
  w.name as place, w.code as place_code,
  (select count(*) from points_member m where m.team_id = t.id and m.left_at is null) as members,
  exists (select 1 from points_member m where m.team_id = t.id and m.left_at is null
    and m.person_id = %(me)s::bigint) as mine
from points_team t join points_holder h on h.team_id = t.id
join places_place w on w.id = t.place_id where h.left_at is null
"""


def teams(viewer: Viewer, place_path: str, *, page: int = 1) -> dict[str, Any]:
    """The teams of a community by name, with how many belong: for its neighbours."""
    shown = min(max(page, 1), MAX_PAGE)
    rows = db.dicts(
        _TEAM + " and h.place_path like %(path)s || '%%' order by t.name, t.id"
        " limit %(size)s::int offset %(skip)s::int",
        {"me": viewer.person_id, "path": place_path, "size": SIZE + 1, "skip": (shown - 1) * SIZE},
    )
    return {"rows": rows[:SIZE], "page": shown, "more": len(rows) > SIZE}


def team(viewer: Viewer, team_id: int) -> dict[str, Any]:
    """A team; its members by name only for members and for who checks. NotFound elsewhere."""
    found = db.dicts(_TEAM + " and t.id = %(team)s::bigint",
                     {"me": viewer.person_id, "team": team_id})  # fmt: skip
    if not found or not permissions.may_see(viewer, found[0]["place_path"]):
        raise NotFound("没有这个团队。")
    row = found[0]
    row["leads"] = row["lead_id"] == viewer.person_id
    row["people"] = []
    if row["mine"] or row["leads"]:
        row["people"] = db.dicts(
            "select m.person_id, p.name, m.joined_at from points_member m join people_person p"
            " on p.id = m.person_id where m.team_id = %s::bigint and m.left_at is null"
            " order by m.id limit 200", (team_id,),
        )  # fmt: skip
    return row


def listed(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """Teams and firms that take part where he enters deeds; no persons, no balances."""
    posts = [p.place_path for p in viewer.posts if p.role in permissions.ENTER]
    shown = min(max(page, 1), MAX_PAGE)
    rows = db.dicts(
        """select h.id, h.subject, h.joined_at, h.left_at, coalesce(t.name, o.name) as name,
          w.name as place, l.name as lead,
          (select count(*) from points_member m where m.team_id = t.id and m.left_at is null)
            as members
        from points_holder h join places_place w on w.id = h.place_id
        left join points_team t on t.id = h.team_id
        left join people_organisation o on o.id = h.organisation_id
        left join people_person l on l.id = t.lead_id
        where h.subject in ('team', 'organisation') and exists (select 1 from
          unnest(%(posts)s::text[]) x where h.place_path like x || '%%'
          or x like h.place_path || '%%')
        order by h.subject desc, name, h.id limit %(size)s::int offset %(skip)s::int""",
        {"posts": posts, "size": SIZE + 1, "skip": (shown - 1) * SIZE},
    )
    return {"rows": rows[:SIZE], "page": shown, "more": len(rows) > SIZE}


def groups(place_id: int) -> list[dict[str, Any]]:
    """Teams and firms a deed may be entered for: [{"id", "subject", "name"}]."""
    return db.dicts(
        "select h.id, h.subject, coalesce(t.name, o.name) as name from points_holder h"
        " left join points_team t on t.id = h.team_id"
        " left join people_organisation o on o.id = h.organisation_id"
        " where h.place_id = %s::bigint and h.subject in ('team', 'organisation')"
        " and h.left_at is null order by name, h.id limit 300", (place_id,),
    )  # fmt: skip


def firms(place_path: str) -> list[dict[str, Any]]:
    """Organisations of a community, or of the places above it, that could take part."""
    return db.dicts(
        "select o.id, o.name from people_organisation o join places_place w on w.id = o.place_id"
        " where (w.path like %(path)s || '%%' or %(path)s::text like w.path || '%%')"
        " and o.kind <> 'department' order by o.name, o.id limit 300", {"path": place_path},
    )  # fmt: skip


def children(viewer: Viewer, on: date) -> list[dict[str, Any]]:
    """The minors of his household and whether a guardian agreed; [] for a minor himself."""
    if viewer.household_id is None:
        return []
    return db.dicts(
        """select m.id, m.name, g.at as agreed_at, a.name as guardian from people_person m
        left join points_guardianconsent g on g.minor_id = m.id and g.withdrawn_at is null
        left join people_person a on a.id = g.guardian_id
        where m.household_id = %(home)s::bigint and m.born_on + interval '18 years' > %(on)s::date
          and exists (select 1 from people_person x where x.id = %(me)s::bigint
            and coalesce(x.born_on + interval '18 years' <= %(on)s::date, true))
        order by m.id""",
        {"home": viewer.household_id, "on": on, "me": viewer.person_id},
    )


def household(viewer: Viewer) -> dict[str, Any] | None:
    """His household's holder, also one that left; None when it never took part."""
    found = db.dicts(
        "select id, left_at from points_holder where household_id = %s::bigint",
        (viewer.household_id,),
    )
    return found[0] if found else None
