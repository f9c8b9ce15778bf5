"""The bank sends a payment back days later: it is owed again, and paid to the right account."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

import mall_life as life
from gongzhi.core import db
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.ledger import actions as ledger
from gongzhi.ledger import queries as books
from gongzhi.mall import actions, exchange, queries
from gongzhi.mall.actions.contracts import Contract
from gongzhi.people.models import Organisation
from people import NOW, START, County

pytestmark = pytest.mark.django_db
OLD, NEW = "6228480000000000", "6228480000009999"
THEN = NOW + timedelta(days=2)
LATER = NOW + timedelta(days=6)


def _run(mall: life.Mall, at: object = THEN) -> int:
    return actions.run_batch(mall_id=mall.id, cutoff=THEN.date(), by=mall.operator.pk, at=THEN)


def _file() -> str:
    sql = "select body from mall_message where kind = 'payment' order by id desc limit 1"
    return str(db.rows(sql)[0][0])


def _take(mall: life.Mall, body: str) -> int:
    return actions.take_receipt(mall_id=mall.id, body=body, by=mall.operator.pk, at=LATER)


def _paid(
    county: County, *, pledge: int = 1_000_000, points: int = 1_000
) -> tuple[life.Mall, int, str, str]:
    """A mall whose shop was paid 10.00; its claim, the payment file and what comes back of it."""
    mall = life.opened(county, pledge=pledge, points=points)
    life.sell(mall, 100)
    claim = life.claim(mall)
    _run(mall)
    file = _file()
    _take(mall, exchange.FakeBank().send("x", file))
    return mall, claim, file, exchange.FakeBank(frozenset({OLD})).sent_back(file)


def _settled() -> None:
    """Deferred guards speak now."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def _account(kind: str, owner: str, number: int) -> int:
    found = ledger.account_of(unit="cny", kind=kind, owner_kind=owner, owner_id=number)
    assert found is not None
    return found


def _new_account(mall: life.Mall, shop: Organisation) -> None:
    contract = Contract(
        shop.pk, life.CODES[0], "grocer", START, START.replace(year=2027), "农业银行盱眙支行", NEW,
        document="HT-2026-2",
    )  # fmt: skip
    actions.renew(merchant_id=mall.shop, contract=contract, by=mall.operator.pk, at=LATER)


def test_what_came_back_is_owed_again_to_the_fen(county: County) -> None:
    mall, claim, _file_out, back = _paid(county)
    shop = Organisation.objects.get(name="双马粮油店").pk
    fund, owed = _account("fund", "mall", mall.id), _account("claim", "organisation", shop)
    assert (books.balance(fund), books.balance(owed)) == (999_000, 0)
    assert _take(mall, back) == 1
    assert (books.balance(fund), books.balance(owed)) == (1_000_000, 1_000)
    last = books.statement(owed).lines[0]
    assert (last.amount, last.balance) == (1_000, 1_000)
    assert last.reverses
    assert not sum(row["balance"] for row in books.trial_balance("cny"))
    state = queries.solvency_of(mall.id, LATER)
    assert (state.paid_fen, state.owed_fen, state.left_fen) == (0, 1_000, 1_000_000)
    row = queries.claim(county.viewer(mall.seller), claim, LATER)
    assert (row["state"], row["redeemed_at"], row["last"]["state"]) == ("open", None, "returned")
    assert not queries.audit(mall.id)
    assert not list(books.audit())
    _settled()


def test_the_same_return_twice_does_nothing_nor_does_the_old_receipt_again(county: County) -> None:
    mall, _claim, file, back = _paid(county)
    assert _take(mall, back) == 1
    for _ in range(2):
        assert _take(mall, back) == 0
        assert _take(mall, exchange.FakeBank().send("x", file)) == 0
    assert queries.mall_for(county.viewer(mall.operator), mall.id)["paid_fen"] == 0
    other = back.replace(back.split(",")[-2], "T999999999999999")
    with pytest.raises(Refused, match="以前的回执"):
        _take(mall, other)
    with pytest.raises(Refused, match="以前的回执"):
        _take(mall, exchange.FakeBank(frozenset({OLD})).send("x", file))  # 失败
    _settled()


def test_a_return_of_what_was_never_paid_is_refused_with_words(county: County) -> None:
    mall = life.opened(county)
    life.sell(mall)
    life.claim(mall)
    _run(mall)
    bank = exchange.FakeBank(frozenset({OLD}))
    back = bank.sent_back(_file())
    with pytest.raises(Refused, match="没有说过付成功") as refused:
        _take(mall, back)
    assert "成功的回执" in refused.value.todo
    _take(mall, bank.send("x", _file()))  # it failed at once
    with pytest.raises(Refused, match="没有说过付成功"):
        _take(mall, back)
    with pytest.raises(BadInput):
        _take(mall, back.replace("10.00", "9.00"))
    with pytest.raises(BadInput, match="银行流水号"):
        _take(mall, back.replace(back.split(",")[-2], ""))
    assert not queries.audit(mall.id)


