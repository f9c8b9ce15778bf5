"""Shops of a mall, their statements, batches and files."""

from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.mall import permissions, store
from gongzhi.mall.queries.paging import Page, paged
from gongzhi.people.permissions import Viewer


def statements(merchant_id: int) -> list[dict[str, Any]]:
    """A shop's statements, newest first; the last fifty."""
    return db.dicts(
        "select t.*, r.version, r.fen as rate_fen from mall_statement t"
        " join mall_rate r on r.id = t.rate_id where t.merchant_id = %s::bigint"
        " order by t.id desc limit 50",
        (merchant_id,),
    )


def statement(statement_id: int) -> dict[str, Any]:
    """A statement with its lines (the caller has asked who may see the shop)."""
    row = store.read("statement", statement_id)
    row["lines"] = db.dicts(
        "select l.*, f.name as offer from mall_line l join mall_order o on o.id = l.order_id"
        " join mall_offer f on f.id = o.offer_id where l.statement_id = %s::bigint order by l.id"
        " limit 2000",
        (statement_id,),
    )
    row["rate_version"] = db.rows(
        "select version, fen from mall_rate where id = %s::bigint", (row["rate_id"],)
    )[0]
    return row


def mall_statements(mall_id: int, *, page: int = 1) -> Page:
    """The statements of a mall, newest first, with what became of the claim."""
    return paged(
        "select t.*, o.name as merchant, r.version, r.fen as rate_fen, (select max(case when"
        "  c.state = 'draft' then 'draft' else 'open' end) from mall_receivable c"
        "  where c.statement_id = t.id and c.parent_id is null and c.state <> 'cancelled') as claim"
        " from mall_statement t join mall_rate r on r.id = t.rate_id"
        " join mall_merchant s on s.id = t.merchant_id"
        " join people_organisation o on o.id = s.organisation_id"
        " where s.mall_id = %(mall)s::bigint order by t.id desc",
        {"mall": mall_id}, page,
    )  # fmt: skip


def statement_for(viewer: Viewer, statement_id: int) -> dict[str, Any]:
    """A statement for the shop, the operator, an overseer, or those of its claim; NotFound.

    Who owes, holds, has sold or finances the claim reads it as the proof of trade.
    """
    row = statement(statement_id)
    mall = store.read("mall", row["mall_id"])
    if not (
        permissions.sells(viewer, row)
        or permissions.operates(viewer, mall)
        or permissions.may_watch(viewer, mall["place_path"])
        or _of_its_claim(viewer, statement_id, mall)
    ):
        raise NotFound("没有这张对账单。")
    row["withdrawn"] = row["state"] == "confirmed" and not db.rows(
        "select 1 from mall_receivable where statement_id = %s::bigint and state <> 'cancelled'"
        " limit 1",
        (statement_id,),
    )
    row["merchant"], row["mall"] = store.read("merchant", row["merchant_id"])["name"], mall
    return row


def _of_its_claim(viewer: Viewer, statement_id: int, mall: dict[str, Any]) -> bool:
    orgs = [p.organisation_id for p in viewer.posts
            if p.role in {"merchant", "funder"} and p.organisation_id]  # fmt: skip
    return bool(orgs) and bool(db.rows(
        "select 1 from mall_receivable r where r.statement_id = %(id)s::bigint and"
        " (r.holder_id = any(%(orgs)s::bigint[]) or %(funder)s::bigint = any(%(orgs)s::bigint[])"
        "  or exists (select 1 from mall_financing g join mall_financier f"
        "   on f.id = g.financier_id where g.receivable_id = r.id and g.state <> 'declined'"
        "   and f.organisation_id = any(%(orgs)s::bigint[]))"
        "  or exists (select 1 from mall_assignment where receivable_id = r.id"
        "   and giver_id = any(%(orgs)s::bigint[]))) limit 1",
        {"id": statement_id, "orgs": orgs, "funder": mall["funder_id"]},
    ))  # fmt: skip


def merchant_of(mall_id: int, merchant_id: int) -> dict[str, Any]:
    """A shop of a mall with its contract's story, newest first; NotFound."""
    row = store.read("merchant", merchant_id)
    if row["mall_id"] != mall_id:
        raise NotFound("没有这家商户。")
    row["records"] = records(mall_id, merchant_id)
    return row


def records(mall_id: int, merchant_id: int | None) -> list[dict[str, Any]]:
    """What became of a shop's contract, or of a mall's terms; the newest fifty."""
    found = db.dicts(
        "select c.kind, c.why, c.at, c.terms, p.name as by_name from mall_record c"
        " join people_person p on p.id = c.by_id where c.mall_id = %s::bigint"
        " and c.merchant_id is not distinct from %s::bigint order by c.id desc limit 50",
        (mall_id, merchant_id),
    )
    return [row | {"terms": db.load(row["terms"])} for row in found]


