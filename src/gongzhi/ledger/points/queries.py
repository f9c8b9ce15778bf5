"""Reading points: one's own entries, what may be earned, the desk's lists, totals without persons.

There is no query that orders people by points, and none may be added (R1, R7).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed, NotFound
from gongzhi.ledger.points import accounts, permissions, rules
from gongzhi.people.permissions import Viewer

SIZE, MAX_PAGE = 20, 500

_OWN = """
select h.*, w.name as place, w.code as place_code,
  coalesce(t.name, o.name, '') as name from points_holder h
join places_place w on w.id = h.place_id left join points_team t on t.id = h.team_id
left join people_organisation o on o.id = h.organisation_id
where h.person_id = %(me)s::bigint or h.household_id = %(home)s::bigint
  or t.lead_id = %(me)s::bigint or h.organisation_id = any(%(firms)s::bigint[])
order by h.subject <> 'person', h.subject <> 'household', h.id
"""


def _page(page: int, size: int = SIZE) -> dict[str, Any]:
    return {"size": size + 1, "skip": (min(max(page, 1), MAX_PAGE) - 1) * size}


def own(viewer: Viewer) -> list[dict[str, Any]]:
    """His own accounts: himself, his household, teams he leads, his firm; each with its balance."""
    rows = db.dicts(
        _OWN, {"me": viewer.person_id, "home": viewer.household_id,
               "firms": sorted(viewer.organisations)},
    )  # fmt: skip
    there = accounts.balances([row["account"] for row in rows])
    return [row | {"balance": there[row["account"]]} for row in rows]


def holder(viewer: Viewer, holder_id: int) -> dict[str, Any]:
    """One of his own accounts; NotFound for anybody else's."""
    found = [row for row in own(viewer) if row["id"] == holder_id]
    if not found:
        raise NotFound("没有这个积分账户。")
    return found[0]


def claims_of(holder_ids: list[int], *, page: int = 1) -> dict[str, Any]:
    """Claims of these holders that are no entry: on their way, refused, withdrawn, taken back."""
    rows = db.dicts(
        """select c.id, c.state, c.points, c.times, c."on", c.at, c.entered_at, c.words, c.reason,
          c.event, c.by_id, c.doer_id, i.title, i.code, i.area, i.unit, h.subject, b.id as book_id,
          b.version, c.notice_id
        from points_claim c join points_ruleitem i on i.id = c.item_id
        join points_rulebook b on b.id = i.book_id join points_holder h on h.id = c.holder_id
        where c.holder_id = any(%(ids)s::bigint[]) and c.state <> 'entered' order by c.id desc
        limit %(size)s::int offset %(skip)s::int""",
        {"ids": holder_ids} | _page(page),
    )
    return {"rows": rows[:SIZE], "page": max(page, 1), "more": len(rows) > SIZE}


_LATELY = """
select t.id, t.at, t.dated as "on", t.code, t.evidence, t.reverses_id as reverses,
  case when t.credit_id = a.id then t.amount else -t.amount end as amount
from unnest(%(accounts)s::bigint[]) as a (id) cross join lateral (
  (select * from ledger_transfer d where d.debit_id = a.id order by d.id desc limit %(most)s::int)
  union all
  (select * from ledger_transfer c where c.credit_id = a.id order by c.id desc limit %(most)s::int)
) t order by t.id desc limit %(most)s::int
"""


def lately(accounts: Sequence[int], most: int) -> list[dict[str, Any]]:
    """The last entries of these accounts together, newest first; out is negative."""
    if not accounts:
        return []
    return db.dicts(_LATELY, {"accounts": list(accounts), "most": most})


def waiting(holder_id: int) -> int:
    """How many of a holder's claims are neither entered nor over."""
    return int(db.rows(
        "select count(*) from points_claim where holder_id = %s::bigint"
        " and state in ('claimed', 'checked', 'approved', 'noticed')", (holder_id,),
    )[0][0])  # fmt: skip


def book_in_force(place_id: int, on: date) -> dict[str, Any] | None:
    """The rules a community lives by on that day, with their items; None where there are none."""
    found = db.dicts(
        "select b.*, w.name as place from points_rulebook b"
        " join places_place w on w.id = b.place_id"
        " where b.place_id = %s::bigint and b.state in ('published', 'ended')"
        " and b.from_on <= %s::date and (b.to_on is null or b.to_on > %s::date)",
        (place_id, on, on),
    )
    return found[0] | {"items": items(found[0]["id"])} if found else None


def items(book_id: int) -> list[dict[str, Any]]:
    """The items of a version, by area."""
    return db.dicts(
        "select * from points_ruleitem where book_id = %s::bigint order by"
        " array_position(array['environment', 'safety', 'mediation', 'education', 'culture',"
        " 'care'], area::text), code", (book_id,),
    )  # fmt: skip


