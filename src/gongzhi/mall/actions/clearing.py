"""Clearing: statement, confirmation or dispute, netted batch, the bank's receipt."""

from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import BadInput, Refused, Stale
from gongzhi.mall import books, exchange, permissions, rules, store
from gongzhi.mall.actions import orders
from gongzhi.mall.actions.receivables import claim_of
from gongzhi.mall.models import Batch, BatchLine, Debt, Payment, Statement

_OPEN = """
select l.id, l.points, l.fen, l.rate_id, o.state = 'refunded' from mall_line l
join mall_order o on o.id = l.order_id where l.merchant_id = %s::bigint and l.state = 'open'
  and (o.state = 'refunded' or (l.at at time zone 'Asia/Shanghai')::date <= %s::date)
order by l.id for update of l
"""


def draw_statement(*, merchant_id: int, to_on: date, by: int, at: datetime) -> int:
    """What `rules.stated` says of the open lines of a shop up to a day, for its confirmation."""
    if to_on > store.day(at):
        raise BadInput("to_on", "对账只能到今天。")
    with store.guarded():
        shop = store.read("merchant", merchant_id, lock=True)
        permissions.operator(by, shop, at)
        if db.rows(
            "select 1 from mall_statement where merchant_id = %s::bigint and state = 'sent'",
            (merchant_id,),
        ):
            raise Refused(store.GUARDS["statement_one_waiting"])
        lines = rules.stated(rules.Sold(*row) for row in db.rows(_OPEN, (merchant_id, to_on)))
        if not lines:
            raise Refused("这家商户到这一天没有要结算的金额，退回的会并到下一次。")
        gross = sum(line.fen for line in lines)
        fee = rules.fee(gross, shop["fee_bp"])
        made = Statement.objects.create(
            merchant_id=merchant_id, number=_next("mall_statement", "merchant_id", merchant_id),
            rate_id=lines[0].rate, to_on=to_on, points=sum(line.points for line in lines),
            gross_fen=gross, fee_fen=fee, net_fen=gross - fee, fee_bp=shop["fee_bp"], by_id=by,
            at=at,
        )  # fmt: skip
        db.run(
            "update mall_line set state = 'stated', statement_id = %s::bigint"
            " where id = any(%s::bigint[])",
            (made.pk, [line.id for line in lines]),
        )
        store.tell("mall.statement", made.pk)
    return int(made.pk)


def _next(table: str, column: str, parent: int) -> int:
    """The next number under a locked parent."""
    sql = f"select coalesce(max(number), 0) + 1 from {table} where {column} = %s::bigint"
    return int(db.rows(sql, (parent,))[0][0])


def dispute_line(*, line_id: int, reason: str, by: int, at: datetime) -> None:
    """The shop says a line is wrong: it leaves the statement, the rest can be confirmed."""
    said = store.text_of(reason, "reason", "请写明哪里不对。", most=300)
    with store.guarded():
        row = store.read("line", line_id, lock=True)
        permissions.seller(by, row, at)
        if row["state"] == "disputed":
            return
        store.at_state(row, "stated")
        if row["kind"] != "sale":
            raise Refused("退货是店里自己办的，或者已经核对过，不能再提异议。")
        store.at_state(store.read("statement", row["statement_id"], lock=True), "sent")
        db.run(
            "update mall_line set state = 'disputed', statement_id = null, dispute = %s"
            " where id = %s::bigint",
            (said, line_id),
        )
        store.reckon(row["statement_id"])
        store.tell("mall.disputed", line_id)


def answer_dispute(*, line_id: int, stands: bool, answer: str, by: int, at: datetime) -> None:
    """The operator: the line stands and comes into the next statement, or the sale is undone."""
    said = store.text_of(answer, "answer", "请写明怎么核对的。", most=300)
    with store.guarded():
        row = store.read("line", line_id)
        permissions.operator(by, store.read("mall", row["mall_id"]), at)
        order = orders.locked(row["order_id"])  # the order before its line
        row = store.read("line", line_id, lock=True)
        store.at_state(row, "disputed")
        db.run(
            "update mall_line set state = 'open', answer = %s where id = %s::bigint",
            (said, line_id),
        )
        if not stands and order["state"] == "done":
            orders.give_back(order, said, by, at)


