"""What is typed wrongly is told where it was typed, in plain words, and stays typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import mall_life as life
from gongzhi.core import db
from gongzhi.mall import actions, exchange
from people import NOW, County

pytestmark = pytest.mark.django_db


def client(person: Any) -> Client:
    """Signed in."""
    made = Client()
    made.force_login(person.account)
    return made


@pytest.fixture
def mall(county: County, at_now: None) -> life.Mall:
    return life.opened(county)


def refused(who: Any, address: str, typed: dict[str, Any], words: str) -> str:
    """The page shown again: with the words, and with all that was typed."""
    answer = client(who).post(address, typed)
    page = answer.content.decode()
    assert 400 <= answer.status_code < 500, answer.status_code
    assert words in page
    return page


ORDERS = [
    ({"pieces": "0", "points": "10"}, "数量请填1到99"),
    ({"pieces": "两袋", "points": "10"}, "数量请填1到99"),
    ({"pieces": "1", "points": "151"}, "最多用150分"),
    ({"pieces": "1", "points": "-5"}, "最少1分"),
    ({"pieces": "30", "points": "10"}, "库存只有20件"),
]


@pytest.mark.parametrize(("typed", "words"), ORDERS)
def test_an_order(mall: life.Mall, typed: dict[str, str], words: str) -> None:
    page = refused(mall.buyer, f"/mall/offers/{mall.rice}", typed | {"key": "k" * 9}, words)
    assert f'value="{typed["pieces"]}"' in page
    assert f'value="{typed["points"]}"' in page


STOCK = [("三", "请填数字"), ("-21", "库存只有20"), ("9999999", "一次最多添")]


@pytest.mark.parametrize(("add", "words"), STOCK)
def test_the_stock(mall: life.Mall, add: str, words: str) -> None:
    where = f"/mall/shops/{mall.shop}/offers/{mall.rice}"
    page = refused(mall.seller, where, {"key": "k", "add": add, "open": "1"}, words)
    assert f'value="{add}"' in page
    assert db.rows("select stock, open from mall_offer") == [(20, True)]


def test_something_new_on_the_shelf(mall: life.Mall) -> None:
    where = f"/mall/shops/{mall.shop}/offers"
    typed = {"name": "面粉", "kind": "goods", "price": "20", "points": "61", "stock": "5"}
    page = refused(mall.seller, where, typed, "最多60分")
    assert 'value="面粉"' in page
    refused(mall.seller, where, typed | {"points": "6", "stock": "许多"}, "请填数字")
    refused(mall.seller, where, typed | {"points": "6", "price": ""}, "都要写价格")
    big = SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")
    refused(mall.seller, where, typed | {"points": "6", "picture": big}, "面粉")


def test_a_dispute_and_its_answer(mall: life.Mall) -> None:
    life.sell(mall, 30)
    life.sell(mall, 20)
    actions.draw_statement(merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW)
    line = db.rows("select min(id) from mall_line")[0][0]
    page = refused(mall.seller, f"/mall/lines/{line}/dispute", {"reason": "错"}, "哪里不对")
    assert 'value="错"' in page
    assert page.count(" open>") == 1
    actions.dispute_line(line_id=line, reason="没有这一单", by=mall.seller.pk, at=NOW)
    where = f"/staff/malls/{mall.id}/lines/{line}"
    page = refused(mall.operator, where, {"stands": "1", "answer": "对"}, "怎么核对的")
    assert 'value="对"' in page


CLAIMS = [
    ({"do": "split", "parts": "3+8"}, "正好"),
    ({"do": "split", "parts": "三元+七元"}, "请填金额"),
    ({"do": "assign", "taker": "", "reason": "货款"}, "只能转给"),
    ({"do": "ask", "financier": ""}, "请选一家"),
    ({"do": "draw"}, "登记的编号"),
    ({"do": "fly"}, "请选要办的事"),
]


@pytest.mark.parametrize(("typed", "words"), CLAIMS)
def test_a_claim(mall: life.Mall, typed: dict[str, str], words: str) -> None:
    life.sell(mall)
    made = life.claim(mall)
    page = refused(mall.seller, f"/mall/claims/{made}", typed, words)
    assert typed.get("parts", "") in page


FILES = [
    (b"\xff\xfe\x00\x01", "读不出来"),
    (b"PK\x03\x04\x00\x00", "读不出来"),
    ("姓名,金额\r\n张三,1".encode(), "表头应当是"),
    ("你好".encode("gb18030"), "表头应当是"),
    (b"", "空"),
]


@pytest.mark.parametrize(("raw", "words"), FILES)
def test_a_file_that_is_no_receipt(mall: life.Mall, raw: bytes, words: str) -> None:
    typed = {"file": SimpleUploadedFile("回执.csv", raw, "text/csv")}
    refused(mall.operator, f"/staff/malls/{mall.id}/receipt", typed, words)


def _sent(mall: life.Mall, monkeypatch: pytest.MonkeyPatch) -> str:
    """The bank's whole answer to a batch of one; the clock stands two days on."""
    life.sell(mall)
    life.claim(mall)
    later = NOW + timedelta(days=2)
    actions.run_batch(mall_id=mall.id, cutoff=later.date(), by=mall.operator.pk, at=later)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    body = db.rows("select body from mall_message where kind = 'payment'")[0][0]
    return exchange.FakeBank().send("x", body)


def test_receipts_that_do_not_agree(mall: life.Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    body = _sent(mall, monkeypatch)
    where, name = f"/staff/malls/{mall.id}/receipt", f"{mall.id}-000001"

    def of(text: str) -> dict[str, Any]:
        return {"file": SimpleUploadedFile("回执.csv", text.encode("gb18030"), "text/csv")}

    refused(mall.operator, where, of(body.replace(name, f"{mall.id}-000002")), "没有第1行")
    refused(mall.operator, where, of(body.replace(name, "不是批次")), "没有第1行")
    refused(mall.operator, where, of(body.replace("10.00", "10.01")), "与付款文件不一致")
    refused(mall.operator, where, of(body.replace("6228480000000000", "6.22848E+15")), "另存过")
    refused(mall.operator, where, of(body.replace("成功", "OK")), "要写“成功”“失败”或“退回”")
    line = body.split("\r\n")[1]
    refused(mall.operator, where, of(f"{body}{line}\r\n"), "写了两次")
    assert db.rows("select state from mall_batch") == [("sent",)]
    good = client(mall.operator).post(where, of(body), follow=True).content.decode()
    assert "1笔有了结果" in good
    again = client(mall.operator).post(where, of(body), follow=True).content.decode()
    assert "以前交过" in again
    failed = body.replace("成功", "失败")
    refused(mall.operator, where, of(failed), "以前的回执不是这样写的")
