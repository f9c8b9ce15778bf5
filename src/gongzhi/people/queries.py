"""Questions about people. Sensitive fields leave only through `reveal`, with a purpose."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound
from gongzhi.people import rules
from gongzhi.people.models import AccessLog, Person, Proxy
from gongzhi.people.permissions import NOBODY, Post, Viewer, sight
from gongzhi.people.roles import Permission, Personal

_WHO = """
p.name, p.household_id, p.head,
  array(select pl.path from people_household h
          join places_place pl on pl.id in (h.place_id, h.grid_id)
         where h.id = p.household_id
        union
        select pl.path from people_membership m join places_place pl on pl.id = m.place_id
         where m.person_id = p.id and (m.to_on is null or m.to_on >= %(on)s)) as places,
  array(select x.acts_for_id from people_proxy x
         where x.person_id = p.id and x.agreed_at is not null and x.withdrawn_at is null
           and x.until_on >= %(on)s) as acts_for,
  (select jsonb_agg(jsonb_build_array(a.role, a.place_id, pl.path, pl.name, pl.kind,
                                     a.organisation_id) order by length(pl.path), a.role)
     from people_appointment a join places_place pl on pl.id = a.place_id
    where a.person_id = p.id and a.from_on <= %(on)s
      and (a.to_on is null or a.to_on >= %(on)s)) as posts
"""
_VIEWER = f"select p.id, null, {_WHO} from people_person p where p.id = %(id)s"
_LIVING = """
from people_apitoken t join people_person p on p.id = t.person_id
  join people_account c on c.person_id = p.id and c.is_active
where t.digest = %(digest)s and t.revoked_at is null
  and (t.expires_at is null or t.expires_at > %(at)s::timestamptz)
"""
_BEARER = f"select p.id, t.scopes {_LIVING}"
_BY_TOKEN = f"select p.id, t.scopes, {_WHO} {_LIVING}"


def viewer(person_id: int | None, at: datetime) -> Viewer:
    """Who asks, with posts and places as they are on that day. One statement."""
    if person_id is None:
        return NOBODY
    return _who(_VIEWER, {"id": person_id, "on": at.astimezone(SHANGHAI).date()}) or NOBODY


def viewer_by_token(token: str, at: datetime) -> Viewer:
    """The person behind a program's token, with its scopes; NotAllowed for a dead or wrong one.

    One statement, and never from memory: a revoked token is dead at once.
    """
    digest = rules.digest(token, settings.SECRET_KEY)
    on = at.astimezone(SHANGHAI).date()
    found = _who(_BY_TOKEN, {"digest": digest, "on": on, "at": at})
    if found is None:
        raise _bad_token()
    return found


def bearer(token: str, at: datetime) -> Viewer:
    """Only who holds a living token and its scopes, without posts and places: for a call that asks
    the database about them itself. NotAllowed for a dead or wrong token.
    """
    found = db.rows(_BEARER, {"digest": rules.digest(token, settings.SECRET_KEY), "at": at})
    if not found:
        raise _bad_token()
    return Viewer(found[0][0], scopes=frozenset(db.load(found[0][1])))


def _bad_token() -> NotAllowed:
    return NotAllowed("接口令牌无效或已过期。", code="bad_token", todo="请向安全管理员换一个。")


def _who(sql: str, params: dict[str, Any]) -> Viewer | None:
    rows = db.rows(sql, params)
    if not rows:
        return None
    person_id, scopes, name, household_id, head, places, acts_for, posts = rows[0]
    return Viewer(
        person_id, name, household_id, tuple(Post(*post) for post in db.load(posts) or ()),
        tuple(places), tuple(acts_for), None if scopes is None else frozenset(db.load(scopes)),
        head,
    )  # fmt: skip


def paths_of(person_id: int, on: date) -> list[str]:
    """Paths of all places a person lives in or belongs to on that day."""
    rows = db.rows(_VIEWER, {"id": person_id, "on": on})
    if not rows:
        raise NotFound("没有找到这个人。")
    return list(rows[0][5])


def check_inside(viewer: Viewer, person_id: int, on: date) -> None:
    """The person belongs to a place of the viewer's posts, or to none; NotAllowed, NotFound."""
    paths = paths_of(person_id, on)
    staffed = any(post.covers(path) for post in viewer.posts for path in paths)
    if paths and not staffed and person_id != viewer.person_id:
        raise NotAllowed(
            "这个人不在您负责的范围内。", todo="办理他的事时，请从那件事的页面里看联系方式。"
        )


def reveal(
    *,
    by: Viewer,
    person_id: int,
    fields: Iterable[str],
    purpose: str,
    at: datetime,
    matter_id: int | None = None,
) -> dict[str, str]:
    """Sensitive fields in clear, each look written to the access log (PIPL; cases.md §1.2, 12).

    Raises BadInput without a purpose, NotAllowed where neither post nor kinship gives the right.
    The caller of a look inside a matter has checked that the viewer works on it.
    """
    wanted = [field for field in rules.SENSITIVE if field in set(fields)]
    purpose = text.clean(purpose, 200, field="purpose", one_line=True)
    if not purpose:
        raise BadInput("purpose", "请写明为什么要看。", todo="例如：联系当事人约上门时间。")
    seen = sight(by, person_id, paths_of(person_id, at.astimezone(SHANGHAI).date()),
                 case=matter_id is not None)  # fmt: skip
    allowed = _fields_of(seen)
    if not wanted or not set(wanted) <= allowed or not by.allows("people:read"):
        raise NotAllowed("您不能看这个人的这项信息。", todo="确需查看，请由承办这件事的人来看。")
    row = Person.objects.values(*wanted).get(pk=person_id)
    AccessLog.objects.bulk_create(
        AccessLog(
            reader_id=by.person_id, person_id=person_id, field=field,
            purpose=purpose, at=at, matter=matter_id,
        )
        for field in wanted
    )  # fmt: skip
    return {field: "" if row[field] is None else str(row[field]) for field in wanted}