def confirm_statement(
    *, statement_id: int, by: int, at: datetime, due_on: date | None = None,
    seen_fen: int | None = None,
) -> int:  # fmt: skip
    """The shop agrees: its points are redeemed and it has a claim, to be confirmed by the funder.

    Due so many days later as the contract says. Returns the receivable; again the same one.
    `seen_fen` is what he was shown: Stale where a refund or a dispute has changed it since.
    """
    with store.guarded():
        row = store.read("statement", statement_id, lock=True)
        permissions.seller(by, row, at)
        if row["state"] == "confirmed":
            return _claim(statement_id)
        store.at_state(row, "sent")
        if seen_fen is not None and seen_fen != row["net_fen"]:
            raise Stale("对账单刚才有变动，请再看一遍金额。")
        if row["net_fen"] <= 0 or row["points"] <= 0:
            raise Refused("这张对账单没有要付的金额。")
        mall = store.read("mall", row["mall_id"])
        books.redeemed(statement_id, row["account"], row["points"], mall["place_id"], at=at)
        Statement.objects.filter(pk=statement_id).update(
            state="confirmed", confirmed_by=by, confirmed_at=at
        )
        _net_debts(statement_id, at)
        made = claim_of(
            row, mall, due_on or store.day(at) + timedelta(days=row["pay_days"]), "合同账期", at
        )
        store.tell("mall.claimed", made)
    return made


def _net_debts(statement_id: int, at: datetime) -> None:
    """What the shop owed for refunds on this statement has come off what it is owed."""
    for debt_id, lent in db.rows(
        "select d.id, d.advance from mall_debt d join mall_line l on l.order_id = d.order_id"
        " and l.kind = 'refund' where l.statement_id = %s::bigint and d.state = 'owed'"
        " order by d.id for no key update of d", (statement_id,),
    ):  # fmt: skip
        books.netted(debt_id, lent, by=None, at=at)
        Debt.objects.filter(pk=debt_id).update(state="netted", statement=statement_id, ended_at=at)


def _claim(statement_id: int) -> int:
    return int(
        db.rows(
            "select id from mall_receivable where statement_id = %s::bigint and parent_id is null"
            " order by id desc limit 1", (statement_id,),
        )[0][0]
    )  # fmt: skip


_DUE = """
select r.id, r.holder_id, r.face_fen, r.due_on,
  exists (select 1 from mall_financing g where g.receivable_id = r.id and g.state = 'live')
from mall_receivable r join mall_statement t on t.id = r.statement_id
join mall_merchant s on s.id = t.merchant_id
where s.mall_id = %(mall)s::bigint and r.state = 'open' and r.due_on <= %(cutoff)s::date
  and not exists (select 1 from mall_payment p where p.receivable_id = r.id and p.alive)
  and {back} {held}
order by r.id for update of r
"""
_HELD = store.HELD_BACK.format(holder="r.holder_id", mall="s.mall_id")
_PAYABLE = _DUE.format(back="not", held=_HELD)
# What the bank sent back and cannot be paid yet: that money is kept for whom it was paid to.
_KEPT = _DUE.format(
    back="exists (select 1 from mall_payment p join mall_batchline l on l.id = p.line_id"
    " and l.state = 'returned' where p.receivable_id = r.id) and", held=_HELD,
)  # fmt: skip


