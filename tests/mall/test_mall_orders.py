"""Taking rice for points: the share, the month, the stock, the code that is good once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

import mall_life as life
from gongzhi.core import db
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound, Refused, TooMany
from gongzhi.ledger import queries as ledger
from gongzhi.mall import actions, queries
from gongzhi.people.models import Organisation
from people import NOW, County

pytestmark = pytest.mark.django_db


def _order(mall: life.Mall, points: int = 100, pieces: int = 1, key: str | None = None) -> int:
    return actions.order(
        offer_id=mall.rice, pieces=pieces, points=points, by=mall.buyer.pk, at=NOW,
        key=key or uuid4().hex,
    )  # fmt: skip


def _code(order: int) -> str:
    return str(db.rows("select code from mall_order where id = %s::bigint", (order,))[0][0])


def test_points_pay_a_part_and_the_shop_takes_the_rest(county: County) -> None:
    mall = life.opened(county)
    order = _order(mall)
    assert ledger.available(mall.account) == 900
    row = queries.my_order(mall.buyer.pk, order, NOW)
    assert (row["points"], row["cash_fen"], row["good"]) == (100, 4000, True)
    actions.redeem(merchant_id=mall.shop, code=_code(order), by=mall.seller.pk, at=NOW)
    assert ledger.balance(mall.account) == 900
    seen = queries.shop_orders(mall.shop)["rows"][0]
    assert not {"person_id", "code", "token", "account"} & set(seen)
    assert not queries.audit(mall.id)


def test_a_code_is_good_once_and_in_time(county: County) -> None:
    mall = life.opened(county)
    order = _order(mall)
    actions.redeem(merchant_id=mall.shop, code=_code(order), by=mall.seller.pk, at=NOW)
    with pytest.raises(Refused, match="用过"):
        actions.redeem(merchant_id=mall.shop, code=_code(order), by=mall.seller.pk, at=NOW)
    late = _order(mall, 20)
    with pytest.raises(Refused, match="过时"):
        actions.redeem(
            merchant_id=mall.shop, code=_code(late), by=mall.seller.pk,
            at=NOW + timedelta(minutes=20),
        )  # fmt: skip
    assert actions.expire(at=NOW + timedelta(minutes=20)) == 1
    assert ledger.available(mall.account) == 900


def test_who_guesses_codes_is_stopped(county: County) -> None:
    mall = life.opened(county)
    for _ in range(10):
        with pytest.raises(NotFound):
            actions.redeem(merchant_id=mall.shop, code="x", by=mall.seller.pk, at=NOW)
    with pytest.raises(TooMany):
        actions.redeem(merchant_id=mall.shop, code="x", by=mall.seller.pk, at=NOW)


def test_never_more_than_the_share_the_month_or_the_stock(county: County) -> None:
    mall = life.opened(county)
    with pytest.raises(BadInput, match="150"):
        _order(mall, 151)
    _order(mall, 150)
    with pytest.raises(BadInput, match="还能抵扣50"):
        _order(mall, 51)
    with pytest.raises(BadInput, match="库存"):
        _order(mall, 10, pieces=20)
    _order(mall, 50)


def test_the_same_key_is_the_same_order(county: County) -> None:
    mall = life.opened(county)
    first = _order(mall, key="k" * 12)
    assert _order(mall, key="k" * 12) == first
    assert ledger.available(mall.account) == 900
    with pytest.raises(KeyReused):
        actions.order(
            offer_id=mall.rice, pieces=1, points=1, by=county.neighbour.pk, at=NOW, key="k" * 12
        )


def test_what_is_cancelled_or_given_back_is_all_there_again(county: County) -> None:
    mall = life.opened(county)
    order = _order(mall)
    for _ in range(2):
        actions.cancel(order_id=order, by=mall.buyer.pk, at=NOW)
    sold = life.sell(mall)
    for _ in range(2):
        actions.refund(order_id=sold, why="米里有沙", by=mall.seller.pk, at=NOW)
    assert ledger.available(mall.account) == 1000
    assert queries.shop_offers(mall.shop)[0]["stock"] == 20
    assert (
        queries.offer_for(county.viewer(county.ah_mei), mall.rice, NOW)["budget"].month_left == 200
    )
    with pytest.raises(Refused, match="没有要结算"):
        actions.draw_statement(merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW)
    assert not queries.audit(mall.id)


def test_strangers_outsiders_and_the_shop_itself_are_refused(county: County) -> None:
    mall = life.opened(county)
    with pytest.raises(NotAllowed):
        actions.order(offer_id=mall.rice, pieces=1, points=1, by=county.he.pk, at=NOW, key="a" * 9)
    with pytest.raises(Refused, match="没有参加"):
        actions.order(
            offer_id=mall.rice, pieces=1, points=1, by=county.brother.pk, at=NOW, key="b" * 9
        )
    order = _order(mall)
    with pytest.raises(NotFound):
        actions.redeem(merchant_id=mall.shop, code=_code(order), by=mall.buyer.pk, at=NOW)
    with pytest.raises(NotFound):
        queries.my_order(county.neighbour.pk, order, NOW)


def test_a_false_licence_and_a_public_operator_are_refused(county: County) -> None:
    mall = life.opened(county)
    shop = Organisation.objects.create(name="假店", kind="company", place=county.place("village"))
    with pytest.raises(BadInput, match="统一社会信用代码"):
        life.admit(mall.id, shop, mall.operator, code="911100006000373411")
    with pytest.raises(NotAllowed):
        life.admit(mall.id, shop, county.holders["committee"])
    with pytest.raises(Refused, match="政府部门"):
        actions.found(
            place_id=county.place("town").pk, name="镇商城", operator_id=county.water.pk,
            funder_id=shop.pk, by=county.holders["town_officer"].pk, at=NOW,
        )  # fmt: skip


LIES = {
    "stock_never_negative": "update mall_offer set stock = -1",
    "order_share": "update mall_order set percent = 10",
    "order_fixed": "update mall_order set points = 1",
    "order_one_way": "update mall_order set state = 'held', done_at = null, transfer = null",
    "month_limit": "update mall_month set points = most + 1",
    "operator_outside_government": "update people_organisation set kind = 'department'"
    " where id = (select operator_id from mall_mall)",
    "mall_operator_is_not_funder": "update mall_mall set operator_id = funder_id",
    "credit_code_written": "update mall_merchant set credit_code = 'x'",
    "contract_in_order": "update mall_merchant set contract_to = '2020-01-01'",
    "offer_priced": "update mall_offer set price_fen = 0",
    "line_at_rate": "insert into mall_line (merchant_id, order_id, kind, points, rate_id, rate_fen,"
    " fen, state, dispute, answer, at) select merchant_id, order_id, kind, points, rate_id,"
    " rate_fen, fen + 1, 'open', '', '', at from mall_line",
    "line_of_order": "insert into mall_line (merchant_id, order_id, kind, points, rate_id,"
    " rate_fen, fen, state, dispute, answer, at) select merchant_id, order_id, 'refund', -points,"
    " rate_id, rate_fen, -fen, 'open', '', '', at from mall_line",
    "order_percent_of_mall": "insert into mall_order (mall_id, merchant_id, offer_id, person_id,"
    " pieces, points, price_fen, cash_fen, rate_id, rate_fen, percent, state, code, token,"
    " expires_at, ended_why, at, key, taken_key) select mall_id, merchant_id, offer_id, person_id,"
    " 1, 200, 2000, 0, rate_id, rate_fen, 100, 'held', '123456', 'x', now(), '', now(), 'x', ''"
    " from mall_order",
    "month_limit_of_mall": "update mall_month set most = 1000",
    "month_is_its_orders": "update mall_month set points = points - 1",
    "order_in_the_books": "update mall_order set transfer = transfer + 1",
    "order_holds_points": "update mall_order set hold = hold + 1",
    "order_given_back": "update mall_month set points = 0;"
    " update mall_order set state = 'refunded', ended_at = now()",
    "merchant_apart": "update mall_merchant set organisation_id ="
    " (select operator_id from mall_mall)",
    "service_point_stays": "update mall_merchant set category = 'point'",
    "offer_of_category": "update mall_offer set kind = 'gift', price_fen = 0",
    "line_once": "insert into mall_line (merchant_id, order_id, kind, points, rate_id, rate_fen,"
    " fen, state, dispute, answer, at) select merchant_id, order_id, kind, points, rate_id,"
    " rate_fen, fen, state, dispute, answer, at from mall_line",
    "line_fixed": "update mall_line set fen = 1, points = 1",
}


def _lie(name: str) -> None:
    for statement in LIES[name].split(";"):
        db.run(statement)
    db.run("set constraints all immediate")


@pytest.mark.parametrize("name", LIES)
def test_the_tables_refuse_what_must_never_be(county: County, name: str) -> None:
    life.sell(life.opened(county))
    wrong = "order_fixed" if name == "order_share" else name
    wrong = "operator_outside_government" if name == "mall_operator_is_not_funder" else wrong
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        _lie(name)
    assert refused.value.__cause__.diag.constraint_name == wrong  # type: ignore[union-attr]


@pytest.mark.parametrize("table", ["mall_rate", "mall_pledge"])
def test_rates_and_pledges_are_never_rewritten(county: County, table: str) -> None:
    life.opened(county)
    for change in (f"delete from {table}", f"update {table} set at = now()"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            db.run(change)
