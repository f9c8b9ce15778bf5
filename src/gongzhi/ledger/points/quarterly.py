"""What the reconciliation of a quarter compares: claims on one side, the books on the other."""

from datetime import date, datetime, time
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotFound
from gongzhi.ledger.points import permissions, rules
from gongzhi.people.permissions import Viewer

_CLAIMS = """
select count(*) filter (where entered) as deeds,
  coalesce(sum(points) filter (where entered), 0)::bigint as points,
  count(*) filter (where undone) as undone,
  coalesce(sum(points) filter (where undone), 0)::bigint as undone_points
from (select c.points, c.entered_at >= %(a)s and c.entered_at < %(b)s as entered,
    coalesce(c.reversed_at >= %(a)s and c.reversed_at < %(b)s, false) as undone
  from points_claim c join points_holder h on h.id = c.holder_id
  where h.place_id = %(place)s::bigint and c.entered_at is not null and c.entered_at < %(b)s) x
"""
_AREAS = """
select i.area, count(*) as deeds, sum(c.points)::bigint as points
from points_claim c join points_holder h on h.id = c.holder_id
join points_ruleitem i on i.id = c.item_id
where h.place_id = %(place)s::bigint and c.entered_at >= %(a)s and c.entered_at < %(b)s
group by i.area order by i.area
"""
# The transfers of the same days, told apart by what they did; a reversal by what it reverses.
_BOOKS = """
with held as (select account from points_holder where place_id = %(place)s::bigint),
budgets as (select account from points_activity where place_id = %(place)s::bigint),
moved as (
  select t.id, coalesce(o.code || '<', '') || t.code as code, t.amount from ledger_transfer t
  left join ledger_transfer o on o.id = t.reverses_id
  where t.at >= %(a)s and t.at < %(b)s and (t.debit_id in (select account from held)
    or t.credit_id in (select account from held) or t.credit_id in (select account from budgets)))
select code, count(*) as entries, sum(amount)::bigint as points from moved group by code
"""
_NOW = """
select coalesce(sum(a.balance), 0)::bigint from ledger_account a
where a.id in (select account from points_holder where place_id = %(place)s::bigint)
"""
_MINUTES = """
select coalesce(sum(s.minutes) filter (where s.confirmed_at >= %(a)s and s.confirmed_at < %(b)s),
    0)::bigint as said,
  coalesce(sum(t.amount) filter (where t.at >= %(a)s and t.at < %(b)s), 0)::bigint as booked
from points_service s left join ledger_transfer t on t.id = s.transfer
where s.place_id = %(place)s::bigint
"""


def span(place_id: int, first_on: date) -> dict[str, Any]:
    """The parameters of a quarter: place, its first moment and the first one after it."""
    return {
        "place": place_id,
        "a": datetime.combine(first_on, time(), SHANGHAI),
        "b": datetime.combine(rules.quarter_after(first_on), time(), SHANGHAI),
    }


def totals(place_id: int, first_on: date) -> dict[str, Any]:
    """Both sides of a quarter in numbers, no persons: {"entered", "undone", "booked", "areas", …}.

    Five statements however many entries there are. Points and minutes are whole numbers.
    """
    about = span(place_id, first_on)
    said = db.dicts(_CLAIMS, about)[0]
    books = {row["code"]: row for row in db.dicts(_BOOKS, about)}
    minutes = db.dicts(_MINUTES, about)[0]

    def booked(code: str) -> dict[str, int]:
        row = books.get(code, {"entries": 0, "points": 0})
        return {"deeds": int(row["entries"]), "points": int(row["points"])}

    return {
        "entered": {"deeds": said["deeds"], "points": said["points"]},
        "booked": booked("award"),
        "undone": {"deeds": said["undone"], "points": said["undone_points"]},
        "booked_back": booked("award<reverse"),
        "minutes": {"said": minutes["said"], "booked": minutes["booked"]},
        "funded": booked("fund")["points"], "opening": booked("opening")["points"],
        "spent": booked("spend")["points"] - booked("spend<reverse")["points"],
        "expired": booked("expire")["points"], "wiped": booked("wipe")["points"],
        "held": int(db.rows(_NOW, about)[0][0]),
        "areas": db.dicts(_AREAS, about),
    }  # fmt: skip


