"""Whoever has the next step is told, once; the debtor of every assignment; no resident named."""

from datetime import timedelta

import pytest

import mall_life as life
from gongzhi.core import db
from gongzhi.core.models import Outbox
from gongzhi.mall import actions, exchange
from gongzhi.people import notes
from gongzhi.people.models import Organisation, Person
from gongzhi.reactions import run
from people import NOW, County

pytestmark = pytest.mark.django_db
DUE = life.TODAY + timedelta(days=60)


def told(person: Person) -> list[str]:
    """The notes of somebody, the oldest first, with the outbox handed out twice."""
    for _ in range(2):
        run(at=NOW)
        Outbox.objects.update(done_at=None, tries=0)
    return [str(note["words"]) for note in reversed(notes.of(person.pk))]


def test_from_the_statement_to_the_bank(county: County) -> None:
    mall = life.opened(county)
    life.sell(mall, 100)
    made = life.claim(mall, due_on=DUE)
    asked = actions.ask_financing(
        receivable_id=made, financier_id=mall.bank, by=mall.seller.pk, at=NOW
    )
    actions.offer_financing(financing_id=asked, price_fen=990, by=mall.banker.pk, at=NOW)
    assert told(mall.seller)[-1].endswith("有了报价：9.90元，等您决定。")
    actions.accept_financing(financing_id=asked, by=mall.seller.pk, at=NOW)
    actions.draw_down(
        financing_id=asked, registration="08123456000789", cash_reference="BANK-1",
        by=mall.banker.pk, at=NOW,
    )  # fmt: skip
    number = db.rows("select number from mall_receivable")[0][0]
    assert told(mall.banker) == [
        f"有一笔应收账款申请融资：{number}，10.00元，等您报价。",
        f"卖方接受了您对{number}的报价，等您登记、放款。",
    ]
    assert told(mall.funder) == [
        f"双马粮油店有一笔应收账款等您确认：{number}，10.00元。",
        f"债权转让通知：应收账款{number}（10.00元）已转给盱眙农商行，到期请付给新的持有人。",
    ]
    assert told(mall.seller)[0] == f"出资方已确认应收账款{number}：10.00元，{DUE}到期付款。"


def test_a_dispute_a_transfer_and_what_the_bank_did(county: County) -> None:
    mall = life.opened(county)
    other = Organisation.objects.create(name="米厂", kind="company", place=county.place("village"))
    miller = life.somebody(county, "merchant", other, "village")
    life.admit(mall.id, other, mall.operator, code=life.CODES[1])
    life.sell(mall, 60)
    bad = life.sell(mall, 40)
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    assert told(mall.seller) == ["有一张对账单等您确认：10.00元。"]
    line = db.rows("select id from mall_line where order_id = %s::bigint", (bad,))[0][0]
    actions.dispute_line(line_id=line, reason="没有这一单", by=mall.seller.pk, at=NOW)
    assert told(mall.operator) == ["双马粮油店说有一行对账明细不对，请核对。"]
    made = actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=NOW)
    actions.confirm_claim(receivable_id=made, by=mall.funder.pk, at=NOW)
    actions.assign(receivable_id=made, taker_id=other.pk, reason="货款", by=mall.seller.pk, at=NOW)
    later = NOW + timedelta(days=2)
    actions.run_batch(mall_id=mall.id, cutoff=later.date(), by=mall.operator.pk, at=later)
    body = db.rows("select body from mall_message where kind = 'payment'")[0][0]
    actions.take_receipt(
        mall_id=mall.id, body=exchange.FakeBank().send("x", body), by=mall.operator.pk, at=later
    )
    first, last = told(miller)
    assert first.endswith("（6.00元）已转到您单位名下，2026-11-24到期付款。")
    assert last == "结算款6.00元，银行已付到您单位的账户。"


def test_what_came_back_and_what_a_shop_owes_are_told(county: County) -> None:
    mall = life.opened(county)
    order = life.sell(mall, 40)
    life.claim(mall)
    later = NOW + timedelta(days=2)
    actions.run_batch(mall_id=mall.id, cutoff=later.date(), by=mall.operator.pk, at=later)
    body = db.rows("select body from mall_message where kind = 'payment'")[0][0]
    bank = exchange.FakeBank(frozenset({"6228480000000000"}))
    for answer in (exchange.FakeBank().send("x", body), bank.sent_back(body)):
        actions.take_receipt(mall_id=mall.id, body=answer, by=mall.operator.pk, at=later)
        told(mall.seller)
    assert told(mall.seller)[-2:] == [
        "结算款4.00元，银行已付到您单位的账户。",
        "结算款4.00元被银行退回来了，钱还欠着您单位，请核对收款账号。",
    ]
    assert told(mall.operator)[-1] == "双马粮油店的结算款4.00元被银行退回，请核对收款账号。"
    actions.refund(order_id=order, why="米里有沙", by=mall.seller.pk, at=NOW)
    owed = db.rows("select id, due_on from mall_debt")[0]
    assert told(mall.seller)[-1] == (
        f"退了结过账的货，店里欠4.00元，从以后的对账里扣，{owed[1]}前结清。"
    )
    assert "双马粮油店退了结过账的货" in told(mall.operator)[-1]
    assert told(mall.buyer)[-1].endswith("40积分回到您这里了。")
    actions.repay(debt_id=owed[0], reference="BANK777", by=mall.operator.pk, at=NOW)
    assert told(mall.funder)[-1] == "双马粮油店退货，退给您单位4.00元，流水号BANK777，请核对到账。"


def test_a_resident_is_told_that_points_are_back(county: County) -> None:
    mall = life.opened(county)
    order = life.sell(mall, 40)
    actions.refund(order_id=order, why="米里有沙", by=mall.seller.pk, at=NOW)
    assert told(mall.buyer) == ["您在双马粮油店的“大米 10 斤”已退，40积分回到您这里了。"]
    everybody = db.rows("select words from people_note")
    assert not [words for (words,) in everybody if county.ah_mei.name in words]
