"""Reading the row a change is about, locked; and what the guards of the tables mean in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import IntegrityError

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, KeyReused, NotFound, Refused, Stale

GUARDS = {
    "operator_outside_government": "商城的运营单位不能是政府部门或村（居）委会。",
    "mall_operator_is_not_funder": "出资单位和运营单位要分开。",
    "mall_fund_not_overdrawn": "付出去的钱超过了出资单位承诺的数，不能入账。",
    "merchant_once": "这家单位已经是商户。",
    "credit_code_once": "这个统一社会信用代码已经登记过。",
    "stock_never_negative": "库存不够了。",
    "month_limit": "这个月能抵扣的积分已经用完。",
    "order_share": "积分抵扣的部分超过了价格允许的比例。",
    "order_one_way": "这一单刚才已经处理过了，请看最新情况。",
    "statement_one_waiting": "上一张对账单还在等商户确认。",
    "batch_one_waiting": "上一批还在等银行回执。",
    "payment_alive_once": "这笔应收账款已经在付款当中。",
    "financed_once": "这笔应收账款已经在融资，不能再融资一次。",
    "split_while_free": "正在融资或付款的应收账款不能拆分。",
    "financed_while_open": "只有待付款的应收账款能融资。",
    "discount_by_licensed": "只有持牌、在有效期内的金融机构能办融资。",
    "receivable_one_way": "这笔应收账款的状态已经变了，请看最新情况。",
    "receivable_within_term": "付款期限太长（银发〔2025〕77号）。",
    "rate_day_once": "这一天已经公布过一个比例。",
    "financing_one_way": "这笔融资刚才已经处理过了，请看最新情况。",
    "assigned_while_open": "这笔应收账款已经在付款当中，或者状态已经变了。",
    "assigned_by_holder": "这笔应收账款刚才已经转让，请看最新情况。",
    "redeemed_by_receipt": "只有银行回执能记到账。",
    "line_fixed": "这一行已经在确认的对账单里，不能再改。",
    "statement_fixed": "对账单已经确认，不能再改。",
    "batch_line_one_way": "这一笔已经有了银行的结果。",
    "receivable_root_once": "这张对账单已经有应收账款。",
    "line_once": "这一单已经记过账。",
    "order_code_once": "请再按一次。",
    "mall_financing_registration_key": "这个登记编号已经用过，请核对。",
    "mall_financing_cash_reference_key": "这个放款流水号已经用过，请核对。",
    "mall_financier_licence_key": "这个许可证号已经登记给别的单位。",
    "merchant_apart": "运营单位和出资单位自己不能当商户。",
    "taker_apart": "运营单位和出资单位不能买商户的账。",
    "mall_batchline_reference_key": "这个银行流水号以前已经用过，请向银行核对。",
    "mall_batchline_return_reference_key": "这个退回的银行流水号以前已经用过，请向银行核对。",
    "mall_debt_reference_key": "这个银行流水号以前已经用过，请向银行核对。",
    "debt_fixed": "这一笔欠款刚才已经结清，请看最新情况。",
    "reopened_by_return": "只有银行退回来的才能重新付。",
}


@contextmanager
def guarded() -> Iterator[None]:
    """A transaction whose guards, should a race get that far, speak in sentences."""
    try:
        with db.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        words = GUARDS.get(getattr(diagnosis, "constraint_name", "") or "")
        if words is None:
            raise
        raise Stale(words) from error


_READ = {
    "mall": ("select m.*, o.name as operator, f.name as funder, p.name as place from mall_mall m"
             " join people_organisation o on o.id = m.operator_id"
             " join people_organisation f on f.id = m.funder_id"
             " join places_place p on p.id = m.place_id where m.id = %s::bigint", "m",
             "没有这个商城。"),
    "merchant": ("select s.*, o.name, m.place_path, m.operator_id, m.funder_id from mall_merchant s"
                 " join people_organisation o on o.id = s.organisation_id"
                 " join mall_mall m on m.id = s.mall_id where s.id = %s::bigint", "s",
                 "没有这家商户。"),
    "offer": ("select f.*, s.mall_id, s.organisation_id, s.state, s.contract_from, s.contract_to,"
              " s.account from mall_offer f join mall_merchant s on s.id = f.merchant_id"
              " where f.id = %s::bigint", "f", "没有这样东西，可能已经下架。"),
    "order": ("select o.*, s.organisation_id, s.account, f.kind, f.name as offer from mall_order o"
              " join mall_merchant s on s.id = o.merchant_id join mall_offer f on f.id = o.offer_id"
              " where o.id = %s::bigint", "o", "没有这一单。"),
    "statement": ("select t.*, s.mall_id, s.organisation_id, s.account, s.pay_days"
                  " from mall_statement t join mall_merchant s on s.id = t.merchant_id"
                  " where t.id = %s::bigint", "t", "没有这张对账单。"),
    "line": ("select l.*, s.mall_id, s.organisation_id from mall_line l"
             " join mall_merchant s on s.id = l.merchant_id where l.id = %s::bigint", "l",
             "没有这一行。"),
    "receivable": ("select r.*, s.mall_id, s.organisation_id as supplier_id, t.confirmed_at"
                   " as traded_at, h.name as holder from mall_receivable r"
                   " join mall_statement t on t.id = r.statement_id"
                   " join mall_merchant s on s.id = t.merchant_id"
                   " join people_organisation h on h.id = r.holder_id where r.id = %s::bigint", "r",
                   "没有这笔应收账款，或者它不归您的单位。"),
    "financing": ("select g.*, f.organisation_id, r.number, r.due_on, s.mall_id"
                  " from mall_financing g join mall_financier f on f.id = g.financier_id"
                  " join mall_receivable r on r.id = g.receivable_id"
                  " join mall_statement t on t.id = r.statement_id"
                  " join mall_merchant s on s.id = t.merchant_id where g.id = %s::bigint", "g",
                  "没有这笔融资。"),
    "batch": ("select * from mall_batch b where b.id = %s::bigint", "b", "没有这一批。"),
    "batchline": ("select l.*, b.mall_id, b.number from mall_batchline l join mall_batch b"
                  " on b.id = l.batch_id where l.id = %s::bigint", "l", "没有这一笔付款。"),
    "debt": ("select d.*, s.mall_id, s.organisation_id from mall_debt d"
             " join mall_merchant s on s.id = d.merchant_id where d.id = %s::bigint", "d",
             "没有这一笔欠款。"),
}  # fmt: skip


# Whether the holder of a claim waits: what the bank sent back went to the account that still
# stands, and nobody has looked into it.
HELD_BACK = """
exists (select 1 from mall_batchline wl join mall_batch wb on wb.id = wl.batch_id
  left join mall_merchant ws on ws.organisation_id = wl.holder_id and ws.mall_id = wb.mall_id
  left join mall_financier wf on wf.organisation_id = wl.holder_id
  where wl.holder_id = {holder} and wb.mall_id = {mall} and wl.state = 'returned'
  and wl.checked_at is null and (wl.bank, wl.bank_account)
    = (coalesce(ws.bank, wf.bank), coalesce(ws.bank_account, wf.bank_account)))
