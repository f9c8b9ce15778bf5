"""The pages of the mall ask the database as often for ten times the data, and not often."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import mall_life as life
from gongzhi.core import db
from gongzhi.mall import actions, exchange
from gongzhi.people.models import Person
from people import NOW, County

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=2)


def life_goes_on(mall: life.Mall, times: int) -> None:
    """So many offers, sales given back or not, disputes, statements, claims and parts of one."""
    actions.restock(offer_id=mall.rice, add=50, open=True, by=mall.seller.pk, at=NOW)
    for n in range(times):
        actions.offer(
            merchant_id=mall.shop, name=f"面粉{n}", about="", kind="goods", price_fen=2000,
            points=10, stock=9, by=mall.seller.pk, at=NOW,
        )  # fmt: skip
        life.sell(mall, 3)
        actions.refund(order_id=life.sell(mall, 2), why="退货", by=mall.seller.pk, at=NOW)
        bad = life.sell(mall, 1)
        actions.draw_statement(merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW)
        line = db.rows("select id from mall_line where order_id = %s::bigint", (bad,))[0][0]
        actions.dispute_line(line_id=line, reason="没有这一单", by=mall.seller.pk, at=NOW)
        statement = db.rows("select max(id) from mall_statement")[0][0]
        made = actions.confirm_statement(statement_id=statement, by=mall.seller.pk, at=NOW)
        actions.confirm_claim(receivable_id=made, by=mall.funder.pk, at=NOW)
        actions.split(receivable_id=made, parts_fen=[20, 10], by=mall.seller.pk, at=NOW)


def a_day(mall: life.Mall) -> int:
    """A clearing day and the bank's answer; the batch."""
    made = actions.run_batch(mall_id=mall.id, cutoff=LATER.date(), by=mall.operator.pk, at=LATER)
    body = db.rows("select body from mall_message where kind = 'payment' order by id desc")[0][0]
    actions.take_receipt(
        mall_id=mall.id, body=exchange.FakeBank().send("x", body), by=mall.operator.pk, at=LATER
    )
    return made


def cost(who: Person, address: str) -> int:
    """Statements of one visit, the first being over."""
    client = Client()
    client.force_login(who.account)
    assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)


def pages(mall: life.Mall, batch: int) -> list[tuple[str, Person, str, int]]:
    """Name, who, address, and the most statements it may cost."""
    order = db.rows("select max(id) from mall_order")[0][0]
    statement = db.rows("select max(id) from mall_statement")[0][0]
    claim = db.rows("select max(id) from mall_receivable")[0][0]
    desk = f"/staff/malls/{mall.id}"
    return [
        ("shelf", mall.buyer, "/mall", 11),
        ("offer", mall.buyer, f"/mall/offers/{mall.rice}", 11),
        ("my orders", mall.buyer, "/mall/orders", 5),
        ("order", mall.buyer, f"/mall/orders/{order}", 5),
        ("shop", mall.seller, f"/mall/shops/{mall.shop}", 9),
        ("sold", mall.seller, f"/mall/shops/{mall.shop}/orders/{order}", 6),
        ("shop's shelf", mall.seller, f"/mall/shops/{mall.shop}/offers", 7),
        ("shop's statements", mall.seller, f"/mall/shops/{mall.shop}/statements", 6),
        ("statement", mall.seller, f"/mall/statements/{statement}", 11),
        ("claims", mall.funder, "/mall/claims", 6),
        ("claim", mall.seller, f"/mall/claims/{claim}", 10),
        ("fund", mall.buyer, f"/mall/fund?mall={mall.id}", 13),
        ("mall", mall.operator, desk, 17),
        ("batch", mall.operator, f"{desk}/batches/{batch}", 8),
        ("statements", mall.operator, f"{desk}/statements", 6),
        ("contract", mall.operator, f"{desk}/merchants/{mall.shop}", 7),
    ]


def test_ten_times_the_data_cost_no_statement_more(county: County, at_now: None) -> None:
    mall = life.opened(county)
    life_goes_on(mall, 1)
    batch = a_day(mall)
    few: dict[str, Any] = {name: cost(who, page) for name, who, page, _ in pages(mall, batch)}
    life_goes_on(mall, 10)
    batch = a_day(mall)
    rows = pages(mall, batch)
    many = {name: cost(who, page) for name, who, page, _ in rows}
    assert many == few
    most = {name: allowed for name, _, _, allowed in rows}
    assert {name: n for name, n in many.items() if n > most[name]} == {}
