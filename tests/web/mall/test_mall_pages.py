"""The mall in a browser's eyes: from the shelf to the counter, the statement and the claim."""

from datetime import timedelta

import pytest
from django.test import Client

import mall_life as life
from gongzhi.core import db
from gongzhi.mall import actions
from people import NOW, County

pytestmark = pytest.mark.django_db


def _client(person: object) -> Client:
    client = Client()
    client.force_login(person.account)  # type: ignore[attr-defined]
    return client


@pytest.fixture
def mall(county: County, at_now: None) -> life.Mall:
    return life.opened(county)


def test_from_the_shelf_to_the_claim(mall: life.Mall, county: County) -> None:
    buyer, shop, run = map(_client, (mall.buyer, mall.seller, mall.operator))
    shelf = buyer.get("/mall").content.decode()
    assert "大米" in shelf
    assert "1000" in shelf
    page = buyer.get(f"/mall/offers/{mall.rice}").content.decode()
    key = page.split('name="key" value="')[1].split('"')[0]
    typed = {"key": key, "pieces": "1", "points": "100"}
    shown = buyer.post(f"/mall/offers/{mall.rice}", typed)
    again = buyer.post(f"/mall/offers/{mall.rice}", typed)
    assert shown.url == again.url  # type: ignore[attr-defined]
    assert "<svg" in buyer.get(shown.url).content.decode()  # type: ignore[attr-defined]
    code = db.rows("select code from mall_order")[0][0]
    sold = shop.post(f"/mall/shops/{mall.shop}", {"code": code})
    handed = shop.get(sold.url).content.decode()  # type: ignore[attr-defined]
    assert "40.00" in handed
    assert county.ah_mei.name not in handed
    run.post(f"/staff/malls/{mall.id}/statements", {"merchant": mall.shop})
    statement = db.rows("select id from mall_statement")[0][0]
    agreed = shop.post(f"/mall/statements/{statement}")
    claim = agreed.url  # type: ignore[attr-defined]
    assert "待出资方确认" in shop.get(claim).content.decode()
    assert _client(mall.funder).post(claim, {"do": "confirm"}).status_code == 302
    assert "提前拿钱" in shop.get(claim).content.decode()
    assert _client(county.brother).get(claim).status_code == 404


def test_a_wrong_code_is_told_beside_its_field(mall: life.Mall) -> None:
    answer = _client(mall.seller).post(f"/mall/shops/{mall.shop}", {"code": "12"})
    assert answer.status_code == 404
    assert "没有这个码" in answer.content.decode()


def test_every_page_opens_for_its_people(mall: life.Mall, county: County) -> None:
    life.sell(mall)
    made = life.claim(mall)
    pages = {
        mall.buyer: ["/mall", "/mall/fund", "/mall/orders", "/mall?kind=gift"],
        mall.seller: [
            f"/mall/shops/{mall.shop}", f"/mall/shops/{mall.shop}/offers",
            f"/mall/shops/{mall.shop}/statements", "/mall/claims", f"/mall/claims/{made}",
        ],
        mall.funder: ["/mall/claims", f"/mall/claims/pledge/{mall.id}", f"/mall/claims/{made}"],
        mall.operator: [
            "/staff/malls", f"/staff/malls/{mall.id}", f"/staff/malls/{mall.id}/merchants",
        ],
        county.holders["committee"]: [
            "/staff/malls", "/staff/malls/new", f"/staff/malls/{mall.id}",
            f"/staff/malls/{mall.id}/rate",
        ],
    }  # fmt: skip
    for person, addresses in pages.items():
        client = _client(person)
        for address in addresses:
            assert client.get(address).status_code == 200, address
    assert _client(county.ah_mei).get(f"/mall/shops/{mall.shop}").status_code == 404
    committee = _client(county.holders["committee"])
    assert committee.post(f"/staff/malls/{mall.id}/batches").status_code == 403


