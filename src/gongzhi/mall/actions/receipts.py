"""What the bank says: paid, not paid, or paid and sent back days later. Only it redeems a claim."""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import BadInput, Refused
from gongzhi.mall import books, exchange, permissions, store
from gongzhi.mall.actions.clearing import name_of


def take_receipt(*, mall_id: int, body: str, by: int | None, at: datetime) -> int:
    """The bank's answer: what was paid is redeemed, what was not is free for the next batch.

    What was paid and has come back is owed again. The whole file or nothing; the same file again
    changes nothing. Returns how many lines changed. `by` is a clerk of the operator, or None for a
    file the bank itself left in its folder.
    """
    results = exchange.read_receipt(body)
    with store.guarded():
        mall = store.read("mall", mall_id, lock=True)
        if by is not None:
            permissions.operator(by, mall, at)
        lines = _matched(mall_id, results)
        news = [(r, lines[r.batch, r.seq]) for r in results if _news(r, lines[r.batch, r.seq])]
        for result, line in news:
            _settle(result, line, by, at)
        _count(mall_id, sum(r.amount_fen * (r.paid - r.returned) for r, _ in news), at)
        if news:
            store.message(
                mall_id=mall_id, kind="receipt", body=body, batch_id=news[0][1]["batch_id"], at=at,
                name=f"{'return' if news[0][0].returned else 'receipt'}-{results[0].batch}.csv",
            )  # fmt: skip
        for batch in dict.fromkeys(line["batch_id"] for r, line in news if not r.returned):
            store.tell("mall.receipt", batch)
        for result, line in news:
            if result.returned:
                store.tell("mall.returned", line["id"])
    return len(news)


def _count(mall_id: int, paid_fen: int, at: datetime) -> None:
    """The fund after a receipt; a batch with every answer is settled."""
    if paid_fen:
        db.run(
            "update mall_mall set paid_fen = paid_fen + %s::bigint where id = %s::bigint",
            (paid_fen, mall_id),
        )
    db.run(
        "update mall_batch b set state = 'settled', settled_at = %s::timestamptz"
        " where b.mall_id = %s::bigint and b.state = 'sent' and not exists"
        " (select 1 from mall_batchline l where l.batch_id = b.id and l.state = 'sent')",
        (at, mall_id),
    )


def _matched(mall_id: int, results: list[exchange.Result]) -> dict[tuple[str, int], dict[str, Any]]:
    """The lines a receipt is about; BadInput where one is not ours or not the amount asked."""
    rows = db.dicts(
        "select l.*, b.number, b.mall_id from mall_batchline l"
        " join mall_batch b on b.id = l.batch_id"
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
    state, same = line["state"], line["reference"] == result.reference
    if result.returned:
        if state == "paid":
            return True
        if state != "returned":
            raise Refused(
                f"第{result.seq}行银行没有说过付成功，没有可退回的。",
                todo="请先交付款成功的回执，或者向银行核对。", code="returned_unpaid",
            )  # fmt: skip
        known = line["return_reference"] == result.reference
    elif state == "sent":
        return True
    elif result.paid:
        known = state in {"paid", "returned"} and same  # an old receipt again, after a return
    else:
        known = state == "failed"
    if not known:
        raise Refused(
            f"第{result.seq}行以前的回执不是这样写的，请向银行核对。", code="receipt_differs"
        )
    return False


def _settle(result: exchange.Result, line: dict[str, Any], by: int | None, at: datetime) -> None:
    """One line of news, in the tables and in the books."""
    if result.returned:
        _sent_back(result, line["id"], by, at)
        return
    db.run(
        "update mall_batchline set state = %s, reference = %s, why = %s where id = %s::bigint",
        ("paid" if result.paid else "failed", result.reference if result.paid else None,
         result.why[:120], line["id"]),
    )  # fmt: skip
    if not result.paid:
        db.run("update mall_payment set alive = false where line_id = %s::bigint", (line["id"],))
        return
    db.run(
        "update mall_receivable set state = 'redeemed', redeemed_at = %s::timestamptz"
        f" where id in {_CLAIMS}", (at, line["id"]),
    )  # fmt: skip
    db.run(
        "update mall_financing set state = case state when 'live' then 'repaid' else 'declined' end"
        " where state in ('asked', 'offered', 'accepted', 'live')"
        f" and receivable_id in {_CLAIMS}",
        (line["id"],),
    )  # what was still being talked over is over: the holder has his money
    books.paid(line["id"], line["mall_id"], line["holder_id"], line["amount_fen"], by=by, at=at)


_CLAIMS = "(select receivable_id from mall_payment where line_id = %s::bigint)"


def _sent_back(result: exchange.Result, line_id: int, by: int | None, at: datetime) -> None:
    """The mirror of a payment: the claims are open again, and a bank's financing is live again."""
    db.run(
        "update mall_batchline set state = 'returned', return_reference = %s, why = %s,"
        " returned_at = %s::timestamptz where id = %s::bigint",
        (result.reference, result.why[:120], at, line_id),
    )
    db.run("update mall_payment set alive = false where line_id = %s::bigint", (line_id,))
    db.run(
        "update mall_receivable set state = 'open', redeemed_at = null"
        f" where id in {_CLAIMS}", (line_id,),
    )  # fmt: skip
    db.run(
        "update mall_financing set state = 'live' where state = 'repaid'"
        f" and receivable_id in {_CLAIMS}", (line_id,),
    )  # fmt: skip
    books.returned(line_id, by=by, at=at)


def pay_again(*, line_id: int, why: str, by: int, at: datetime) -> None:
    """The account is right after all, says the operator, who has asked: pay to it next time.

    Where the account was wrong it is put right in the contract (`renew`), or in the record of the
    licence, and nobody has to say anything. Again is no fault.
    """
    said = store.text_of(why, "why", "请写明怎么核对的账号。", most=200)
    with store.guarded():
        mall = store.read("mall", store.read("batchline", line_id)["mall_id"], lock=True)
        permissions.operator(by, mall, at)
        line = store.read("batchline", line_id, lock=True)
        store.at_state(line, "returned")
        if line["checked_at"] is None:
            db.run(
                "update mall_batchline set checked_by_id = %s::bigint, checked_why = %s,"
                " checked_at = %s::timestamptz where id = %s::bigint",
                (by, said, at, line_id),
            )
