"""Contracts, terms, financiers, pictures, files: what the operator and the public side keep."""

import io
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

import mall_life as life
from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.ledger import actions as ledger
from gongzhi.ledger import queries as books
from gongzhi.mall import actions, exchange, jobs, queries, solvent, store
from gongzhi.mall.actions.contracts import Contract
from gongzhi.mall.actions.shops import Terms
from gongzhi.people.models import Organisation
from people import NOW, START, County

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=2)


def _contract(mall: life.Mall, **other: object) -> Contract:
    row = queries.merchant_of(mall.id, mall.shop)
    known: dict[str, object] = {
        "organisation_id": row["organisation_id"], "credit_code": row["credit_code"],
        "category": "grocer", "contract_from": START, "contract_to": date(2027, 12, 31),
        "bank": "工商银行", "bank_account": "6222000000000001", "fee_bp": 100, "pay_days": 15,
        "document": "惠民〔2026〕12号",
    }  # fmt: skip
    return Contract(**{**known, **other})  # type: ignore[arg-type]


def _state(mall: life.Mall, state: str, why: str = "卫生整改") -> None:
    actions.set_merchant_state(
        merchant_id=mall.shop, state=state, why=why, by=mall.operator.pk, at=NOW
    )


def _buy(mall: life.Mall, points: int = 10, key: str = "k" * 9) -> int:
    return actions.order(
        offer_id=mall.rice, pieces=1, points=points, by=mall.buyer.pk, at=NOW, key=key
    )


def test_a_suspended_shop_sells_nothing_new_and_is_still_paid(county: County) -> None:
    mall = life.opened(county)
    order = _buy(mall)
    with pytest.raises(BadInput, match="原因"):
        _state(mall, "suspended", " ")
    _state(mall, "suspended")
    with pytest.raises(Refused, match="不卖"):
        _buy(mall, key="other-key")
    token = db.rows("select token from mall_order where id = %s::bigint", (order,))[0][0]
    actions.redeem(merchant_id=mall.shop, code=token, by=mall.seller.pk, at=NOW)
    life.claim(mall)
    _state(mall, "active", "整改好了")
    _buy(mall, key="third-key")
    kinds = [r["kind"] for r in queries.merchant_of(mall.id, mall.shop)["records"]]
    assert kinds == ["resumed", "suspended", "signed"]


def test_who_has_left_comes_back_by_a_new_contract_only(county: County) -> None:
    mall = life.opened(county)
    _state(mall, "ended", "不做了")
    with pytest.raises(Refused, match="重新签合同"):
        _state(mall, "active")
    with pytest.raises(NotAllowed):
        actions.renew(merchant_id=mall.shop, contract=_contract(mall), by=mall.funder.pk, at=NOW)
    wrong = _contract(mall, credit_code=life.CODES[1])
    with pytest.raises(BadInput, match="换了单位"):
        actions.renew(merchant_id=mall.shop, contract=wrong, by=mall.operator.pk, at=NOW)
    actions.renew(merchant_id=mall.shop, contract=_contract(mall), by=mall.operator.pk, at=NOW)
    row = queries.merchant_of(mall.id, mall.shop)
    assert (row["state"], row["pay_days"], row["fee_bp"]) == ("active", 15, 100)
    assert row["records"][0]["terms"]["bank_account"] == "6222000000000001"
    long = _contract(mall, pay_days=200)
    with pytest.raises(BadInput, match="账期"):
        actions.renew(merchant_id=mall.shop, contract=long, by=mall.operator.pk, at=NOW)


def test_a_statement_keeps_the_fee_of_its_day_and_the_claim_its_term(county: County) -> None:
    mall = life.opened(county, fee=500)
    life.sell(mall, 100)
    bad = life.sell(mall, 50)
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    actions.renew(merchant_id=mall.shop, contract=_contract(mall), by=mall.operator.pk, at=NOW)
    seen = queries.statement(drawn)["net_fen"]
    actions.refund(order_id=bad, why="退货", by=mall.seller.pk, at=NOW)
    with pytest.raises(Stale, match="有变动"):
        actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=NOW, seen_fen=seen)
    row = queries.statement(drawn)
    assert (row["gross_fen"], row["fee_fen"]) == (1000, 50)
    made = actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=NOW)
    claim = queries.claim(county.viewer(mall.seller), made, NOW)
    assert claim["due_on"] == life.TODAY + timedelta(days=15)


