"""Goods given back after their points were settled: the resident has his points at once.

What the shop's new sales do not cover it owes, until they do or until it pays yuan to the fund.
"""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

import mall_life as life
from gongzhi.core import db
from gongzhi.core.errors import BadInput, NotAllowed, Refused, Stale
from gongzhi.ledger import actions as ledger
from gongzhi.ledger import queries as books
from gongzhi.mall import actions, exchange, queries
from people import NOW, County

pytestmark = pytest.mark.django_db
THEN = NOW + timedelta(days=2)


def _settled() -> None:
    """Deferred guards speak now."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def _given_back(county: County, *, fee: int = 0, new: int = 0) -> tuple[life.Mall, int]:
    """Sixty points settled, `new` sold since, and the sixty given back; the mall and the order."""
    mall = life.opened(county, fee=fee)
    order = life.sell(mall, 60)
    life.claim(mall)
    if new:
        life.sell(mall, new)
    actions.refund(order_id=order, why="米里有沙", by=mall.seller.pk, at=NOW)
    return mall, order


def _debt() -> tuple[int, int, int, str]:
    """Its id, points, fen and state."""
    found = db.rows("select id, points, fen, state from mall_debt")
    return (int(found[0][0]), int(found[0][1]), int(found[0][2]), str(found[0][3]))


def test_the_resident_has_the_points_at_once_and_the_shop_owes_them(county: County) -> None:
    mall, order = _given_back(county)
    assert books.available(mall.account) == 1000
    assert queries.my_order(mall.buyer.pk, order, NOW)["state"] == "refunded"
    assert _debt()[1:] == (60, 600, "owed")
    owed = queries.debts(mall.id)[0]
    assert (owed["merchant"], owed["due_on"]) == ("双马粮油店", life.TODAY + timedelta(days=15))
    assert not set(owed) & {"person_id", "name", "account"}
    actions.refund(order_id=order, why="米里有沙", by=mall.seller.pk, at=NOW)  # pressed twice
    assert books.available(mall.account) == 1000
    assert not sum(row["balance"] for row in books.trial_balance("points"))
    assert not queries.audit(mall.id)
    assert not list(books.audit())
    _settled()


def test_what_was_sold_since_pays_first(county: County) -> None:
    mall, _order = _given_back(county, new=45)
    assert _debt()[1:] == (15, 150, "owed")
    assert books.available(mall.account) == 1000 - 45
    assert not queries.audit(mall.id)
    _settled()


def test_new_sales_make_up_for_it_in_the_next_statement(county: County) -> None:
    mall, _order = _given_back(county)
    with pytest.raises(Refused, match="没有要结算"):
        actions.draw_statement(merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW)
    life.sell(mall, 100)
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    assert queries.statement(drawn)["net_fen"] == 400
    assert not queries.audit(mall.id)
    made = actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=NOW)
    actions.confirm_claim(receivable_id=made, by=mall.funder.pk, at=NOW)
    assert _debt()[3] == "netted"
    assert not queries.debts(mall.id)
    shop = db.rows("select account from mall_merchant")[0][0]
    assert books.balance(shop) == 0
    actions.run_batch(mall_id=mall.id, cutoff=THEN.date(), by=mall.operator.pk, at=THEN)
    body = exchange.FakeBank().send("x", db.rows("select body from mall_message")[0][0])
    actions.take_receipt(mall_id=mall.id, body=body, by=mall.operator.pk, at=THEN)
    assert queries.solvency_of(mall.id, THEN).paid_fen == 600 + 400
    assert not queries.audit(mall.id)
    assert not list(books.audit())
    _settled()


def test_or_the_shop_pays_yuan_to_the_fund_less_the_fee_it_never_had(county: County) -> None:
    mall, _order = _given_back(county, fee=250)
    number, _points, fen, _state = _debt()
    assert fen == 600 - 15
    pay = {"debt_id": number, "at": THEN}
    with pytest.raises(NotAllowed):
        actions.repay(reference="BANK20261125", by=mall.seller.pk, **pay)
    with pytest.raises(BadInput, match="银行流水号"):
        actions.repay(reference="", by=mall.operator.pk, **pay)
    for _ in range(2):
        actions.repay(reference="BANK20261125", by=mall.operator.pk, **pay)
    with pytest.raises(Stale):
        actions.repay(reference="BANK20261126", by=mall.operator.pk, **pay)
    assert _debt()[3] == "repaid"
    state = queries.solvency_of(mall.id, THEN)
    assert (state.repaid_fen, state.left_fen) == (585, 1_000_000 + 585)
    fund = ledger.account_of(unit="cny", kind="fund", owner_kind="mall", owner_id=mall.id)
    assert fund is not None
    assert books.balance(fund) == 1_000_585
    assert not queries.audit(mall.id)
    life.sell(mall, 100)  # and nothing comes off what is sold after
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    lines = [(line["kind"], line["points"]) for line in queries.statement(drawn)["lines"]]
    assert lines == [("refund", -60), ("repaid", 60), ("sale", 100)]
    assert queries.statement(drawn)["gross_fen"] == 1_000
    repaid = queries.statement(drawn)["lines"][1]["id"]
    with pytest.raises(Refused, match="不能再提异议"):
        actions.dispute_line(line_id=repaid, reason="不对", by=mall.seller.pk, at=NOW)
    actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=NOW)
    assert not queries.audit(mall.id)
    assert not list(books.audit())
    _settled()


def test_yuan_paid_while_the_refund_stands_on_a_waiting_statement(county: County) -> None:
    mall, _order = _given_back(county)
    life.sell(mall, 100)
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    assert queries.statement(drawn)["net_fen"] == 400
    actions.repay(debt_id=_debt()[0], reference="BANK20261125", by=mall.operator.pk, at=NOW)
    assert queries.statement(drawn)["net_fen"] == 1_000
    actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=NOW)
    assert _debt()[3] == "repaid"
    assert not queries.audit(mall.id)
    _settled()


def test_no_new_points_are_made_on_what_a_shop_owes(county: County) -> None:
    mall, _order = _given_back(county)
    state = queries.solvency_of(mall.id, NOW)
    assert (state.points, state.owed_fen, state.needed_fen) == (1000, 600, 10_600)
    assert (
        queries.open_totals(queries.mall_for(county.viewer(mall.operator), mall.id), NOW)[
            "debts_fen"
        ]
        == 600
    )


FORGOTTEN = "update mall_statement set state = 'confirmed', confirmed_at = now(),"
FORGOTTEN += " confirmed_by_id = by_id where state = 'sent'"
LIES = {
    "debt_fixed": "update mall_debt set points = 1",
    "debt_state_whole": "update mall_debt set state = 'netted'",
    "debt_of_something": "insert into mall_debt (order_id, merchant_id, points, fen, advance, at,"
    " due_on, state) select order_id, merchant_id, 0, 0, 1, at, due_on, 'owed' from mall_debt",
    "debt_in_the_books": "update mall_debt set state = 'repaid', reference = 'X', ended_at = now(),"
    " by_id = (select by_id from mall_mall); update mall_mall set repaid_fen = 600",
    "fund_adds_up": "update mall_mall set repaid_fen = 600",
    "line_of_order": "insert into mall_line (merchant_id, order_id, kind, points, rate_id,"
    " rate_fen, fen, state, dispute, answer, at) select merchant_id, order_id, 'repaid', -points,"
    " rate_id, rate_fen, -fen, 'open', '', '', at from mall_line where kind = 'refund'",
    "line_signed": "insert into mall_line (merchant_id, order_id, kind, points, rate_id,"
    " rate_fen, fen, state, dispute, answer, at) select merchant_id, order_id, 'repaid', points,"
    " rate_id, rate_fen, fen, 'open', '', '', at from mall_line where kind = 'refund'",
}  # fmt: skip


def _lie(statements: str) -> None:
    for statement in statements.split(";"):
        db.run(statement)
    _settled()


@pytest.mark.parametrize("name", LIES)
def test_the_tables_refuse_a_false_debt(county: County, name: str) -> None:
    _given_back(county)
    _settled()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        _lie(LIES[name])
    wrong = "line_of_order" if name == "line_signed" else name
    assert refused.value.__cause__.diag.constraint_name == wrong  # type: ignore[union-attr]


@pytest.mark.parametrize("lie", [
    "update mall_debt set due_on = due_on + 1", "update mall_debt set fen = 1",
    "delete from mall_debt",
])  # fmt: skip
def test_a_debt_is_neither_put_off_nor_taken_away(county: County, lie: str) -> None:
    _given_back(county)
    with pytest.raises(IntegrityError, match="ends once"), transaction.atomic():
        db.run(lie)


def test_a_debt_is_not_forgotten_when_its_statement_is_agreed_to(county: County) -> None:
    mall, _order = _given_back(county)
    life.sell(mall, 100)
    actions.draw_statement(merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW)
    _settled()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        _lie(FORGOTTEN)
    assert refused.value.__cause__.diag.constraint_name == (  # type: ignore[union-attr]
        "debt_in_the_books"
    )
