"""Clearing: statement, confirmation or dispute, netted batch, the bank's receipt."""

from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import BadInput, Refused, Stale
from gongzhi.mall import books, exchange, permissions, rules, store
from gongzhi.mall.actions import orders
from gongzhi.mall.actions.receivables import claim_of
from gongzhi.mall.models import Batch, BatchLine, Payment, Statement

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
        if row["kind"] == "refund":
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
        order = store.read("order", row["order_id"], lock=True)  # the order before its line
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
        made = claim_of(
            row, mall, due_on or store.day(at) + timedelta(days=row["pay_days"]), "合同账期", at
        )
        store.tell("mall.claimed", made)
    return made


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
where s.mall_id = %s::bigint and r.state = 'open' and r.due_on <= %s::date
  and not exists (select 1 from mall_payment p where p.receivable_id = r.id and p.alive)
order by r.id for update of r
"""


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
        claims = [rules.Claim(*row) for row in db.rows(_DUE, (mall_id, cutoff))]
        if not claims:
            raise Refused("到这一天没有要付的款。")
        nets = rules.net(claims, mall["pledged_fen"] - mall["paid_fen"])
        before = _carried(mall_id, cutoff, sum(n.amount_fen for n in nets))
        if before and not any(n.paid for n in nets):
            return before
        return _write(mall, nets, cutoff, by, at)


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


def take_receipt(*, mall_id: int, body: str, by: int | None, at: datetime) -> int:
    """The bank's answer: what was paid is redeemed, what came back is free for the next batch.

    The whole file or nothing; the same file again changes nothing. Returns how many lines changed.
    `by` is a clerk of the operator, or None for a file the bank itself left in its folder.
    """
    results = exchange.read_receipt(body)
    with store.guarded():
        mall = store.read("mall", mall_id, lock=True)
        if by is not None:
            permissions.operator(by, mall, at)
        lines = _matched(mall_id, results)
        paid = [(r, lines[r.batch, r.seq]) for r in results if _news(r, lines[r.batch, r.seq])]
        for result, line in paid:
            _settle(result, line["id"], at)
            if result.paid:
                books.paid(line["id"], mall_id, line["holder_id"], line["amount_fen"], by=by, at=at)
        total = sum(r.amount_fen for r, _ in paid if r.paid)
        if total:
            db.run(
                "update mall_mall set paid_fen = paid_fen + %s::bigint where id = %s::bigint",
                (total, mall_id),
            )
        db.run(
            "update mall_batch b set state = 'settled', settled_at = %s::timestamptz"
            " where b.mall_id = %s::bigint and b.state = 'sent' and not exists"
            " (select 1 from mall_batchline l where l.batch_id = b.id and l.state = 'sent')",
            (at, mall_id),
        )
        if paid:
            store.message(
                mall_id=mall_id, kind="receipt", body=body, batch_id=paid[0][1]["batch_id"], at=at,
                name=f"receipt-{results[0].batch}.csv",
            )  # fmt: skip
            store.tell("mall.receipt", paid[0][1]["batch_id"])
    return len(paid)


def _matched(mall_id: int, results: list[exchange.Result]) -> dict[tuple[str, int], dict[str, Any]]:
    """The lines a receipt is about; BadInput where one is not ours or not the amount asked."""
    rows = db.dicts(
        "select l.*, b.number from mall_batchline l join mall_batch b on b.id = l.batch_id"
        " where b.mall_id = %s::bigint and b.number = any(%s::int[]) and l.state <> 'carried'"
        " order by l.id for update of l",
        (mall_id, sorted({_number(r.batch) for r in results})),
    )
    known = {(name_of(mall_id, row["number"]), row["seq"]): row for row in rows}
    seen: set[tuple[str, int]] = set()
    for result in results:
        line = known.get((result.batch, result.seq))
        if line is None or (result.batch, result.seq) in seen:
            raise BadInput("file", f"批次{result.batch}没有第{result.seq}行，或者写了两次。")
        seen.add((result.batch, result.seq))
        if (line["bank_account"], line["amount_fen"]) != (result.account, result.amount_fen):
            raise BadInput(
                "file", f"第{result.seq}行的账号或金额与付款文件不一致。",
                todo="请用银行给的原文件，用表格软件另存过的会走样。",
            )  # fmt: skip
    return known


def _number(batch: str) -> int:
    number = batch.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


def _news(result: exchange.Result, line: dict[str, Any]) -> bool:
    """Whether a line of a receipt says something new; Refused where it says the contrary."""
    if line["state"] == "sent":
        return True
    same = line["state"] == ("paid" if result.paid else "failed")
    if not same or (result.paid and line["reference"] != result.reference):
        raise Refused(
            f"第{result.seq}行以前的回执不是这样写的，请向银行核对。", code="receipt_differs"
        )
    return False


def _settle(result: exchange.Result, line_id: int, at: datetime) -> None:
    db.run(
        "update mall_batchline set state = %s, reference = %s, why = %s where id = %s::bigint",
        ("paid" if result.paid else "failed", result.reference if result.paid else None,
         result.why[:120], line_id),
    )  # fmt: skip
    if not result.paid:
        db.run("update mall_payment set alive = false where line_id = %s::bigint", (line_id,))
        return
    claims = "(select receivable_id from mall_payment where line_id = %s::bigint)"
    db.run(
        "update mall_receivable set state = 'redeemed', redeemed_at = %s::timestamptz"
        f" where id in {claims}", (at, line_id),
    )  # fmt: skip
    db.run(
        "update mall_financing set state = case state when 'live' then 'repaid' else 'declined' end"
        f" where state in ('asked', 'offered', 'accepted', 'live') and receivable_id in {claims}",
        (line_id,),
    )  # what was still being talked over is over: the holder has his money