def test_what_was_settled_is_given_back_in_points_off_the_next_statement(county: County) -> None:
    mall = life.opened(county)
    settled = life.sell(mall, 60)
    life.claim(mall)
    life.sell(mall, 100)
    actions.refund(order_id=settled, why="坏了", by=mall.seller.pk, at=NOW)
    assert not db.rows("select 1 from mall_debt")
    assert books.balance(mall.account) == 1000 - 100
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
    )
    assert queries.statement(drawn)["net_fen"] == 400
    assert not queries.audit(mall.id)


def test_a_refund_returns_to_the_lots_the_points_came_from(county: County) -> None:
    mall = life.opened(county, points=100)
    early, late = date(2026, 12, 1), date(2027, 6, 1)
    budget = ledger.open_account(
        unit="points", kind="budget", owner_kind="activity", owner_id=9_000_001, at=NOW
    )
    source = ledger.open_account(
        unit="points", kind="issuance", owner_kind="place",
        owner_id=county.place("village").pk, floor=None, at=NOW,
    )  # fmt: skip
    ledger.transfer(
        key="fund", debit=source, credit=budget, amount=60, code="fund", by=None, at=NOW
    )
    for on in (late, early):
        ledger.transfer(
            key=f"award:{on}", debit=budget, credit=mall.account, amount=30, code="award",
            by=None, at=NOW, expires_on=on,
        )  # fmt: skip

    def lots() -> list[tuple[object, int]]:
        return db.rows(
            "select expires_on, remaining from ledger_lot where account_id = %s::bigint"
            " order by expires_on nulls last, id", (mall.account,),
        )  # fmt: skip

    before = lots()
    order = life.sell(mall, 40)
    assert [left for _, left in lots()][:2] == [0, 20]
    actions.refund(order_id=order, why="退货", by=mall.seller.pk, at=NOW)
    assert lots() == before


def test_an_old_refund_does_not_hold_up_what_was_sold_at_another_rate(county: County) -> None:
    mall = life.opened(county)
    order = life.sell(mall, 50)
    actions.refund(order_id=order, why="退货", by=mall.seller.pk, at=NOW)
    clerk = county.holders["committee"].pk
    actions.publish_rate(
        mall_id=mall.id, fen=8, from_on=LATER.date(), basis="村民代表会议", by=clerk, at=LATER
    )
    life.sell(mall, 20, at=LATER)
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=LATER.date(), by=mall.operator.pk, at=LATER
    )
    assert queries.statement(drawn)["net_fen"] == 160


def test_terms_change_by_a_decision_within_the_rules_and_stay_on_record(county: County) -> None:
    mall = life.opened(county)
    clerk = county.holders["committee"].pk
    change = {"mall_id": mall.id, "basis": "村民代表会议 12 月", "by": clerk, "at": NOW}
    with pytest.raises(BadInput, match="12"):
        actions.set_terms(terms=Terms(30, 200, 20, 6, 13), **change)
    with pytest.raises(BadInput, match="50"):
        actions.set_terms(terms=Terms(51, 200, 20, 6, 12), **change)
    with pytest.raises(NotAllowed):
        actions.set_terms(terms=Terms(20, 100, 20, 6, 12), **{**change, "by": mall.operator.pk})
    actions.set_terms(terms=Terms(20, 100, 20, 6, 12), **change)
    with pytest.raises(BadInput, match="最多用100分"):
        _buy(mall, 101)
    assert queries.records(mall.id, None)[0]["terms"]["percent"] == [30, 20]