def book(viewer: Viewer, book_id: int) -> dict[str, Any]:
    """A version: everybody reads what was published, a draft only those who make or file it."""
    found = db.dicts(
        "select b.*, w.name as place from points_rulebook b"
        " join places_place w on w.id = b.place_id"
        " where b.id = %s::bigint", (book_id,),
    )  # fmt: skip
    if not found:
        raise NotFound("没有这份积分办法。")
    row = found[0]
    row["may_write"] = permissions.holds(viewer, permissions.WRITE, row["place_path"])
    row["may_file"] = permissions.holds(viewer, permissions.FILE, row["place_path"])
    public = row["state"] in ("published", "ended")
    if not public and not permissions.serves(viewer, permissions.DESK, row["place_path"]):
        raise NotFound("没有这份积分办法，或还没有公布。")
    return row | {"items": items(book_id)}


def books(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """The versions at the places of his posts, newest first."""
    posts = [p.place_path for p in viewer.posts if p.role in permissions.DESK]
    rows = db.dicts(
        """select b.id, b.title, b.version, b.state, b.from_on, b.to_on, w.name as place,
          (select count(*) from points_ruleitem i where i.book_id = b.id) as items
        from points_rulebook b join places_place w on w.id = b.place_id
        where exists (select 1 from unnest(%(posts)s::text[]) post
          where b.place_path like post || '%%' or post like b.place_path || '%%')
        order by b.id desc limit %(size)s::int offset %(skip)s::int""",
        {"posts": posts} | _page(page),
    )
    return {"rows": rows[:SIZE], "page": max(page, 1), "more": len(rows) > SIZE}


def inbox(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """What waits for his check: first checks for grid and social workers, second for committee."""
    first = [p.place_path for p in viewer.posts if p.role in permissions.FIRST]
    second = [p.place_path for p in viewer.posts if p.role in permissions.SECOND]
    rows = db.dicts(
        """select c.id, c.state, c.points, c.times, c."on", c.at, c.words, c.evidence, c.photo,
          i.title, i.code, i.unit, h.subject, coalesce(t.name, o.name, p.name, k.door) as who,
          f.name as first
        from points_claim c join points_ruleitem i on i.id = c.item_id
        join points_holder h on h.id = c.holder_id left join points_team t on t.id = h.team_id
        left join people_organisation o on o.id = h.organisation_id
        left join people_person p on p.id = coalesce(h.person_id, c.doer_id)
        left join people_household k on k.id = h.household_id
        left join people_person f on f.id = c.first_id
        where (c.state = 'claimed' and exists (select 1 from unnest(%(first)s::text[]) x
            where c.place_path like x || '%%' or x like c.place_path || '%%'))
          or (c.state = 'checked' and exists (select 1 from unnest(%(second)s::text[]) x
            where c.place_path like x || '%%'))
        order by c.id limit %(size)s::int offset %(skip)s::int""",
        {"first": first, "second": second} | _page(page),
    )
    return {"rows": rows[:SIZE], "page": max(page, 1), "more": len(rows) > SIZE}


def claim(viewer: Viewer, claim_id: int) -> dict[str, Any]:
    """One claim for those who check it or whose it is; NotFound for others."""
    found = db.dicts(
        """select c.*, i.title, i.code, i.unit, h.subject, h.person_id, h.household_id,
          coalesce(t.name, o.name, p.name, '') as who, f.name as first_name, s.name as second_name
        from points_claim c join points_ruleitem i on i.id = c.item_id
        join points_holder h on h.id = c.holder_id left join points_team t on t.id = h.team_id
        left join people_organisation o on o.id = h.organisation_id
        left join people_person p on p.id = coalesce(h.person_id, c.doer_id)
        left join people_person f on f.id = c.first_id
        left join people_person s on s.id = c.second_id where c.id = %s::bigint""",
        (claim_id,),
    )
    row = found[0] if found else None
    mine = row is not None and (
        viewer.person_id in (row["by_id"], row["doer_id"], row["person_id"])
        or (row["household_id"] is not None and row["household_id"] == viewer.household_id)
    )
    checks = permissions.FIRST | permissions.AUDIT
    if row is None or not (mine or permissions.serves(viewer, checks, row["place_path"])):
        raise NotFound("没有这条申报。")
    row["may_first"] = permissions.serves(viewer, permissions.FIRST, row["place_path"])
    row["may_second"] = permissions.holds(viewer, permissions.SECOND, row["place_path"])
    row["may_audit"] = permissions.holds(viewer, permissions.AUDIT, row["place_path"])
    return row


def entries(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """What was entered or taken back where he audits, newest first: never in order of points."""
    posts = [p.place_path for p in viewer.posts if p.role in permissions.AUDIT]
    rows = db.dicts(
        """select c.id, c.state, c.points, c."on", c.entered_at, c.reversed_at, c.event, i.title,
          i.code, h.subject, coalesce(t.name, o.name, p.name, k.door) as who, w.name as place
        from points_claim c join points_ruleitem i on i.id = c.item_id
        join points_holder h on h.id = c.holder_id join places_place w on w.id = h.place_id
        left join points_team t on t.id = h.team_id
        left join people_organisation o on o.id = h.organisation_id
        left join people_person p on p.id = coalesce(h.person_id, c.doer_id)
        left join people_household k on k.id = h.household_id
        where c.entered_at is not null and exists (select 1 from unnest(%(posts)s::text[]) x
          where c.place_path like x || '%%')
        order by c.id desc limit %(size)s::int offset %(skip)s::int""",
        {"posts": posts} | _page(page),
    )
    return {"rows": rows[:SIZE], "page": max(page, 1), "more": len(rows) > SIZE}


def photo(viewer: Viewer, claim_id: int) -> bytes:
    """The picture of a claim he may see."""
    row = claim(viewer, claim_id)
    found = db.rows("select content from points_photo where sha256 = %s limit 1", (row["photo"],))
    if not found:
        raise NotFound("没有照片。")
    return bytes(found[0][0])


def desk(viewer: Viewer) -> list[dict[str, Any]]:
    """His communities with their budgets, what waits to be noticed, the notice that runs."""
    posts = sorted({p.place_id for p in viewer.posts if p.role in permissions.FUND})
    return db.dicts(
        """select w.id, w.name, w.path,
          (select count(*) from points_claim c join points_holder h on h.id = c.holder_id
            where h.place_id = w.id and c.state = 'approved') as approved,
          n.id as notice, n.posted_at, n.enter_from
        from places_place w left join points_notice n on n.place_id = w.id and n.entered_at is null
        where w.kind = 'village' and w.valid_to is null and exists (
          select 1 from places_place p where p.id = any(%s::bigint[])
            and w.path like p.path || '%%')
        order by w.code limit 40""", (posts,),
    )  # fmt: skip


def budgets(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """The budgets at his places, with what is left in each."""
    posts = [p.place_path for p in viewer.posts if p.role in permissions.FUND]
    rows = db.dicts(
        """select a.*, w.name as place from points_activity a join places_place w
          on w.id = a.place_id where exists (select 1 from unnest(%(posts)s::text[]) x
          where a.place_path like x || '%%')
        order by a.closed_at is not null, a.id desc limit %(size)s::int offset %(skip)s::int""",
        {"posts": posts} | _page(page),
    )
    left = accounts.balances([row["account"] for row in rows])
    for row in rows:
        row["left"] = left[row["account"]]
    return {"rows": rows[:SIZE], "page": max(page, 1), "more": len(rows) > SIZE}


def activity(viewer: Viewer, activity_id: int) -> dict[str, Any]:
    """One budget he looks after; NotFound."""
    found = db.dicts("select * from points_activity where id = %s::bigint", (activity_id,))
    if not found or not permissions.holds(viewer, permissions.FUND, found[0]["place_path"]):
        raise NotFound("没有这个预算。")
    return found[0] | {"left": accounts.balance(found[0]["account"])}


def totals(place_path: str, since: datetime) -> dict[str, Any]:
    """Points entered since then, by area; how many took part, never who; under five is said so."""
    rows = db.dicts(
        """select i.area, count(*) as deeds, sum(c.points)::bigint as points,
          count(distinct c.holder_id) as holders
        from points_claim c join points_ruleitem i on i.id = c.item_id
        where c.place_path like %s || '%%' and c.state = 'entered'
          and c.entered_at >= %s::timestamptz group by i.area""",
        (place_path, since),
    )
    for row in rows:
        row["holders"] = rules.small(row["holders"])
    part = db.rows(
        "select count(*) from points_holder where place_path like %s || '%%' and left_at is null",
        (place_path,),
    )[0][0]
    return {"by_area": rows, "points": sum(r["points"] for r in rows),
            "deeds": sum(r["deeds"] for r in rows), "takes_part": rules.small(part)}  # fmt: skip


def notices(place_id: int, *, size: int = 6) -> list[dict[str, Any]]:
    """The last totals that were made public."""
    rows = db.dicts(
        "select id, totals, posted_at, enter_from, entered_at from points_notice"
        " where place_id = %s::bigint order by id desc limit %s::int", (place_id, size),
    )  # fmt: skip
    for row in rows:
        row["totals"] = db.load(row["totals"])
    return rows


def communities(viewer: Viewer, roles: frozenset[str]) -> list[tuple[int, str, str]]:
    """(id, path, name) of the communities his posts of these roles are at, in, or over."""
    posts = [post.place_path for post in viewer.posts if post.role in roles]
    found = db.rows(
        "select w.id, w.path, w.name from places_place w where w.kind = 'village'"
        " and w.valid_to is null and exists (select 1 from unnest(%s::text[]) x"
        " where w.path like x || '%%' or x like w.path || '%%') order by w.code limit 60", (posts,),
    )  # fmt: skip
    return [(int(pk), str(path), str(name)) for pk, path, name in found]


def must_see(viewer: Viewer, place_path: str) -> None:
    """NotAllowed for somebody from elsewhere."""
    if not permissions.may_see(viewer, place_path):
        raise NotAllowed("只有住在这里的人看得到。")


def today(at: datetime) -> date:
    """The day in Shanghai."""
    return at.astimezone(SHANGHAI).date()