def run_batch(*, mall_id: int, cutoff: date, by: int, at: datetime) -> int:
    """A clearing day: who is due up to `cutoff` is netted and asked of the bank, or carried.

    Run again while the bank has not answered it is the same batch: nothing is asked twice. Nor is
    a second one made that would carry the same sum up to the same day.
    """
    if cutoff > store.day(at):
        raise BadInput("cutoff", "截止日不能在今天以后。")
    with store.guarded():
        mall = store.read("mall", mall_id, lock=True)
        permissions.operator(by, mall, at)
        waiting = db.rows(
            "select id from mall_batch where mall_id = %s::bigint and state = 'sent'", (mall_id,)
        )
        if waiting:
            return int(waiting[0][0])
        asked = {"mall": mall_id, "cutoff": cutoff}
        claims = [rules.Claim(*row) for row in db.rows(_PAYABLE, asked)]
        kept = sum(row[2] for row in db.rows(_KEPT, asked))
        if not claims:
            raise _nothing(kept)
        left = mall["pledged_fen"] + mall["repaid_fen"] - mall["paid_fen"] - kept
        nets = rules.net(claims, left)
        before = _carried(mall_id, cutoff, sum(n.amount_fen for n in nets))
        if before and not any(n.paid for n in nets):
            return before
        return _write(mall, nets, cutoff, by, at)


def _nothing(kept_fen: int) -> Refused:
    if kept_fen:
        return Refused(
            f"银行退回的{exchange.yuan(kept_fen)}元还不能再付，别的没有到期的。",
            todo="请先改好或者核对收款账号。",
        )  # fmt: skip
    return Refused("到这一天没有要付的款。")


def _carried(mall_id: int, cutoff: date, fen: int) -> int:
    """The last batch, where it carried just that sum up to that day; 0."""
    last = db.rows(
        "select id, cutoff, total_fen, short_fen from mall_batch where mall_id = %s::bigint"
        " order by id desc limit 1", (mall_id,),
    )  # fmt: skip
    return int(last[0][0]) if last and last[0][1:] == (cutoff, 0, fen) else 0


def _write(mall: dict[str, Any], nets: list[rules.Net], cutoff: date, by: int, at: datetime) -> int:
    total = sum(n.amount_fen for n in nets if n.paid)
    batch = Batch.objects.create(
        mall_id=mall["id"], number=_next("mall_batch", "mall_id", mall["id"]), cutoff=cutoff,
        total_fen=total, short_fen=sum(n.amount_fen for n in nets if not n.paid),
        state="sent" if total else "settled", settled_at=None if total else at, by_id=by, at=at,
    )  # fmt: skip
    banks = _banks(mall["id"], [n.holder for n in nets])
    lines = BatchLine.objects.bulk_create(
        BatchLine(
            batch=batch, seq=seq, holder_id=n.holder, bank=banks[n.holder][1],
            bank_account=banks[n.holder][2], amount_fen=n.amount_fen,
            state="sent" if n.paid else "carried",
        )
        for seq, n in enumerate(nets, 1)
    )  # fmt: skip
    Payment.objects.bulk_create(
        Payment(line=line, receivable_id=claim, alive=n.paid)
        for line, n in zip(lines, nets, strict=True)
        for claim in n.claims
    )
    if total:
        body = exchange.payment_file(
            [
                exchange.Instruction(
                    name_of(mall["id"], batch.number), line.seq, banks[line.holder_id][0],
                    line.bank, line.bank_account, line.amount_fen,
                )
                for line in lines
                if line.state == "sent"
            ]
        )  # fmt: skip
        store.message(
            mall_id=mall["id"], kind="payment", body=body, batch_id=batch.pk, at=at,
            name=f"payment-{name_of(mall['id'], batch.number)}.csv",
        )  # fmt: skip
    store.tell("mall.batch", batch.pk)
    return int(batch.pk)


def name_of(mall_id: int, number: int) -> str:
    """A batch as files call it."""
    return f"{mall_id}-{number:06d}"


def _banks(mall_id: int, holders: list[int]) -> dict[int, tuple[str, str, str]]:
    """Name, bank and account of every holder: from the contract, or from the licence's record."""
    rows = db.rows(
        "select o.id, o.name, coalesce(m.bank, f.bank), coalesce(m.bank_account, f.bank_account)"
        " from people_organisation o"
        " left join mall_merchant m on m.organisation_id = o.id and m.mall_id = %s::bigint"
        " left join mall_financier f on f.organisation_id = o.id where o.id = any(%s::bigint[])",
        (mall_id, holders),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}