def test_neither_operator_nor_funder_finances_and_a_lapsed_licence_ends_it(county: County) -> None:
    mall = life.opened(county)
    row = queries.mall_for(county.viewer(mall.operator), mall.id)
    more = {"mall_id": mall.id, "valid_to": date(2030, 1, 1), "bank": "某行",
            "bank_account": "6228000000000009", "by": county.holders["committee"].pk,
            "at": NOW}  # fmt: skip
    for owner in (row["operator_id"], row["funder_id"]):
        with pytest.raises(BadInput):
            actions.license_financier(organisation_id=owner, licence="B0000001", **more)
    life.sell(mall)
    claim = life.claim(mall, due_on=life.TODAY + timedelta(days=90))
    bank = db.rows("select organisation_id, licence from mall_financier")[0]
    actions.license_financier(
        organisation_id=bank[0], licence=bank[1], **{**more, "valid_to": life.TODAY}
    )
    tomorrow = NOW + timedelta(days=1)
    with pytest.raises(BadInput, match="持牌"):
        actions.ask_financing(
            receivable_id=claim, financier_id=mall.bank, by=mall.seller.pk, at=tomorrow
        )


def test_a_claim_is_passed_on_with_a_notice_the_funder_reads(county: County) -> None:
    mall = life.opened(county)
    other = Organisation.objects.create(name="米厂", kind="company", place=county.place("village"))
    life.admit(mall.id, other, mall.operator, code=life.CODES[1])
    life.sell(mall)
    claim = life.claim(mall)
    own = queries.merchant_of(mall.id, mall.shop)["organisation_id"]
    with pytest.raises(BadInput, match="别的单位"):
        actions.assign(receivable_id=claim, taker_id=own, reason="货款", by=mall.seller.pk, at=NOW)
    actions.assign(receivable_id=claim, taker_id=other.pk, reason="货款", by=mall.seller.pk, at=NOW)
    shown = queries.claim(county.viewer(mall.funder), claim, NOW)
    notice = queries.file(county.viewer(mall.funder), claim, shown["files"][0]["id"], NOW)
    assert "米厂" in notice["body"]
    with pytest.raises(NotFound):
        queries.file(county.viewer(mall.funder), claim, shown["files"][0]["id"] + 1, NOW)
    actions.assign(receivable_id=claim, taker_id=other.pk, reason="货款", by=mall.seller.pk, at=NOW)
    assert db.rows("select count(*) from mall_assignment") == [(1,)]  # pressed twice
    with pytest.raises(NotFound):
        actions.assign(
            receivable_id=claim, taker_id=other.pk, reason="还账", by=mall.seller.pk, at=NOW
        )


def test_a_town_mall_answers_for_the_points_of_its_villages(county: County) -> None:
    mall = life.opened(county, pledge=20_000)
    grid = county.place("grid").pk
    solvent.check(grid, 1000, NOW)
    with pytest.raises(Refused, match="不够"):
        solvent.check(grid, 1001, NOW)
    assert mall.id


def test_files_go_to_the_folder_once_and_answers_come_back(county: County, tmp_path: Path) -> None:
    mall = life.opened(county)
    life.sell(mall)
    life.claim(mall)
    actions.run_batch(mall_id=mall.id, cutoff=LATER.date(), by=mall.operator.pk, at=LATER)
    folder = exchange.Folder(tmp_path)
    channels: dict[str, exchange.Channel] = {"bank": folder}
    assert jobs.deliver(channels, at=LATER) == 1
    assert jobs.deliver(channels, at=LATER) == 0
    sent = next((tmp_path / "out").iterdir())
    body = exchange.FakeBank().send(sent.name, sent.read_text("utf-8"))
    (tmp_path / "in" / "no.csv").write_text(body.replace("10.00", "11.00"), "utf-8")
    (tmp_path / "in" / "yes.csv").write_bytes(body.encode("gb18030"))
    (tmp_path / "in" / "picture.csv").write_bytes(b"\x00\xff\x00")
    assert jobs.collect(channels, at=LATER) == 1
    assert {f.name for f in (tmp_path / "refused").iterdir()} == {"no.csv", "picture.csv"}
    assert {f.name for f in (tmp_path / "done").iterdir()} == {"yes.csv"}
    assert db.rows("select paid_fen from mall_mall") == [(1000,)]


