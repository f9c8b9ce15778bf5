"""From sales to yuan: statement, claim, batch, receipt; split, financed, paid to the bank."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

import mall_life as life
from gongzhi.core import db
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.ledger.points.models import Activity
from gongzhi.mall import actions, exchange, queries, solvent
from gongzhi.people.models import Organisation
from people import NOW, County

pytestmark = pytest.mark.django_db
DUE = life.TODAY + timedelta(days=1)
THEN = NOW + timedelta(days=2)


def _receipt(mall: life.Mall, *, refuses: frozenset[str] = frozenset()) -> str:
    found = db.rows("select body from mall_message where kind = 'payment' order by id desc limit 1")
    return exchange.FakeBank(refuses).send("x", found[0][0])


def _batch(mall: life.Mall, at: object = THEN) -> int:
    return actions.run_batch(mall_id=mall.id, cutoff=THEN.date(), by=mall.operator.pk, at=THEN)


def _settled() -> None:
    """Deferred guards speak now."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def test_a_sale_is_paid_to_the_fen_and_running_twice_pays_nothing(county: County) -> None:
    mall = life.opened(county, fee=250)
    life.sell(mall, 100)
    made = life.claim(mall)
    batch = _batch(mall)
    assert _batch(mall) == batch
    body = _receipt(mall)
    assert "9.75" in body  # 100 points × 10 fen, less 2.5 %
    assert actions.take_receipt(mall_id=mall.id, body=body, by=mall.operator.pk, at=THEN) == 1
    assert actions.take_receipt(mall_id=mall.id, body=body, by=mall.operator.pk, at=THEN) == 0
    with pytest.raises(Refused, match="没有要付的款"):
        _batch(mall)
    row = queries.claim(county.viewer(mall.seller), made, THEN)
    assert row["state"] == "redeemed"
    assert queries.mall_for(county.viewer(mall.operator), mall.id)["paid_fen"] == 975
    assert not queries.audit(mall.id)
    _settled()


def test_a_disputed_line_leaves_the_statement(county: County) -> None:
    mall = life.opened(county)
    life.sell(mall, 100)
    life.sell(mall, 30)
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    line = queries.statement(drawn)["lines"][1]["id"]
    actions.dispute_line(line_id=line, reason="没有这一单", by=mall.seller.pk, at=NOW)
    assert queries.statement(drawn)["net_fen"] == 1000
    actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=NOW)
    actions.answer_dispute(
        line_id=line, stands=False, answer="重复扫码", by=mall.operator.pk, at=NOW
    )
    assert not queries.audit(mall.id)
    _settled()


def test_what_the_bank_sends_back_is_paid_in_the_next_batch(county: County) -> None:
    mall = life.opened(county)
    life.sell(mall)
    life.claim(mall)
    _batch(mall)
    bad = _receipt(mall, refuses=frozenset({"6228480000000000"}))
    actions.take_receipt(mall_id=mall.id, body=bad, by=mall.operator.pk, at=THEN)
    again = _batch(mall)
    actions.take_receipt(mall_id=mall.id, body=_receipt(mall), by=mall.operator.pk, at=THEN)
    assert [b["state"] for b in queries.batches(mall.id)["rows"]] == ["settled", "settled"]
    assert again != 0
    _settled()


def test_the_bank_answers_in_two_parts_and_one_of_them_failed(county: County) -> None:
    mall = life.opened(county)
    other = Organisation.objects.create(name="米厂", kind="company", place=county.place("village"))
    life.admit(mall.id, other, mall.operator, code=life.CODES[1])
    life.sell(mall, 100)
    keep, give = actions.split(
        receivable_id=life.claim(mall), parts_fen=[600, 400], by=mall.seller.pk, at=NOW
    )
    actions.assign(receivable_id=give, taker_id=other.pk, reason="货款", by=mall.seller.pk, at=NOW)
    batch = _batch(mall)
    head, first, second = _receipt(mall).strip().split("\r\n")
    reference = second.split(",")[5]
    failed = second.replace("成功", "失败").replace(reference, "").rstrip(",") + ",,账号不存在"
    take = {"mall_id": mall.id, "by": mall.operator.pk, "at": THEN}
    assert actions.take_receipt(body=f"{head}\r\n{first}\r\n", **take) == 1
    assert queries.batch(mall.id, batch)["state"] == "sent"
    assert _batch(mall) == batch  # nothing new is asked while an answer is out
    whole = f"{head}\r\n{first}\r\n{failed}\r\n"
    assert actions.take_receipt(body=whole, **take) == 1  # what it repeats changes nothing
    assert [line["state"] for line in queries.batch(mall.id, batch)["lines"]] == ["paid", "failed"]
    again = _batch(mall)
    lines = queries.batch(mall.id, again)["lines"]
    assert [(line["holder"], line["amount_fen"]) for line in lines] == [("米厂", 400)]
    assert queries.mall_for(county.viewer(mall.operator), mall.id)["paid_fen"] == 600
    assert not queries.audit(mall.id)
    assert keep
    _settled()