def test_it_waits_until_the_account_is_another_one(county: County) -> None:
    mall, _claim, _out, back = _paid(county)
    _take(mall, back)
    with pytest.raises(Refused, match=r"银行退回的10\.00元还不能再付") as refused:
        _run(mall)
    assert "收款账号" in refused.value.todo
    assert [row["holder"] for row in queries.returned(mall.id)] == ["双马粮油店"]
    _new_account(mall, Organisation.objects.get(name="双马粮油店"))
    assert not queries.returned(mall.id)
    again = _run(mall)
    assert NEW in _file()
    assert OLD not in _file()
    _take(mall, exchange.FakeBank().send("x", _file()))
    assert [line["state"] for line in queries.batch(mall.id, again)["lines"]] == ["paid"]
    assert queries.mall_for(county.viewer(mall.operator), mall.id)["paid_fen"] == 1_000
    assert _take(mall, back) == 0  # an old return says nothing of the new payment
    assert not queries.audit(mall.id)
    _settled()


def test_or_until_the_operator_has_asked_about_it(county: County) -> None:
    mall, _claim, _out, back = _paid(county)
    _take(mall, back)
    line = queries.returned(mall.id)[0]["id"]
    with pytest.raises(NotAllowed):
        actions.pay_again(line_id=line, why="问过了", by=mall.seller.pk, at=LATER)
    with pytest.raises(BadInput):
        actions.pay_again(line_id=line, why=" ", by=mall.operator.pk, at=LATER)
    for _ in range(2):
        actions.pay_again(line_id=line, why="银行说户名已更正", by=mall.operator.pk, at=LATER)
    _run(mall)
    _take(mall, exchange.FakeBank().send("x", _file()))
    bank = exchange.FakeBank(frozenset({OLD}))
    assert _take(mall, bank.sent_back(_file())) == 1  # once more: this one was not looked into
    assert len(queries.returned(mall.id)) == 1
    assert not queries.audit(mall.id)
    _settled()


def test_what_waits_for_an_account_is_not_spent_on_those_who_come_later(county: County) -> None:
    mall, _claim, _out, back = _paid(county, pledge=1_900, points=190)
    other = Organisation.objects.create(name="米厂", kind="company", place=county.place("village"))
    life.admit(mall.id, other, mall.operator, code=life.CODES[1])
    _take(mall, back)
    life.unbacked(county, mall, 10)
    life.sell(mall, 100)
    made = life.claim(mall)
    actions.assign(receivable_id=made, taker_id=other.pk, reason="货款", by=mall.seller.pk, at=NOW)
    batch = queries.batch(mall.id, _run(mall))
    assert [(line["holder"], line["state"]) for line in batch["lines"]] == [("米厂", "carried")]


def test_a_bank_that_financed_the_claim_holds_it_again(county: County) -> None:
    mall = life.opened(county)
    life.sell(mall, 100)
    made = life.claim(mall, due_on=life.TODAY + timedelta(days=1))
    asked = actions.ask_financing(
        receivable_id=made, financier_id=mall.bank, by=mall.seller.pk, at=NOW
    )
    actions.offer_financing(financing_id=asked, price_fen=990, by=mall.banker.pk, at=NOW)
    actions.accept_financing(financing_id=asked, by=mall.seller.pk, at=NOW)
    actions.draw_down(
        financing_id=asked, registration="08123456000789", cash_reference="BANK-1",
        by=mall.banker.pk, at=NOW,
    )  # fmt: skip
    _run(mall)
    _take(mall, exchange.FakeBank().send("x", _file()))
    assert db.rows("select state from mall_financing") == [("repaid",)]
    _take(mall, exchange.FakeBank(frozenset({"6228000000000001"})).sent_back(_file()))
    assert db.rows("select state from mall_financing") == [("live",)]
    row = queries.returned(mall.id)[0]
    assert (row["holder"], row["merchant_id"]) == ("盱眙农商行", None)
    actions.license_financier(
        mall_id=mall.id, organisation_id=row["holder_id"], licence="B0123H332080001",
        valid_to=START.replace(year=2030), bank="盱眙农商行", bank_account="6228000000000002",
        by=county.holders["committee"].pk, at=LATER,
    )  # fmt: skip
    _run(mall)
    _take(mall, exchange.FakeBank().send("x", _file()))
    assert db.rows("select state from mall_financing") == [("repaid",)]
    assert not queries.audit(mall.id)
    _settled()


RETURNED = "update mall_batchline set state = 'returned', return_reference = 'T1',"
RETURNED += " returned_at = now()"
LIES = {
    "returned_whole": "update mall_batchline set return_reference = 'T1'",
    "checked_whole": "update mall_batchline set checked_why = 'x'",
    "batch_line_one_way": "update mall_batchline set state = 'sent', reference = null",
    "batch_line_is_its_claims": RETURNED,
    "returned_is_owed": "update mall_payment set alive = false;" + RETURNED
    + "; update mall_mall set paid_fen = 0",
    "fund_adds_up": "update mall_payment set alive = false;" + RETURNED
    + "; update mall_receivable set state = 'open', redeemed_at = null",
    "reopened_by_return": "update mall_receivable set state = 'open', redeemed_at = null",
    "receivable_one_way": "update mall_receivable set state = 'split', redeemed_at = null",
}  # fmt: skip


def _lie(statements: str) -> None:
    for statement in statements.split(";"):
        db.run(statement)
    _settled()


@pytest.mark.parametrize("name", LIES)
def test_the_tables_refuse_a_false_return(county: County, name: str) -> None:
    _paid(county)
    _settled()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        _lie(LIES[name])
    assert refused.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_a_return_is_not_undone_in_the_tables(county: County) -> None:
    mall, _claim, _out, back = _paid(county)
    _take(mall, back)
    for lie in ("state = 'paid', return_reference = null, returned_at = null",
                "return_reference = 'other'", "reference = 'other'"):  # fmt: skip
        with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
            db.run(f"update mall_batchline set {lie}")