def test_a_fake_bank_answers_at_once_and_a_fake_register_gives_a_number(county: County) -> None:
    mall = life.opened(county)
    life.sell(mall)
    claim = life.claim(mall, due_on=life.TODAY + timedelta(days=90))
    asked = actions.ask_financing(
        receivable_id=claim, financier_id=mall.bank, by=mall.seller.pk, at=NOW
    )
    actions.offer_financing(financing_id=asked, price_fen=980, by=mall.banker.pk, at=NOW)
    actions.accept_financing(financing_id=asked, by=mall.seller.pk, at=NOW)
    channels: dict[str, exchange.Channel] = {
        "bank": exchange.FakeBank(), "register": exchange.FakeRegister()
    }  # fmt: skip
    assert jobs.deliver(channels, at=NOW) == 1
    number = db.rows("select answer from mall_delivery")[0][0]
    actions.draw_down(
        financing_id=asked, registration=number, cash_reference="BANK-1", by=mall.banker.pk, at=NOW
    )
    due = NOW + timedelta(days=91)
    actions.run_batch(mall_id=mall.id, cutoff=due.date(), by=mall.operator.pk, at=due)
    jobs.deliver(channels, at=due)
    assert queries.claim(county.viewer(mall.banker), claim, due)["state"] == "redeemed"
    assert db.rows("select state from mall_financing") == [("repaid",)]


def test_a_picture_on_the_shelf_is_for_those_the_mall_is_for(county: County) -> None:
    mall = life.opened(county)
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "orange").save(out, "JPEG")
    for _ in range(2):
        actions.show_picture(offer_id=mall.rice, picture=out.getvalue(), by=mall.seller.pk, at=NOW)
    row = queries.catalogue(
        queries.mall_for(county.viewer(mall.operator), mall.id), NOW
    )["rows"][0]  # fmt: skip
    assert (row["most"], row["cash_fen"]) == (150, 3500)
    small = queries.picture(county.viewer(mall.buyer), row["picture_id"], thumb=True)
    assert Image.open(io.BytesIO(small)).size == (320, 240)
    with pytest.raises(NotFound):
        queries.picture(county.viewer(county.he), row["picture_id"], thumb=True)
    assert db.rows("select count(*) from mall_picture") == [(1,)]


def test_outside_its_contract_a_shop_sells_nothing(county: County) -> None:
    mall = life.opened(county)  # to the last day of 2026
    after = datetime(2027, 1, 1, 8, tzinfo=SHANGHAI)
    buy = {"offer_id": mall.rice, "pieces": 1, "points": 10, "by": mall.buyer.pk}
    with pytest.raises(Refused, match="现在不卖"):
        actions.order(**buy, at=after, key="new-year")
    assert queries.catalogue(store.read("mall", mall.id), after)["rows"] == []
    actions.order(**buy, at=after - timedelta(hours=9), key="last-day")
    wrong = _contract(mall, contract_to=START - timedelta(days=1))
    with pytest.raises(BadInput, match="结束日"):
        actions.renew(merchant_id=mall.shop, contract=wrong, by=mall.operator.pk, at=NOW)


def test_nobody_keeps_a_balance_in_yuan_here(county: County) -> None:
    """Yuan are a book of promises and debts: of the fund, and claims equal to open receivables."""
    mall = life.opened(county)
    life.sell(mall, 100)
    life.claim(mall)
    kinds = db.rows("select distinct kind, owner_kind from ledger_account where unit = 'cny'")
    assert set(kinds) == {
        ("fund", "mall"), ("outside", "mall"), ("owed", "mall"), ("claim", "organisation")
    }  # fmt: skip
    claims = "select sum(balance)::bigint from ledger_account where unit = 'cny' and kind = 'claim'"
    assert db.rows(claims) == [(1000,)]
    actions.run_batch(mall_id=mall.id, cutoff=LATER.date(), by=mall.operator.pk, at=LATER)
    body = db.rows("select body from mall_message where kind = 'payment'")[0][0]
    assert db.rows(claims) == [(1000,)]  # a file is no payment: only the bank's receipt is
    actions.take_receipt(
        mall_id=mall.id, body=exchange.FakeBank().send("x", body), by=mall.operator.pk, at=LATER
    )
    assert db.rows(claims) == [(0,)]