"""

# To whom a claim may be passed on: shops under contract, licensed financiers; not who owes or runs.
TAKERS = """
select {who} from people_organisation o join mall_mall m on m.id = %(mall)s::bigint
  and o.id not in (m.operator_id, m.funder_id)
where (exists (select 1 from mall_merchant where organisation_id = o.id and mall_id = m.id
    and state <> 'ended')
  or exists (select 1 from mall_financier where organisation_id = o.id
    and valid_to >= %(today)s::date))
"""


def read(what: str, row_id: int, *, lock: bool = False) -> dict[str, Any]:
    """A row with what its parents say; NotFound. `what` is a key of `_READ`."""
    sql, alias, missing = _READ[what]
    found = db.dicts(sql + (f" for no key update of {alias}" if lock else ""), (row_id,))
    if not found:
        raise NotFound(missing)
    return found[0]


def once(table: str, key: str | None, by: int, *, column: str = "by_id") -> int | None:
    """The id a request key brought before, of the same person; None for a new one."""
    if not key:
        return None
    found = db.rows(f"select id, {column} from {table} where key = %s::text", (key,))
    if not found:
        return None
    if found[0][1] != by:
        raise KeyReused
    return int(found[0][0])


def at_state(row: dict[str, Any], *states: str) -> None:
    """Refused where the row stands elsewhere."""
    if row["state"] not in states:
        raise Stale("刚才已有别人处理过，请看最新情况。")


def day(at: datetime) -> date:
    """The calendar day here."""
    return at.astimezone(SHANGHAI).date()


def clock(at: datetime) -> str:
    """When, in a sentence: 11月23日10:32."""
    here = at.astimezone(SHANGHAI)
    return f"{here.month}月{here.day}日{here:%H:%M}"


def rate(mall_id: int, on: date) -> dict[str, Any]:
    """The rate in force on a day; Refused where none was published."""
    found = db.dicts(
        "select * from mall_rate where mall_id = %s::bigint and from_on <= %s::date"
        " order by from_on desc limit 1",
        (mall_id, on),
    )
    if not found:
        raise Refused("积分抵扣的比例还没有公布，暂时不能用积分。")
    return found[0]


def message(
    *, mall_id: int, kind: str, name: str, body: str, at: datetime, batch_id: int | None = None,
    receivable_id: int | None = None,
) -> int:  # fmt: skip
    """Keep a file that goes out or came in; the same content again is the same row."""
    digest = sha256(body.encode()).hexdigest()
    db.run(
        "insert into mall_message (mall_id, kind, name, body, sha256, batch_id, receivable_id, at)"
        " values (%s::bigint, %s, %s, %s, %s, %s::bigint, %s::bigint, %s::timestamptz)"
        " on conflict do nothing",
        (mall_id, kind, name, body, digest, batch_id, receivable_id, at),
    )
    return int(
        db.rows(
            "select id from mall_message where mall_id = %s::bigint and sha256 = %s",
            (mall_id, digest),
        )[0][0]
    )


def tell(kind: str, subject_id: int) -> None:
    """A row of the outbox, in the same transaction."""
    db.run("insert into core_outbox (kind, subject_id) values (%s, %s::bigint)", (kind, subject_id))


def text_of(typed: str, field: str, words: str, *, most: int, least: int = 2) -> str:
    """A short text somebody must have written; BadInput says what is missing."""
    found = " ".join(typed.split())
    if not least <= len(found) <= most:
        raise BadInput(field, words)
    return found


def take_out(order_id: int) -> int | None:
    """A sale that is undone leaves the statement it waits on; both lines come into the next.

    Locks the line, then its statement, as `dispute_line` does. A confirmed statement stays as it
    is: then the refund goes on the one that waits, whose id is returned, or on the next.
    """
    found = db.rows(
        "select l.id, l.statement_id from mall_line l where l.order_id = %s::bigint"
        " and l.kind = 'sale' and l.statement_id is not null for no key update", (order_id,),
    )  # fmt: skip
    for line_id, statement_id in found:
        row = read("statement", statement_id, lock=True)
        if row["state"] != "sent":
            return waiting(row["merchant_id"])
        db.run(
            "update mall_line set state = 'open', statement_id = null where id = %s::bigint",
            (line_id,),
        )
        reckon(statement_id)
    return None


def waiting(merchant_id: int) -> int | None:
    """The statement that waits for the shop, locked."""
    found = db.rows(
        "select id from mall_statement where merchant_id = %s::bigint and state = 'sent'"
        " for no key update", (merchant_id,),
    )  # fmt: skip
    return int(found[0][0]) if found else None


def reckon(statement_id: int) -> None:
    """A waiting statement is again the sum of its lines.

    Where nothing above zero is left it is over, and its lines wait for the next.
    """
    db.run(
        "update mall_line set state = 'open', statement_id = null"
        " where statement_id = %(id)s::bigint and (select sum(fen) <= 0 or sum(points) <= 0"
        "  from mall_line where statement_id = %(id)s::bigint)",
        {"id": statement_id},
    )
    db.run(
        "update mall_statement t set points = s.points, gross_fen = s.fen, fee_fen = s.fee,"
        " net_fen = s.fen - s.fee, state = case when s.n = 0 then 'empty' else 'sent' end"
        " from (select count(l.id) as n, coalesce(sum(l.points), 0) as points,"
        "   coalesce(sum(l.fen), 0) as fen,"
        "   greatest(coalesce(sum(l.fen), 0), 0) * t2.fee_bp / 10000 as fee"
        "  from mall_statement t2 left join mall_line l on l.statement_id = t2.id"
        "  where t2.id = %s::bigint group by t2.fee_bp) s where t.id = %s::bigint",
        (statement_id, statement_id),
    )