def merchants(mall_id: int) -> list[dict[str, Any]]:
    """The shops of a mall with what is open for clearing; one statement."""
    return db.dicts(
        "select s.*, o.name, coalesce(l.fen, 0) as open_fen, coalesce(l.disputed, 0) as disputed,"
        " (select id from mall_statement where merchant_id = s.id and state = 'sent') as waiting"
        " from mall_merchant s join people_organisation o on o.id = s.organisation_id"
        " left join (select merchant_id, sum(fen) filter (where state = 'open') as fen,"
        "   count(*) filter (where state = 'disputed') as disputed from mall_line"
        "   where state <> 'stated' group by merchant_id) l on l.merchant_id = s.id"
        " where s.mall_id = %s::bigint order by s.id limit 500",
        (mall_id,),
    )


def disputes(mall_id: int) -> list[dict[str, Any]]:
    """Lines a shop says are wrong."""
    return db.dicts(
        "select l.*, o.name as merchant, f.name as offer from mall_line l"
        " join mall_merchant s on s.id = l.merchant_id join people_organisation o"
        " on o.id = s.organisation_id join mall_order d on d.id = l.order_id"
        " join mall_offer f on f.id = d.offer_id"
        " where s.mall_id = %s::bigint and l.state = 'disputed' order by l.id limit 200",
        (mall_id,),
    )


_DEBT = """
select d.id, d.points, d.fen, d.at, d.due_on, d.state, d.ended_at, d.merchant_id,
  o.name as merchant, f.name as offer from mall_debt d join mall_merchant s on s.id = d.merchant_id
join people_organisation o on o.id = s.organisation_id join mall_order r on r.id = d.order_id
join mall_offer f on f.id = r.offer_id
"""


def debts(mall_id: int) -> list[dict[str, Any]]:
    """What shops owe for goods they took back after they were settled, the oldest first."""
    return db.dicts(
        _DEBT + " where s.mall_id = %s::bigint and d.state = 'owed' order by d.due_on, d.id"
        " limit 200", (mall_id,),
    )  # fmt: skip


def debts_of(merchant_id: int) -> list[dict[str, Any]]:
    """The same of one shop."""
    return db.dicts(
        _DEBT + " where d.merchant_id = %s::bigint and d.state = 'owed' order by d.due_on, d.id"
        " limit 50", (merchant_id,),
    )  # fmt: skip


def debt_of(order_id: int) -> dict[str, Any] | None:
    """What a shop owed or owes for an order it took back; None."""
    found = db.dicts(_DEBT + " where d.order_id = %s::bigint", (order_id,))
    return found[0] if found else None


_RETURNED = """
select l.id, l.amount_fen, l.bank, l.bank_account, l.why, l.returned_at, l.return_reference,
  l.holder_id, l.batch_id, b.number, o.name as holder, s.id as merchant_id
from mall_batchline l join mall_batch b on b.id = l.batch_id
join people_organisation o on o.id = l.holder_id
left join mall_merchant s on s.organisation_id = l.holder_id and s.mall_id = b.mall_id
left join mall_financier f on f.organisation_id = l.holder_id
where l.state = 'returned' and l.checked_at is null
  and (l.bank, l.bank_account)
    = (coalesce(s.bank, f.bank), coalesce(s.bank_account, f.bank_account))
"""


def returned(mall_id: int) -> list[dict[str, Any]]:
    """What the bank has sent back and waits for another account, the oldest first."""
    return db.dicts(
        _RETURNED + " and b.mall_id = %s::bigint order by l.returned_at, l.id limit 200",
        (mall_id,),
    )


def returned_of(merchant_id: int) -> list[dict[str, Any]]:
    """The same of one shop."""
    return db.dicts(
        _RETURNED + " and s.id = %s::bigint order by l.returned_at, l.id limit 20", (merchant_id,)
    )


def batches(mall_id: int, *, page: int = 1) -> Page:
    """Clearing days, newest first."""
    return paged(
        "select b.*, (select id from mall_message where batch_id = b.id and kind = 'payment') as"
        " file from mall_batch b where b.mall_id = %(mall)s::bigint order by b.id desc",
        {"mall": mall_id}, page,
    )  # fmt: skip


def batch(mall_id: int, batch_id: int) -> dict[str, Any]:
    """A clearing day with whom it pays, in the order of payment; NotFound."""
    row = store.read("batch", batch_id)
    if row["mall_id"] != mall_id:
        raise NotFound("没有这一批。")
    row["lines"] = db.dicts(
        "select l.*, o.name as holder, (select count(*) from mall_payment where line_id = l.id)"
        " as claims from mall_batchline l join people_organisation o on o.id = l.holder_id"
        " where l.batch_id = %s::bigint order by l.seq limit 2000",
        (batch_id,),
    )
    row["files"] = db.dicts(
        "select id, kind, name, at from mall_message where batch_id = %s::bigint order by id"
        " limit 20",
        (batch_id,),
    )
    return row


def message(mall_id: int, message_id: int) -> dict[str, Any]:
    """A file; NotFound."""
    found = db.dicts(
        "select * from mall_message where id = %s::bigint and mall_id = %s::bigint",
        (message_id, mall_id),
    )
    if not found:
        raise NotFound("没有这个文件。")
    return found[0]
