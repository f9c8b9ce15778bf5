"""Who can be named in a form: leads of a project, a resident by name and door."""

from datetime import date

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput
from gongzhi.people.models import Organisation
from gongzhi.people.roles import ROLES, Permission

_HANDLING = [code for code, role in ROLES.items() if Permission.HANDLE in role.matter]


def leads(place_path: str, on: date) -> list[tuple[str, str]]:
    """Who can lead a project there: "p12" is a person with a post on its line of places, "u3" a
    unit; with the name and the place shown. Two statements."""
    ids = [int(part) for part in place_path.split("/") if part]
    found = db.rows(
        "select distinct on (p.id) p.id, p.name || ' · ' || w.name from people_appointment a"
        " join people_person p on p.id = a.person_id join places_place w on w.id = a.place_id"
        " where a.place_id = any(%s::bigint[]) and a.role = any(%s::text[])"
        " and a.from_on <= %s::date and (a.to_on is null or a.to_on >= %s::date)"
        " order by p.id, length(w.path) desc limit 200",
        (ids, _HANDLING, on, on),
    )
    units = Organisation.objects.filter(place__in=ids).order_by("name")[:200]
    return [(f"p{pk}", name) for pk, name in found] + [(f"u{u.pk}", u.name) for u in units]


def resident(reach_path: str, name: str, door: str) -> int:
    """The resident of that name where the proposal reaches; the door tells namesakes apart.

    BadInput("person") when there is none, BadInput("door") when there are several.
    """
    wanted = text.clean(name, 60, field="person", one_line=True)
    at = text.clean(door, 60, field="door", one_line=True)
    found = db.rows(
        "select p.id from people_person p join people_household h on h.id = p.household_id"
        " join places_place hp on hp.id = h.place_id left join places_place hg on hg.id = h.grid_id"
        " where p.name = %(name)s and (%(door)s = '' or replace(h.door, ' ', '') like"
        "   '%%' || replace(%(door)s, ' ', ''))"
        " and (hp.path like %(reach)s || '%%' or hg.path like %(reach)s || '%%') limit 2",
        {"name": wanted, "door": at, "reach": reach_path},
    )
    if not found:
        raise BadInput(
            "person", "涉及范围里没有找到这位居民。", todo="请核对姓名和门牌，或先登记住处。"
        )
    if len(found) > 1:
        raise BadInput("door", "有同名的居民，请写门牌。", todo="例如：1单元 101。")
    return int(found[0][0])