def test_the_books_are_checked_when_somebody_asks(mall: life.Mall) -> None:
    life.sell(mall)
    page = _client(mall.operator).get(f"/staff/malls/{mall.id}?check=1").content.decode()
    assert "每一笔都对得上" in page
    db.run("set constraints all immediate")
    db.run("alter table mall_month disable trigger user")
    db.run("update mall_month set points = points + 1")
    page = _client(mall.operator).get(f"/staff/malls/{mall.id}?check=1").content.decode()
    assert "积分单与月度额度不符" in page


def test_a_resident_can_check_what_became_of_his_points(mall: life.Mall) -> None:
    order = life.sell(mall, 20)
    page = _client(mall.buyer).get(f"/mall/orders/{order}").content.decode()
    transfer = db.rows("select transfer from mall_order")[0][0]
    assert f"/log/verify?of=transfer/{transfer}" in page
    receipt = _client(mall.buyer).get(f"/log/of/transfer/{transfer}")
    assert receipt.status_code == 200
    assert "promise" in receipt["Content-Disposition"]  # not in the log yet: signed and dated
    _client(mall.seller).post(f"/mall/shops/{mall.shop}/orders/{order}", {"why": "米里有沙"})
    back = db.rows("select id from ledger_transfer where reverses_id = %s::bigint", (transfer,))
    page = _client(mall.buyer).get(f"/mall/orders/{order}").content.decode()
    assert f"/log/verify?of=transfer/{back[0][0]}" in page


def test_whoever_owes_or_finances_reads_the_proof_of_trade(mall: life.Mall, county: County) -> None:
    life.sell(mall)
    made = life.claim(mall, due_on=life.TODAY + timedelta(days=60))
    way = f"/mall/statements/{db.rows('select id from mall_statement')[0][0]}"
    assert _client(mall.banker).get(way).status_code == 404
    asked = actions.ask_financing(
        receivable_id=made, financier_id=mall.bank, by=mall.seller.pk, at=NOW
    )
    actions.offer_financing(financing_id=asked, price_fen=990, by=mall.banker.pk, at=NOW)
    for person in (mall.funder, mall.banker):
        assert way in _client(person).get(f"/mall/claims/{made}").content.decode()
        lines = _client(person).get(way).content.decode()
        assert "大米" in lines
        assert county.ah_mei.name not in lines
        assert "都对，确认" not in lines
    assert "9.90" in _client(mall.seller).get(f"/mall/claims/{made}").content.decode()
    assert "9.90" not in _client(mall.funder).get(f"/mall/claims/{made}").content.decode()
    assert _client(county.brother).get(way).status_code == 404


def test_shops_funders_and_banks_find_their_work(mall: life.Mall) -> None:
    life.sell(mall)
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=NOW)
    for person, links in ((mall.seller, ["/mall/shops", "/mall/claims"]),
                          (mall.funder, ["/mall/claims"]),
                          (mall.banker, ["/mall/claims"])):  # fmt: skip
        for page in ("/", "/mall"):
            shown = _client(person).get(page).content.decode()
            assert [link for link in links if f'href="{link}"' not in shown] == []
    funder = _client(mall.funder)
    assert "1笔等您办" in funder.get("/mall").content.decode()
    assert f"/mall/claims/pledge/{mall.id}" in funder.get("/mall").content.decode()
    assert "等您办" in funder.get("/mall/claims").content.decode()
    assert "等您办" not in _client(mall.seller).get("/mall/claims").content.decode()


def test_in_large_type_the_points_are_one_of_four_things(mall: life.Mall) -> None:
    buyer = _client(mall.buyer)
    buyer.cookies["elder"] = "1"
    first = buyer.get("/").content.decode()
    assert first.count('class="tile"') <= 4
    assert 'class="tile" href="/points"' in first
    assert 'href="/mall"' in buyer.get("/points").content.decode()


def test_the_shelf_costs_a_few_statements(
    mall: life.Mall, django_assert_max_num_queries: object
) -> None:
    client = _client(mall.buyer)
    client.get("/mall")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        client.get("/mall")