def test_a_service_is_held_captured_and_cleared_like_goods(county: County) -> None:
    mall = life.opened(county)
    cut = actions.offer(
        merchant_id=mall.shop, name="理发", about="", kind="service", price_fen=3000, points=90,
        stock=2, by=mall.seller.pk, at=NOW,
    )  # fmt: skip
    made = actions.order(
        offer_id=cut, pieces=1, points=90, by=mall.buyer.pk, at=NOW, key="haircut-1"
    )
    code = db.rows("select code from mall_order where id = %s::bigint", (made,))[0][0]
    actions.redeem(merchant_id=mall.shop, code=code, by=mall.seller.pk, at=NOW)
    life.claim(mall)
    assert db.rows("select face_fen, state from mall_receivable") == [(900, "open")]


def test_a_service_point_gives_for_points_alone_and_is_owed_nothing(county: County) -> None:
    mall = life.opened(county)
    village = county.place("village")
    place = Organisation.objects.create(name="服务点", kind="company", place=village)
    keeper = life.somebody(county, "merchant", place, "village")
    contract = _contract(
        mall, organisation_id=place.pk, credit_code=life.CODES[1], category="point"
    )
    point = actions.admit(mall_id=mall.id, contract=contract, by=mall.operator.pk, at=NOW)
    gift = {"merchant_id": point, "about": "", "points": 20, "stock": 5, "by": keeper.pk, "at": NOW}
    with pytest.raises(BadInput, match="服务点"):
        actions.offer(name="大米", kind="goods", price_fen=5000, **gift)
    soap = actions.offer(name="肥皂", kind="gift", price_fen=0, **gift)
    made = actions.order(offer_id=soap, pieces=2, points=0, by=mall.buyer.pk, at=NOW, key="soap-22")
    code = db.rows("select code from mall_order where id = %s::bigint", (made,))[0][0]
    before = queries.solvency_of(mall.id, NOW).points
    actions.redeem(merchant_id=point, code=code, by=keeper.pk, at=NOW)
    assert queries.solvency_of(mall.id, NOW).points == before - 40  # used up
    with pytest.raises(Refused, match="没有要结算"):
        actions.draw_statement(merchant_id=point, to_on=life.TODAY, by=mall.operator.pk, at=NOW)
    with pytest.raises(BadInput, match="不能互换"):
        actions.renew(
            merchant_id=point, by=mall.operator.pk, at=NOW,
            contract=_contract(mall, organisation_id=place.pk, credit_code=life.CODES[1]),
        )  # fmt: skip
    assert not queries.audit(mall.id)


LIES = {
    "statement_fee": "update mall_statement set fee_fen = 1, net_fen = gross_fen - 1",
    "merchant_pay_days": "update mall_merchant set pay_days = 0",
    "mall_record_has_reason": "insert into mall_record (mall_id, merchant_id, kind, why, terms,"
    " by_id, at) select mall_id, merchant_id, kind, '', terms, by_id, at from mall_record",
    "mall_record_about": "insert into mall_record (mall_id, merchant_id, kind, why, terms, by_id,"
    " at) select mall_id, merchant_id, 'terms', why, terms, by_id, at from mall_record",
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_the_tables_refuse_false_contracts(county: County, name: str) -> None:
    mall = life.opened(county)
    life.sell(mall)
    actions.draw_statement(merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        db.run(LIES[name])
    assert refused.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_what_was_agreed_and_handed_over_is_never_rewritten(county: County) -> None:
    life.opened(county)
    for change in ("delete from mall_record", "update mall_record set why = 'x'"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            db.run(change)
