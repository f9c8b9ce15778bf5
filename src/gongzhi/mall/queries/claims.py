"""Claims on the fund, for those who hold, owe or finance them."""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.mall import permissions, store
from gongzhi.mall.queries.paging import Page, paged
from gongzhi.people.permissions import Viewer

_CLAIM = """
select r.*, h.name as holder, w.name as supplier, t.number as statement, t.points, t.gross_fen,
  t.confirmed_at as traded_at,
  s.mall_id, g.id as financing, g.state as financing_state, g.price_fen, g.registration,
  b.name as financier, b.id as financier_org, g.seller_id
from mall_receivable r join people_organisation h on h.id = r.holder_id
join mall_statement t on t.id = r.statement_id join mall_merchant s on s.id = t.merchant_id
join people_organisation w on w.id = s.organisation_id
left join mall_financing g on g.receivable_id = r.id and g.state <> 'declined'
left join mall_financier f on f.id = g.financier_id
left join people_organisation b on b.id = f.organisation_id
"""


def claims_of(organisations: list[int], at: datetime, *, page: int = 1) -> Page:
    """Claims these organisations hold, or are asked to finance, or owe as funder.

    What waits for them comes first (`waits`), then by the day it is due. Each tells `overdue`.
    """
    found = paged(
        _CLAIM.replace("select r.*", f"select r.*, coalesce({_WAITS}, false) as waits", 1)
        + " join mall_mall m on m.id = s.mall_id where r.state <> 'split'"
        " and (r.holder_id = any(%(orgs)s::bigint[]) or b.id = any(%(orgs)s::bigint[])"
        "  or g.seller_id = any(%(orgs)s::bigint[]) or m.funder_id = any(%(orgs)s::bigint[]))"
        " order by waits desc, r.state in ('redeemed', 'cancelled'), r.due_on, r.id",
        {"orgs": organisations}, page,
    )  # fmt: skip
    for row in found["rows"]:
        row["overdue"] = row["state"] == "open" and row["due_on"] < store.day(at)
    return found


# Whether somebody of %(orgs)s has the next step: the funder, the seller or the financier.
_WAITS = """(r.state = 'draft' and m.funder_id = any(%(orgs)s::bigint[])
  or g.state in ('asked', 'accepted') and b.id = any(%(orgs)s::bigint[])
  or g.state = 'offered' and g.seller_id = any(%(orgs)s::bigint[]))"""


def waiting(organisations: list[int]) -> int:
    """How many claims wait for a step of these organisations."""
    return int(
        db.rows(
            f"select count(*) from ({_CLAIM} join mall_mall m on m.id = s.mall_id"
            f" where r.state in ('draft', 'open') and {_WAITS}) w",
            {"orgs": organisations},
        )[0][0]
    )


def funded(organisations: list[int]) -> list[dict[str, Any]]:
    """The malls these organisations stand behind."""
    return db.dicts(
        "select id, name from mall_mall where funder_id = any(%s::bigint[]) order by id limit 100",
        (organisations,),
    )


def claim(viewer: Viewer, receivable_id: int, at: datetime) -> dict[str, Any]:
    """One claim with its path, for its holder, seller, financier or funder; NotFound."""
    found = db.dicts(_CLAIM + " where r.id = %s::bigint", (receivable_id,))
    orgs = viewer.organisations
    if not found:
        raise NotFound("没有这笔应收账款，或者它不归您的单位。")
    row = found[0]
    mall = store.read("mall", row["mall_id"])
    sides = {row["holder_id"], row["seller_id"], row["financier_org"], mall["funder_id"]}
    passed = db.dicts(
        "select a.kind, a.at, a.reason, g.name as giver, t.name as taker, a.giver_id"
        " from mall_assignment a join people_organisation g on g.id = a.giver_id"
        " join people_organisation t on t.id = a.taker_id where a.receivable_id = %s::bigint"
        " order by a.id", (receivable_id,),
    )  # fmt: skip
    if not orgs & (sides | {p["giver_id"] for p in passed}):
        raise NotFound("没有这笔应收账款，或者它不归您的单位。")
    row["path"], row["mall"] = passed, mall
    row["mine"] = row["holder_id"] in orgs
    row["owes"] = mall["funder_id"] in orgs and permissions.acts_in(
        viewer, "funder", mall["funder_id"]
    )
    row["finances"] = row["financier_org"] in orgs
    row["sells"] = row["seller_id"] in orgs
    row["overdue"] = row["state"] == "open" and row["due_on"] < store.day(at)
    if not (row["mine"] or row["finances"] or row["sells"]):
        row["price_fen"] = None  # what a bank gives for it is not the debtor's affair
    row["last"] = _last_tried(receivable_id)
    row["files"] = db.dicts(
        "select id, kind, name, at from mall_message where receivable_id = %s::bigint order by id",
        (receivable_id,),
    )
    row["children"] = db.dicts(
        "select id, number, face_fen, state from mall_receivable where parent_id = %s::bigint"
        " order by id", (receivable_id,),
    )  # fmt: skip
    return row


def _last_tried(receivable_id: int) -> dict[str, Any] | None:
    """The newest clearing day it was in: `state` of its line, `cutoff`, `why`; None."""
    found = db.dicts(
        "select l.state, l.why, b.cutoff, b.at from mall_payment p join mall_batchline l"
        " on l.id = p.line_id join mall_batch b on b.id = l.batch_id"
        " where p.receivable_id = %s::bigint order by p.id desc limit 1", (receivable_id,),
    )  # fmt: skip
    return found[0] if found else None


def file(viewer: Viewer, receivable_id: int, message_id: int, at: datetime) -> dict[str, Any]:
    """A notice or a registration, for those who see the claim; NotFound."""
    if message_id not in {row["id"] for row in claim(viewer, receivable_id, at)["files"]}:
        raise NotFound("没有这个文件。")
    return db.dicts("select * from mall_message where id = %s::bigint", (message_id,))[0]


def takers(mall_id: int, holder_id: int, at: datetime) -> list[dict[str, Any]]:
    """To whom a claim may be passed on: the shops of the mall and licensed financiers."""
    return db.dicts(
        store.TAKERS.format(who="o.id, o.name")
        + " and o.id <> %(holder)s::bigint order by o.name limit 500",
        {"mall": mall_id, "holder": holder_id, "today": store.day(at)},
    )


def licences() -> list[dict[str, Any]]:
    """Every financier on record with its licence, the newest first."""
    return db.dicts(
        "select f.*, o.name from mall_financier f join people_organisation o"
        " on o.id = f.organisation_id order by f.id desc limit 100"
    )


def financiers(at: datetime) -> list[dict[str, Any]]:
    """Licensed today."""
    return db.dicts(
        "select f.id, o.name from mall_financier f join people_organisation o"
        " on o.id = f.organisation_id where f.valid_to >= %s::date order by f.id limit 100",
        (store.day(at),),
    )