def test_a_receipt_that_does_not_agree_is_refused_whole(county: County) -> None:
    mall = life.opened(county)
    life.sell(mall)
    life.claim(mall)
    _batch(mall)
    body = _receipt(mall)
    for wrong in (body.replace("10.00", "10.01"), body.replace("6228480", "6228481"), "x", ""):
        with pytest.raises(BadInput):
            actions.take_receipt(mall_id=mall.id, body=wrong, by=mall.operator.pk, at=THEN)
    actions.take_receipt(mall_id=mall.id, body=body, by=mall.operator.pk, at=THEN)
    other = body.replace(body.split(",")[-2], "F000000000000000")
    with pytest.raises(Refused, match="以前的回执"):
        actions.take_receipt(mall_id=mall.id, body=other, by=mall.operator.pk, at=THEN)


def test_sale_statement_split_discount_settle_pays_the_bank_first(county: County) -> None:
    mall = life.opened(county)
    life.sell(mall, 100)
    due = life.TODAY + timedelta(days=30)
    root = life.claim(mall, due_on=due)
    with pytest.raises(BadInput, match="正好"):
        actions.split(receivable_id=root, parts_fen=[600, 401], by=mall.seller.pk, at=NOW)
    big, _small = actions.split(receivable_id=root, parts_fen=[600, 400], by=mall.seller.pk, at=NOW)
    asked = actions.ask_financing(
        receivable_id=big, financier_id=mall.bank, by=mall.seller.pk, at=NOW
    )
    again = actions.ask_financing(
        receivable_id=big, financier_id=mall.bank, by=mall.seller.pk, at=NOW
    )
    assert again == asked  # pressed twice
    with pytest.raises(Refused, match="融资"):
        actions.split(receivable_id=big, parts_fen=[300, 300], by=mall.seller.pk, at=NOW)
    with pytest.raises(BadInput, match="票面"):
        actions.offer_financing(financing_id=asked, price_fen=601, by=mall.banker.pk, at=NOW)
    actions.offer_financing(financing_id=asked, price_fen=590, by=mall.banker.pk, at=NOW)
    actions.accept_financing(financing_id=asked, by=mall.seller.pk, at=NOW)
    for _ in range(2):
        actions.draw_down(
            financing_id=asked, registration="08123456000789", cash_reference="BANK-1",
            by=mall.banker.pk, at=NOW,
        )  # fmt: skip
    with pytest.raises(NotFound):
        actions.split(receivable_id=big, parts_fen=[300, 300], by=mall.seller.pk, at=NOW)
    later = NOW + timedelta(days=31)
    actions.run_batch(mall_id=mall.id, cutoff=later.date(), by=mall.operator.pk, at=later)
    lines = db.rows("select seq, amount_fen from mall_batchline order by seq")
    assert lines == [(1, 600), (2, 400)]
    actions.take_receipt(mall_id=mall.id, body=_receipt(mall), by=mall.operator.pk, at=later)
    assert db.rows("select state from mall_financing") == [("repaid",)]
    assert not queries.audit(mall.id)
    _settled()


def test_a_claim_is_withdrawn_before_it_is_confirmed_only(county: County) -> None:
    mall = life.opened(county)
    life.sell(mall)
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    first = actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=NOW)
    actions.withdraw_claim(receivable_id=first, by=mall.seller.pk, at=NOW)
    far = life.TODAY + timedelta(days=300)
    with pytest.raises(BadInput, match="原因"):
        actions.make_claim(statement_id=drawn, due_on=far, why="", by=mall.seller.pk, at=NOW)
    with pytest.raises(BadInput, match="最长12个月"):
        actions.make_claim(
            statement_id=drawn, due_on=far + timedelta(days=100), why="合同约定",
            by=mall.seller.pk, at=NOW,
        )  # fmt: skip
    made = actions.make_claim(
        statement_id=drawn, due_on=far, why="合同约定", by=mall.seller.pk, at=NOW
    )
    with pytest.raises(NotAllowed):
        actions.confirm_claim(receivable_id=made, by=mall.operator.pk, at=NOW)
    actions.confirm_claim(receivable_id=made, by=mall.funder.pk, at=NOW)
    with pytest.raises(Refused, match="不能再撤销"):
        actions.withdraw_claim(receivable_id=made, by=mall.seller.pk, at=NOW)


