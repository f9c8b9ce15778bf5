"""Every button of the mall pressed twice: done once, and the second press is no fault."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

import mall_life as life
from gongzhi.core import db
from gongzhi.mall import actions
from gongzhi.people.models import Organisation
from people import NOW, START, County

pytestmark = pytest.mark.django_db
DUE = life.TODAY + timedelta(days=60)


def client(person: Any) -> Client:
    """Signed in."""
    made = Client()
    made.force_login(person.account)
    return made


def key(page: Any, nth: int = -1) -> str:
    """The key of a form of a page."""
    return str(page.content.decode().split('name="key" value="')[nth].split('"')[0])


def twice(who: Any, address: str, typed: dict[str, Any], *, keyed: bool = True) -> Any:
    """The answer of both presses of one form; both must lead on, not stand there with an error."""
    visitor = client(who)
    if keyed:
        typed = typed | {"key": key(visitor.get(address))}
    first, second = (visitor.post(address, typed) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302), second.content.decode()[-3000:]
    assert first["Location"] == second["Location"]
    return first


@pytest.fixture
def mall(county: County, at_now: None) -> life.Mall:
    return life.opened(county)


def count(table: str) -> int:
    """Rows."""
    return int(db.rows(f"select count(*) from {table}")[0][0])


def test_an_order(mall: life.Mall) -> None:
    twice(mall.buyer, f"/mall/offers/{mall.rice}", {"pieces": "1", "points": "10"})
    assert count("mall_order") == 1
    twice(mall.buyer, "/mall/orders/{}/cancel".format(*db.rows("select id from mall_order")[0]), {},
          keyed=False)  # fmt: skip


@pytest.mark.parametrize("how", ["typed", "scanned"])
def test_a_code_at_the_shop(mall: life.Mall, how: str) -> None:
    actions.order(offer_id=mall.rice, pieces=1, points=10, by=mall.buyer.pk, at=NOW, key="k" * 9)
    code, token = db.rows("select code, token from mall_order")[0]
    where = f"/mall/shops/{mall.shop}" if how == "typed" else f"/mall/codes/{token}"
    answer = twice(mall.seller, where, {"code": code})
    assert "核销成功" in client(mall.seller).get(answer["Location"]).content.decode()
    assert (count("mall_line"), count("ledger_transfer where code = 'spend'")) == (1, 1)
    later = client(mall.seller).post(
        f"/mall/shops/{mall.shop}", {"code": code, "key": "another-page"}
    )
    assert "已经用过了" in later.content.decode()
    assert "11月23日10:00" in later.content.decode()
    assert "不要再给一次货" in later.content.decode()


def test_the_shelf(mall: life.Mall) -> None:
    shelf = f"/mall/shops/{mall.shop}/offers"
    new = {"name": "面粉", "kind": "goods", "price": "20", "points": "10", "stock": "5"}
    twice(mall.seller, shelf, new)
    assert count("mall_offer") == 2
    one = client(mall.seller)
    typed = {"key": "once-only", "add": "5", "open": "1"}
    for _ in range(2):
        assert one.post(f"{shelf}/{mall.rice}", typed).status_code == 302
    assert db.rows("select stock from mall_offer where id = %s::bigint", (mall.rice,)) == [(25,)]


def test_a_refund_and_a_dispute(mall: life.Mall) -> None:
    life.sell(mall, 30)
    bad = life.sell(mall, 20)
    twice(mall.seller, f"/mall/shops/{mall.shop}/orders/{bad}", {"why": "有虫"}, keyed=False)
    assert count("mall_line where kind = 'refund'") == 1
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    line = db.rows("select id from mall_line where points = 30")[0][0]
    visitor = client(mall.seller)
    for _ in range(2):
        visitor.post(f"/mall/lines/{line}/dispute", {"reason": "没有这一单"})
    assert count("mall_line where state = 'disputed'") == 1
    assert drawn


def test_from_the_statement_to_the_split(mall: life.Mall) -> None:
    life.sell(mall, 100)
    actions.draw_statement(merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW)
    statement = db.rows("select id from mall_statement")[0][0]
    where = twice(
        mall.seller, f"/mall/statements/{statement}", {"seen": "1000"}, keyed=False
    )["Location"]  # fmt: skip
    twice(mall.seller, where, {"do": "withdraw"}, keyed=False)
    again = {"do": "again", "due_on": DUE.isoformat(), "late_why": ""}
    where = twice(mall.seller, f"/mall/statements/{statement}", again, keyed=False)["Location"]
    assert count("mall_receivable where state = 'draft'") == 1
    twice(mall.funder, where, {"do": "confirm"}, keyed=False)
    twice(mall.seller, where, {"do": "split", "parts": "6+4"}, keyed=False)
    assert count("mall_receivable where state = 'open'") == 2


def test_passed_on_and_financed(mall: life.Mall, county: County) -> None:
    other = Organisation.objects.create(name="米厂", kind="company", place=county.place("village"))
    life.admit(mall.id, other, mall.operator, code=life.CODES[1])
    life.sell(mall, 100)
    made = life.claim(mall, due_on=DUE)
    big, small = actions.split(receivable_id=made, parts_fen=[600, 400], by=mall.seller.pk, at=NOW)
    to = {"do": "assign", "taker": str(other.pk), "reason": "货款"}
    twice(mall.seller, f"/mall/claims/{small}", to, keyed=False)
    assert count("mall_assignment") == 1
    where = f"/mall/claims/{big}"
    twice(mall.seller, where, {"do": "ask", "financier": str(mall.bank)}, keyed=False)
    twice(mall.banker, where, {"do": "offer", "price": "5.90"}, keyed=False)
    twice(mall.seller, where, {"do": "accept"}, keyed=False)
    draw = {"do": "draw", "registration": "08123456000789", "cash": "BANK-1"}
    twice(mall.banker, where, draw, keyed=False)
    assert (count("mall_financing"), count("mall_assignment")) == (1, 2)


def test_the_public_side_and_the_operator(mall: life.Mall, county: County) -> None:
    clerk, desk = county.holders["committee"], f"/staff/malls/{mall.id}"
    rate = {"fen": "9", "from_on": DUE.isoformat(), "basis": "村民代表会议 12 月"}
    twice(clerk, f"{desk}/rate", rate)
    assert count("mall_rate") == 2
    other = Organisation.objects.create(name="米厂", kind="company", place=county.place("village"))
    contract = {
        "organisation": other.pk, "credit_code": life.CODES[1], "category": "grocer",
        "document": "合同1号", "contract_from": START.isoformat(), "contract_to": DUE.isoformat(),
        "bank": "农行", "bank_account": "6228480000000011", "fee_bp": "0", "pay_days": "1",
    }  # fmt: skip
    twice(mall.operator, f"{desk}/merchants", contract)
    assert count("mall_merchant") == 2
    shop = db.rows("select max(id) from mall_merchant")[0][0]
    twice(mall.operator, f"{desk}/merchants/{shop}/contract", contract | {"pay_days": "9"})
    twice(mall.operator, f"{desk}/merchants/{shop}", {"do": "suspend", "why": "整改"}, keyed=False)
    assert count("mall_record") == 4  # two signed, one renewed, one suspended
    twice(mall.funder, f"/mall/claims/pledge/{mall.id}", {"amount": "100", "document": "九号文件"})
    assert count("mall_pledge") == 2


def test_a_clearing_day_that_can_pay_nobody_is_one(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    mall = life.opened(county, pledge=900, points=50)
    life.unbacked(county, mall, 50)
    life.sell(mall, 100)
    life.claim(mall)
    later = NOW + timedelta(days=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    where = f"/staff/malls/{mall.id}/batches"
    visitor = client(mall.operator)
    for _ in range(2):
        answer = visitor.post(where, {"cutoff": later.date().isoformat()}, follow=True)
        assert "全部顺延" in answer.content.decode()
        assert "没有付款文件" in answer.content.decode()
    assert (count("mall_batch"), count("mall_message where kind = 'payment'")) == (1, 0)
    claim = db.rows("select id from mall_receivable")[0][0]
    assert "资金不够" in client(mall.seller).get(f"/mall/claims/{claim}").content.decode()
    assert "顺延过的结算" in Client().get(f"/mall/fund?mall={mall.id}").content.decode()