def agrees(found: dict[str, Any]) -> bool:
    """Whether claims and books say the same."""
    return bool(
        found["entered"] == found["booked"]
        and found["undone"] == found["booked_back"]
        and found["minutes"]["said"] == found["minutes"]["booked"]
    )


def entered_ids(place_id: int, first_on: date) -> list[int]:
    """The claims entered in a quarter, in order: what a sample is drawn from."""
    found = db.rows(
        "select c.id from points_claim c join points_holder h on h.id = c.holder_id"
        " where h.place_id = %(place)s::bigint and c.entered_at >= %(a)s and c.entered_at < %(b)s"
        " order by c.id", span(place_id, first_on),
    )  # fmt: skip
    return [int(row[0]) for row in found]


_LISTED = """
select q.id, q.place_id, q.place_path, q.first_on, q.totals, q.agrees, q.words, q.at, q.signed_at,
  q.second_at, q.signed_by_id, q.second_id, w.name as place, a.name as signer,
  b.name as second_name, (select count(*) from points_sample s where s.quarter_id = q.id) as drawn,
  (select count(*) from points_sample s where s.quarter_id = q.id and s.found) as found,
  (select count(*) from points_sample s where s.quarter_id = q.id and s.found is null) as waiting
from points_quarter q join places_place w on w.id = q.place_id
left join people_person a on a.id = q.signed_by_id left join people_person b on b.id = q.second_id
"""


def listed(viewer: Viewer, *, size: int = 40) -> list[dict[str, Any]]:
    """The quarters looked at where he has a post of points, newest first."""
    posts = [p.place_path for p in viewer.posts if p.role in permissions.DESK]
    rows = db.dicts(
        _LISTED + " where exists (select 1 from unnest(%s::text[]) x where q.place_path like"
        " x || '%%') order by q.first_on desc, q.id limit %s::int", (posts, size),
    )  # fmt: skip
    return [row | {"totals": db.load(row["totals"])} for row in rows]


def published(place_id: int, *, size: int = 4) -> list[dict[str, Any]]:
    """The last quarters signed by two, for everybody of the place."""
    rows = db.dicts(
        _LISTED + " where q.place_id = %s::bigint and q.second_id is not null"
        " order by q.first_on desc limit %s::int", (place_id, size),
    )  # fmt: skip
    return [row | {"totals": db.load(row["totals"])} for row in rows]


def one(viewer: Viewer, quarter_id: int) -> dict[str, Any]:
    """A quarter with the entries drawn, for who has a post of points there; NotFound."""
    found = db.dicts(_LISTED + " where q.id = %s::bigint", (quarter_id,))
    if not found or not permissions.holds(viewer, permissions.DESK, found[0]["place_path"]):
        raise NotFound("没有这次核对。")
    row = found[0] | {"totals": db.load(found[0]["totals"])}
    row["may"] = permissions.holds(viewer, permissions.RECONCILE, row["place_path"])
    row["samples"] = db.dicts(
        """select s.id, s.claim_id, s.found, s.words as said, p.name as by, i.code, i.title,
          c.points, c."on", c.words, c.evidence, c.photo, c.event, c.first_id, c.second_id,
          c.doer_id, f.name as first_name, g.name as second_name
        from points_sample s join points_claim c on c.id = s.claim_id
        join points_ruleitem i on i.id = c.item_id left join people_person p on p.id = s.by_id
        left join people_person f on f.id = c.first_id
        left join people_person g on g.id = c.second_id
        where s.quarter_id = %s::bigint order by s.id""", (quarter_id,),
    )  # fmt: skip
    return row