def _fields_of(seen: Personal) -> set[str]:
    if seen in (Personal.OWN, Personal.PLACE, Personal.CASE):
        return set(rules.SENSITIVE)
    return {"phone"} if seen is Personal.CONTACT else set()


def card(person_id: int) -> dict[str, Any]:
    """A person with sensitive fields masked; NotFound if there is none."""
    row = (
        Person.objects.filter(pk=person_id)
        .values("id", "name", "head", "household_id", "household__door", "household__place_id",
                "household__place__name", *rules.SENSITIVE)
        .first()
    )  # fmt: skip
    if row is None:
        raise NotFound("没有找到这个人。")
    return dict(row) | {field: rules.mask(field, row[field]) for field in rules.SENSITIVE}


def find(*, viewer: Viewer, query: str, limit: int = 20) -> list[dict[str, Any]]:
    """Persons by a piece of the name, or the whole phone number, within the viewer's posts.

    Sensitive fields come masked. Residents find nobody.
    """
    paths = [p.place_path for p in viewer.posts_with(Permission.CREATE, "matter")]
    paths += [p.place_path for p in viewer.posts_with(Permission.ADMINISTER, "people")]
    wanted = text.clean(query, 60, field="q", one_line=True)
    if not viewer.is_staff or not paths or len(wanted) < 2:
        return []
    number = text.number(wanted)
    by_words = Q(phone=number) if number.isdigit() else Q(name__contains=wanted)
    inside = Q()
    for path in paths:
        inside |= Q(household__place__path__startswith=path)
        inside |= Q(memberships__place__path__startswith=path, memberships__to_on=None)
    rows = (
        Person.objects.filter(by_words & inside)
        .distinct()
        .values("id", "name", "phone", "household__door", "household__place__name")
        .order_by("name", "id")[:limit]
    )
    return [dict(row) | {"phone": rules.mask("phone", row["phone"])} for row in rows]


def access_log(person_id: int, limit: int = 100) -> list[dict[str, Any]]:
    """Who looked at a person's sensitive fields, newest first: for "my data" and for auditors."""
    rows = AccessLog.objects.filter(person_id=person_id).order_by("-at", "-id")
    names = ("at", "field", "purpose", "matter", "reader_id", "reader__name")
    return [dict(row) for row in rows.values(*names)[:limit]]


def proxies_to_agree(person_id: int, on: date) -> list[dict[str, Any]]:
    """Who asked to act for a person and has no answer yet: id, person__name, until_on."""
    rows = Proxy.objects.filter(
        acts_for=person_id, agreed_at=None, withdrawn_at=None, until_on__gte=on
    )
    return [dict(row) for row in rows.order_by("id").values("id", "person__name", "until_on")]


def conflict(*, person_id: int, other_id: int | None, organisation_id: int | None = None,
             on: date) -> rules.Interest:  # fmt: skip
    """Why `person_id` must keep out of a matter of `other_id`, or "" (rules.md §5, last line).

    Near kin, own household, oneself, somebody one acts for; with `organisation_id` (the unit the
    matter is about) also one's own firm.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select case
              when %(a)s = %(b)s then 'self'
              when exists (select 1 from people_person a join people_person b
                             on a.household_id = b.household_id
                            where a.id = %(a)s and b.id = %(b)s) then 'household'
              when exists (select 1 from people_kinship where person_id = least(%(a)s, %(b)s)
                             and other_id = greatest(%(a)s, %(b)s)) then 'kin'
              when exists (select 1 from people_proxy where person_id = %(a)s
                             and acts_for_id = %(b)s and agreed_at is not null
                             and withdrawn_at is null and until_on >= %(on)s) then 'proxy'
              when exists (select 1 from people_appointment where person_id = %(a)s
                             and organisation_id = %(firm)s and from_on <= %(on)s
                             and (to_on is null or to_on >= %(on)s)) then 'firm'
              else '' end
            """,
            {"a": person_id, "b": other_id, "firm": organisation_id, "on": on},
        )
        found: rules.Interest = cursor.fetchone()[0]
    return found


def posts_at(place_id: int, on: date, *roles: str) -> list[dict[str, Any]]:
    """Who holds these roles (all, when none is named) at exactly this place on that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select a.id, a.role, a.person_id, p.name, a.organisation_id, o.name as organisation,"
            " a.from_on, a.to_on from people_appointment a"
            " join people_person p on p.id = a.person_id"
            " left join people_organisation o on o.id = a.organisation_id"
            " where a.place_id = %s and a.from_on <= %s and (a.to_on is null or a.to_on >= %s)"
            " and (%s or a.role = any(%s)) order by a.role, a.id",
            [place_id, on, on, not roles, list(roles)],
        )
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
