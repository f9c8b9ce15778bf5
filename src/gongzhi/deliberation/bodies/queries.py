"""Reading bodies: which there are, who sits in them, what rule they follow."""

from datetime import date
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.bodies.models import Body

# Members of a body on a day, by its electorate; %(body)s, %(path)s and %(on)s are parameters.
_INSIDE = """exists (select 1 from people_household h join places_place w
    on w.id in (h.place_id, h.grid_id) where h.id = p.household_id
    and w.path like %(path)s::text || '%%')"""
_ADULT = "(p.born_on is null or p.born_on <= (%(on)s::date - interval '18 years'))"
_PLAIN = "p.id as person_id, p.name, p.initials, p.household_id"


def _belongs(kind: str) -> str:
    """Membership of a kind on the day, at the place, or around it with the home inside it."""
    return f"""exists (select 1 from people_membership m join places_place v on v.id = m.place_id
    where m.person_id = p.id and m.kind = '{kind}'
      and (m.from_on is null or m.from_on <= %(on)s::date)
      and (m.to_on is null or m.to_on >= %(on)s::date)
      and (v.path like %(path)s::text || '%%'
        or (%(path)s::text like v.path || '%%' and {_INSIDE})))"""


_ROLE = "'member'::text as seat_class, null::bigint as area, null::bigint as organisation_id"
_BY_ELECTORATE = {
    "seats": f"""select {_PLAIN}, s.seat_class, s.area, s.organisation_id
      from bodies_seat s join people_person p on p.id = s.person_id
      where s.body_id = %(body)s::bigint and s.from_on <= %(on)s::date
        and (s.to_on is null or s.to_on >= %(on)s::date)""",
    "villagers_18": f"""select {_PLAIN}, {_ROLE} from people_person p
      where {_ADULT} and {_belongs("villager")}""",
    "residents_18": f"""select {_PLAIN}, {_ROLE} from people_person p
      where {_ADULT} and ({_INSIDE} or {_belongs("resident")})""",
    "households": f"select {_PLAIN}, {_ROLE} from people_person p where p.head and {_INSIDE}",
}


def members_sql(electorate: str) -> str:
    """A SELECT of person_id, name, initials, household_id, seat_class, area, organisation_id.

    Parameters: %(body)s its id, %(path)s the path of its place, %(on)s the day. Somebody whose
    birthday is unknown counts as grown up: a roster without birthdays must not empty the roll.
    """
    return _BY_ELECTORATE[electorate]


def whereabouts(body_id: int) -> dict[str, Any]:
    """A body with the path and name of its place; NotFound."""
    found = (
        Body.objects.filter(pk=body_id)
        .values("id", "name", "kind", "level", "rule", "edition", "house", "electorate", "template",
                "blueprint", "cadence_months", "host_id", "host__name", "from_on", "to_on",
                "place_id", "place__name", "place__path", "place__code", "place__kind")
        .first()
    )  # fmt: skip
    if found is None:
        raise NotFound("没有这个会议组织。")
    return dict(found)


def members(body_id: int, on: date) -> list[dict[str, Any]]:
    """Who belongs to it on that day: person_id, name, household_id, seat_class, area, initials."""
    body = whereabouts(body_id)
    return db.dicts(
        f"{members_sql(body['electorate'])} order by name, person_id",
        {"body": body_id, "path": body["place__path"], "on": on},
    )


def seats(body_id: int, on: date) -> list[dict[str, Any]]:
    """The named seats with their class and term, those that have ended last."""
    return db.dicts(
        """select s.id, s.person_id, p.name, s.seat_class, s.area, s.why, s.from_on, s.to_on,
          o.name as organisation, (s.to_on is not null and s.to_on < %(on)s::date) as ended
        from bodies_seat s join people_person p on p.id = s.person_id
          left join people_organisation o on o.id = s.organisation_id
        where s.body_id = %(body)s::bigint
        order by ended, s.seat_class, p.name, s.id limit 600""",
        {"body": body_id, "on": on},
    )


def listed(path: str, *, page: int = 1, size: int = 30) -> dict[str, Any]:
    """Bodies at or below a place, the widest first: {"rows", "more"}."""
    rows = db.dicts(
        """select b.id, b.name, b.kind, b.level, b.cadence_months, b.from_on, w.name as place,
          (select count(*) from bodies_seat s where s.body_id = b.id and s.to_on is null) as seats
        from bodies_body b join places_place w on w.id = b.place_id
        where b.to_on is null and w.path like %(path)s::text || '%%'
        order by length(w.path), w.path, b.id limit %(size)s::int offset %(skip)s::int""",
        {"path": path, "size": size + 1, "skip": (page - 1) * size},
    )
    return {"rows": rows[:size], "more": len(rows) > size}


def of_place(place_path: str) -> list[dict[str, Any]]:
    """The bodies of a place and of those around it: what a resident there belongs to."""
    return db.dicts(
        """select b.id, b.name, b.kind, b.level, w.name as place, b.cadence_months
        from bodies_body b join places_place w on w.id = b.place_id
        where b.to_on is null and (%(path)s::text like w.path || '%%'
          or w.path like %(path)s::text || '%%') order by length(w.path), b.id limit 100""",
        {"path": place_path},
    )
