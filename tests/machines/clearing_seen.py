"""What the database shows of a mall, in the words of the plain model."""

from typing import Any

from gongzhi.core import db
from gongzhi.ledger import queries as books
from machines import clearing_parts as model
from machines.clearing_world import World


def seen(w: World) -> dict[str, Any]:
    """What the database shows, in the words of `Model.view`."""
    names = {number: name for name, number in w.organisations.items()}
    orders = {number: name for name, number in w.orders.items()}
    statements = {number: name for name, number in w.statements.items()}
    claims = {number: name for name, number in w.claims.items()}

    def all_of(sql: str) -> list[Any]:
        return db.rows(sql, (w.mall,))

    batches: dict[int, list[Any]] = {}
    for batch, holder, amount, state in all_of(
        "select b.id, l.holder_id, l.amount_fen, l.state from mall_batchline l join mall_batch b"
        " on b.id = l.batch_id where b.mall_id = %s::bigint order by b.id, l.seq"
    ):
        batches.setdefault(batch, []).append((names[holder], amount, state))
    lines = all_of(
        "select l.order_id, l.kind, l.points, l.fen, l.state, l.statement_id from mall_line l"
        " join mall_merchant s on s.id = l.merchant_id where s.mall_id = %s::bigint"
    )
    return {
        "fund": tuple(all_of(
            "select pledged_fen, paid_fen, repaid_fen from mall_mall where id = %s::bigint"
        )[0]),
        "debts": {
            orders[number]: tuple(rest) for number, *rest in all_of(
                "select d.order_id, d.points, d.fen, d.state from mall_debt d join mall_merchant s"
                " on s.id = d.merchant_id where s.mall_id = %s::bigint"
            )
        },
        "free": {b: books.available(w.accounts[b]) for b in model.BUYERS},
        "stock": {
            s: db.rows("select stock from mall_offer where id = %s::bigint", (w.offers[s],))[0][0]
            for s in model.SHOPS
        },
        "held": {s: books.balance(w.accounts[s]) for s in model.SHOPS},
        "orders": {
            orders[number]: state for number, state in
            all_of("select id, state from mall_order where mall_id = %s::bigint")
        },
        "lines": {
            orders[order] + {"sale": "+", "refund": "-", "repaid": "="}[kind]:
                (points, fen, state, statements.get(statement))
            for order, kind, points, fen, state, statement in lines
        },
        "statements": {
            statements[number]: tuple(rest) for number, *rest in all_of(
                "select t.id, t.state, t.points, t.gross_fen, t.net_fen from mall_statement t"
                " join mall_merchant s on s.id = t.merchant_id where s.mall_id = %s::bigint"
            )
        },
        "claims": {
            claims[number]: (state, names[holder], face, due, financing or "")
            for number, state, holder, face, due, financing in all_of(
                "select r.id, r.state, r.holder_id, r.face_fen, r.due_on, (select g.state"
                "  from mall_financing g where g.receivable_id = r.id order by g.id desc limit 1)"
                " from mall_receivable r join mall_statement t on t.id = r.statement_id"
                " join mall_merchant s on s.id = t.merchant_id where s.mall_id = %s::bigint"
            )
        },
        "batches": [batches[number] for number in sorted(batches)],
    }  # fmt: skip
