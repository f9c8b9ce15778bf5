"""Two at once: one thing left, one code, one month, one claim, one clearing day."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

import mall_life as life
from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.ledger import actions as ledger
from gongzhi.ledger import queries as books
from gongzhi.mall import actions, exchange, queries, solvent
from people import NOW, County

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROUNDS = 5


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each gave, or how it was refused, when all begin together."""
    gate, answers = Barrier(len(calls)), [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            answers[index] = call()
        except Exception as error:  # told by the assertion of the test
            answers[index] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(n, call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def served(answers: list[Any]) -> list[Any]:
    """Those who were; all others were told in a sentence, none by a fault."""
    refused = [a for a in answers if isinstance(a, BaseException)]
    assert all(isinstance(a, Refused) and a.words for a in refused), refused
    return [a for a in answers if not isinstance(a, BaseException)]


def _order(mall: life.Mall, points: int = 10, pieces: int = 1) -> int:
    return actions.order(
        offer_id=mall.rice, pieces=pieces, points=points, by=mall.buyer.pk, at=NOW,
        key=uuid4().hex,
    )  # fmt: skip


def _code(order: int) -> str:
    return str(db.rows("select code from mall_order where id = %s::bigint", (order,))[0][0])


def _neighbour(mall: life.Mall, county: County) -> int:
    """The neighbour takes part, with some of Ah-Mei's budget."""
    account = ledger.open_account(
        unit="points", kind="holder", owner_kind="person", owner_id=county.neighbour.pk, at=NOW
    )
    place = county.place("village")
    db.run(
        "insert into points_holder (place_id, place_path, subject, person_id, account, joined_at,"
        ' "left") values (%s::bigint, %s, %s, %s::bigint, %s::bigint, %s::timestamptz, %s)',
        (place.pk, place.path, "person", county.neighbour.pk, account, NOW, ""),
    )
    source = ledger.open_account(
        unit="points", kind="issuance", owner_kind="place", owner_id=place.pk, floor=None, at=NOW
    )
    budget = ledger.open_account(
        unit="points", kind="budget", owner_kind="activity", owner_id=9_000_001, at=NOW
    )
    for debit, credit, code in ((source, budget, "fund"), (budget, account, "award")):
        ledger.transfer(
            key=uuid4(), debit=debit, credit=credit, amount=100, code=code, by=None, at=NOW
        )
    return county.neighbour.pk


def test_of_two_who_want_the_last_piece_one_has_it(county: County) -> None:
    mall = life.opened(county)
    other = _neighbour(mall, county)
    for _ in range(ROUNDS):
        db.run("update mall_offer set stock = 1 where id = %s::bigint", (mall.rice,))
        asked = [
            partial(actions.order, offer_id=mall.rice, pieces=1, points=5, by=who, at=NOW,
                    key=uuid4().hex)
            for who in (mall.buyer.pk, other)
        ]  # fmt: skip
        assert len(served(at_once(*asked))) == 1
        assert queries.shop_offers(mall.shop)[0]["stock"] == 0
    assert not queries.audit(mall.id)


def test_one_code_on_two_phones_is_taken_once(county: County) -> None:
    mall = life.opened(county)
    for n in range(1, ROUNDS + 1):
        redeem = partial(
            actions.redeem, merchant_id=mall.shop, code=_code(_order(mall)), by=mall.seller.pk,
            at=NOW,
        )  # fmt: skip
        assert len(served(at_once(redeem, redeem, redeem))) == 1
        assert books.balance(mall.account) == 1000 - 10 * n
    assert db.rows("select count(*) from mall_line") == [(ROUNDS,)]


def test_a_code_is_taken_or_cancelled_or_has_ended_never_two_of_them(county: County) -> None:
    mall = life.opened(county)
    for _ in range(ROUNDS):
        order = _order(mall)
        answers = at_once(
            partial(actions.redeem, merchant_id=mall.shop, code=_code(order), by=mall.seller.pk,
                    at=NOW),
            partial(actions.cancel, order_id=order, by=mall.buyer.pk, at=NOW),
        )  # fmt: skip
        served(answers)
        row = queries.my_order(mall.buyer.pk, order, NOW)
        taken = not isinstance(answers[0], BaseException)
        assert row["state"] == ("done" if taken else "void")
    stock = queries.shop_offers(mall.shop)[0]["stock"]
    done = db.rows("select count(*) from mall_order where state = 'done'")[0][0]
    assert stock == 20 - done
    assert books.available(mall.account) == books.balance(mall.account) == 1000 - 10 * done
    assert not queries.audit(mall.id)


def test_a_sale_is_given_back_once_though_shop_and_statement_come_together(
    county: County,
) -> None:
    mall = life.opened(county)
    for _ in range(3):
        order = life.sell(mall, 10)
        life.sell(mall, 20)
        drawn = actions.draw_statement(
            merchant_id=mall.shop, to_on=life.TODAY, by=mall.operator.pk, at=NOW
        )
        refund = partial(actions.refund, order_id=order, why="退货", by=mall.seller.pk, at=NOW)
        confirm = partial(actions.confirm_statement, statement_id=drawn, by=mall.seller.pk, at=NOW)
        served(at_once(refund, confirm, refund))
        if queries.statement(drawn)["state"] == "sent":
            confirm()
        assert not queries.audit(mall.id)
    back = db.rows("select count(*) from mall_line where kind = 'refund'")[0][0]
    given = db.rows("select count(*) from mall_order where state = 'refunded'")[0][0]
    assert back == given


def test_the_month_holds_on_two_phones(county: County) -> None:
    mall = life.opened(county)
    asked = [partial(_order, mall, 120, 1) for _ in range(2)]
    assert len(served(at_once(*asked))) == 1
    assert queries.budget_of(
        mall.buyer.pk, queries.mall_for(county.viewer(mall.operator), mall.id), NOW
    ).month_left == 80  # fmt: skip


def test_two_clerks_draw_one_statement_and_make_one_batch(county: County) -> None:
    mall = life.opened(county)
    clerk = life.somebody(
        county, "org_manager", mall.operator.appointments.get().organisation, "village"
    )
    life.sell(mall, 10)
    draws = [
        partial(actions.draw_statement, merchant_id=mall.shop, to_on=life.TODAY, by=by.pk, at=NOW)
        for by in (mall.operator, clerk)
    ]
    drawn = served(at_once(*draws))
    assert len(drawn) == 1
    made = actions.confirm_statement(statement_id=drawn[0], by=mall.seller.pk, at=NOW)
    actions.confirm_claim(receivable_id=made, by=mall.funder.pk, at=NOW)
    later = NOW + timedelta(days=2)
    runs = [
        partial(actions.run_batch, mall_id=mall.id, cutoff=later.date(), by=by.pk, at=later)
        for by in (mall.operator, clerk)
    ]
    assert len(set(served(at_once(*runs)))) == 1
    body = db.rows("select body from mall_message where kind = 'payment'")
    assert len(body) == 1
    receipt = exchange.FakeBank().send("x", body[0][0])
    takes = [
        partial(actions.take_receipt, mall_id=mall.id, body=receipt, by=by.pk, at=later)
        for by in (mall.operator, clerk)
    ]
    assert sorted(served(at_once(*takes))) == [0, 1]
    assert db.rows("select paid_fen from mall_mall") == [(100,)]
    assert not queries.audit(mall.id)


def test_a_claim_is_financed_or_passed_on_or_split_one_of_them(county: County) -> None:
    mall = life.opened(county)
    due = life.TODAY + timedelta(days=60)
    for _ in range(ROUNDS):
        life.sell(mall, 10)
        root = life.claim(mall, due_on=due)
        ask = partial(
            actions.ask_financing, receivable_id=root, financier_id=mall.bank,
            by=mall.seller.pk, at=NOW,
        )  # fmt: skip
        split = partial(
            actions.split, receivable_id=root, parts_fen=[40, 60], by=mall.seller.pk, at=NOW
        )
        assert len({str(made) for made in served(at_once(ask, split, ask))}) == 1
    assert not db.rows("select 1 from mall_financing group by receivable_id having count(*) > 1")


def test_of_two_who_fill_budgets_the_fund_covers_one(county: County) -> None:
    mall = life.opened(county, pledge=10_500)  # 50 points more, at 10 fen
    budget = ledger.open_account(
        unit="points", kind="budget", owner_kind="activity", owner_id=9_000_001, at=NOW
    )
    village = county.place("village")
    source = ledger.open_account(
        unit="points", kind="issuance", owner_kind="place", owner_id=village.pk, floor=None, at=NOW
    )

    def fill() -> None:
        with transaction.atomic():
            solvent.check(village.pk, 40, NOW)
            for debit, credit, code in ((source, budget, "fund"), (budget, mall.account, "award")):
                ledger.transfer(
                    key=uuid4(), debit=debit, credit=credit, amount=40, code=code, by=None, at=NOW
                )

    assert len(served(at_once(fill, fill))) == 1
