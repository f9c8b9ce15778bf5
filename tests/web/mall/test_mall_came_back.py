"""Money and goods that come back, as the resident, the shop and the operator see it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import mall_life as life
from gongzhi.core import db
from gongzhi.mall import actions, exchange, rules
from gongzhi.web.words import yuan
from people import NOW, County

pytestmark = pytest.mark.django_db
THEN = NOW + timedelta(days=2)


def _client(person: object) -> Client:
    client = Client()
    client.force_login(person.account)  # type: ignore[attr-defined]
    return client


@pytest.fixture
def mall(county: County, at_now: None) -> life.Mall:
    return life.opened(county)


def _paid(mall: life.Mall) -> tuple[int, int, str]:
    """A settled sale: the order, the claim and the payment file."""
    order = life.sell(mall, 60)
    claim = life.claim(mall)
    actions.run_batch(mall_id=mall.id, cutoff=THEN.date(), by=mall.operator.pk, at=THEN)
    body = db.rows("select body from mall_message where kind = 'payment'")[0][0]
    actions.take_receipt(
        mall_id=mall.id, body=exchange.FakeBank().send("x", body), by=mall.operator.pk, at=THEN
    )
    return order, claim, body


def test_a_return_is_handed_in_seen_and_answered(mall: life.Mall) -> None:
    _order, claim, body = _paid(mall)
    run, shop = _client(mall.operator), _client(mall.seller)
    back = exchange.FakeBank(frozenset({"6228480000000000"})).sent_back(body).encode()
    for said in ("1笔有了结果", "没有新的结果"):
        file = SimpleUploadedFile("return.csv", back)
        page = run.post(f"/staff/malls/{mall.id}/receipt", {"file": file}, follow=True)
        assert said in page.content.decode()
    page = run.get(f"/staff/malls/{mall.id}").content.decode()
    assert "银行退回的款" in page
    assert "账户已注销" in page
    assert "改收款账号" in page
    batch = db.rows("select id, batch_id from mall_batchline")[0]
    assert "付后退回" in run.get(f"/staff/malls/{mall.id}/batches/{batch[1]}").content.decode()
    assert "请核对收款账号" in shop.get(f"/mall/shops/{mall.shop}").content.decode()
    assert "要再付一次" in shop.get(f"/mall/claims/{claim}").content.decode()
    way = f"/staff/malls/{mall.id}/returns/{batch[0]}"
    wrong = run.post(way, {"why": "好"})
    assert wrong.status_code == 422
    assert 'value="好"' in wrong.content.decode()
    for _ in range(2):
        assert run.post(way, {"why": "银行说户名已更正"}).status_code == 302
    assert "银行退回的款" not in run.get(f"/staff/malls/{mall.id}").content.decode()
    assert shop.post(way, {"why": "银行说户名已更正"}).status_code in {403, 404}


def test_goods_given_back_after_clearing_on_three_pages(mall: life.Mall, county: County) -> None:
    order, _claim, _body = _paid(mall)
    run, shop, buyer = map(_client, (mall.operator, mall.seller, mall.buyer))
    assert "不用您等" in buyer.get(f"/mall/orders/{order}").content.decode()
    sold = f"/mall/shops/{mall.shop}/orders/{order}"
    assert shop.post(sold, {"why": "米里有沙"}).status_code == 302
    assert "60积分已经回到您这里" in buyer.get(f"/mall/orders/{order}").content.decode()
    assert "1000" in buyer.get("/mall").content.decode()
    assert "店里欠出资单位60积分，合6.00 元" in shop.get(sold).content.decode()
    assert "退了1笔结过账的货，欠6.00 元" in shop.get(f"/mall/shops/{mall.shop}").content.decode()
    page = run.get(f"/staff/malls/{mall.id}").content.decode()
    assert "商户欠退的款" in page
    assert county.ah_mei.name not in page
    assert "还欠退6.00 元" in Client().get(f"/mall/fund?mall={mall.id}").content.decode()
    debt = db.rows("select id from mall_debt")[0][0]
    way = f"/staff/malls/{mall.id}/debts/{debt}"
    assert run.post(way, {"reference": ""}).status_code == 422
    for _ in range(2):
        assert run.post(way, {"reference": "BANK20261125"}).status_code == 302
    assert run.post(way, {"reference": "BANK20261126"}).status_code == 422
    assert "已经退给出资单位" in shop.get(sold).content.decode()
    page = run.get(f"/staff/malls/{mall.id}?check=1").content.decode()
    assert "商户欠退的款" not in page
    assert "每一笔都对得上" in page


def test_the_statement_shows_what_was_made_good_and_adds_up(mall: life.Mall) -> None:
    order, _claim, _body = _paid(mall)
    shop, run = _client(mall.seller), _client(mall.operator)
    actions.refund(order_id=order, why="米里有沙", by=mall.seller.pk, at=NOW)
    debt = db.rows("select id from mall_debt")[0][0]
    actions.repay(debt_id=debt, reference="BANK20261125", by=mall.operator.pk, at=NOW)
    life.sell(mall, 70)
    assert run.post(f"/staff/malls/{mall.id}/statements", {"merchant": mall.shop}).status_code
    number = db.rows("select max(id) from mall_statement")[0][0]
    page = shop.get(f"/mall/statements/{number}").content.decode()
    for said in ("−6.00 元", "退回的，店里已退了钱", "6.00 元", "7.00 元"):
        assert said in page
    assert page.count("这一行不对") == 1  # only a sale can be said to be wrong
    assert shop.get(f"/mall/statements/{number}?as=xlsx").status_code == 200


def test_a_debt_past_its_day_stands_out(mall: life.Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    order, _claim, _body = _paid(mall)
    monkeypatch.setitem(rules.terms()["refund"], "days", -1)
    actions.refund(order_id=order, why="米里有沙", by=mall.seller.pk, at=NOW)
    page = _client(mall.operator).get(f"/staff/malls/{mall.id}").content.decode()
    assert "已过期" in page


def test_yuan_below_nothing_are_written_as_people_write_them() -> None:
    written = {0: "0.00 元", 5: "0.05 元", -5: "−0.05 元", -780: "−7.80 元", 120050: "1,200.50 元"}
    assert {fen: yuan(fen) for fen in written} == written