def test_points_the_fund_cannot_pay_are_not_made(county: County) -> None:
    mall = life.opened(county, pledge=20_000)
    village = county.place("village").pk
    solvent.check(village, 1000, NOW)
    with pytest.raises(Refused, match=r"还差0\.10元"):
        solvent.check(village, 1001, NOW)
    assert not Activity.objects.exists()
    with pytest.raises(Refused, match="不够兑付"):
        actions.publish_rate(
            mall_id=mall.id, fen=21, from_on=DUE, basis="村民代表会议",
            by=county.holders["committee"].pk, at=NOW,
        )  # fmt: skip


LIES = {
    "mall_fund_not_overdrawn": "update mall_mall set paid_fen = pledged_fen + 1",
    "fund_adds_up": "update mall_mall set pledged_fen = pledged_fen + 1",
    "statement_fixed": "update mall_statement set points = points + 1",
    "receivable_fixed": "update mall_receivable set face_fen = face_fen + 1",
    "receivable_one_way": "update mall_receivable set state = 'cancelled', confirmed_at = null,"
    " confirmed_by_id = null",
    "redeemed_by_receipt": "update mall_receivable set state = 'redeemed', redeemed_at = now()",
    "children_are_the_parent": "update mall_receivable set state = 'split'",
    "holder_by_assignment": "update mall_receivable set holder_id ="
    " (select operator_id from mall_mall)",
    "without_recourse": "insert into mall_financing (receivable_id, financier_id, seller_id,"
    " face_fen, state, recourse, by_id, at) select r.id, f.id, r.holder_id, r.face_fen, 'asked',"
    " true, f.by_id, now() from mall_receivable r, mall_financier f",
    "financed_while_open": "insert into mall_financing (receivable_id, financier_id, seller_id,"
    " face_fen, state, recourse, by_id, at) select r.id, f.id, r.holder_id, 1, 'asked',"
    " false, f.by_id, now() from mall_receivable r, mall_financier f",
    "discount_by_licensed": "insert into mall_assignment (receivable_id, kind, giver_id, taker_id,"
    " reason, by_id, at) select r.id, 'discount', r.holder_id, m.operator_id, 'x', m.by_id, now()"
    " from mall_receivable r, mall_mall m",
    "assigned_by_holder": "insert into mall_assignment (receivable_id, kind, giver_id, taker_id,"
    " reason, by_id, at) select r.id, 'assign', m.operator_id, r.holder_id, 'x', m.by_id, now()"
    " from mall_receivable r, mall_mall m",
    "taker_apart": "insert into mall_assignment (receivable_id, kind, giver_id, taker_id,"
    " reason, by_id, at) select r.id, 'assign', r.holder_id, m.funder_id, 'x', m.by_id, now()"
    " from mall_receivable r, mall_mall m",
    "payment_of_what_is_due": "insert into mall_batch (mall_id, number, cutoff, total_fen,"
    " short_fen, state, by_id, at) select id, 1, '2026-11-23', 1000, 0, 'sent', by_id, now()"
    " from mall_mall; insert into mall_batchline (batch_id, seq, holder_id, bank, bank_account,"
    " amount_fen, state, why, checked_why) select b.id, 1, r.holder_id, 'x', '123456', 1000,"
    " 'sent', '', ''"
    " from mall_batch b, mall_receivable r; insert into mall_payment (line_id, receivable_id,"
    " alive) select l.id, r.id, true from mall_batchline l, mall_receivable r",
}  # fmt: skip


def _lie(name: str) -> None:
    for statement in LIES[name].split(";"):
        db.run(statement)
    _settled()


@pytest.mark.parametrize("name", LIES)
def test_the_tables_refuse_false_money(county: County, name: str) -> None:
    mall = life.opened(county)
    life.sell(mall)
    life.claim(mall)
    _settled()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        _lie(name)
    assert refused.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
