"""Many transfers at once: all or none, in order, and every wrong row says why."""

from datetime import date

import pytest

from gongzhi.ledger import actions, queries
from gongzhi.ledger.actions import Wanted
from gongzhi.ledger.models import Account, Transfer
from ledger_books import AT, Books, award, hold, open_books, refused, whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    return open_books()


def row(books: Books, n: int, **changed) -> Wanted:
    return Wanted(**{"key": f"row{n}", "debit": books.budget, "credit": books.residents[n % 3],
                     "amount": 10 + n, "code": "award"} | changed)  # fmt: skip


def test_a_batch_is_written_in_the_order_given(books):
    done = actions.batch([row(books, n) for n in range(5)], by=7, at=AT)
    amounts = [Transfer.objects.get(pk=one.id).amount for one in done]
    assert amounts == [10, 11, 12, 13, 14]
    assert sorted(one.id for one in done) == [one.id for one in done]
    assert books.balances() == [940, 23, 25, 12, 0]
    whole()


def test_a_batch_twice_is_a_batch_once(books):
    rows = [row(books, n) for n in range(5)]
    first = actions.batch(rows, by=7, at=AT)
    again = actions.batch([*rows, row(books, 5)], by=7, at=AT)
    assert [one.id for one in again[:5]] == [one.id for one in first]
    assert [one.repeated for one in again] == [True] * 5 + [False]
    assert books.balances()[0] == 1000 - 75
    whole()


def test_every_wrong_row_says_why_and_nothing_is_written(books):
    actions.batch([row(books, 9)], by=7, at=AT)
    rows = [row(books, 0), row(books, 1, credit=10**9), row(books, 2, amount=0),
            row(books, 3, code="spend"), row(books, 9, amount=1), row(books, 5, key="row0"),
            row(books, 6, credit=books.budget)]  # fmt: skip
    told = refused(actions.RowsWrong, actions.batch, rows, by=7, at=AT)
    assert set(told.rows) == {0, 1, 2, 3, 4, 5, 6}
    assert told.rows[4] == "这个编号已经记过另一笔"
    assert books.balances() == [981, 19, 0, 0, 0]


def test_the_row_that_empties_the_budget_is_named(books):
    rows = [row(books, 0, amount=600), row(books, 1, amount=300), row(books, 2, amount=101)]
    told = refused(actions.RowsWrong, actions.batch, rows, by=7, at=AT)
    assert told.rows == {2: "余额不够"}
    assert books.balances()[0] == 1000


def test_a_batch_does_not_spend_before_it_earns(books):
    earn = row(books, 0)
    buy = row(books, 1, debit=books.residents[0], credit=books.shop, amount=10, code="spend")
    told = refused(actions.RowsWrong, actions.batch, [buy, earn], by=7, at=AT)
    assert told.rows == {0: "余额不够"}
    actions.batch([earn, buy], by=7, at=AT)
    assert books.balances() == [990, 0, 0, 0, 10]
    whole()


def test_a_batch_does_not_spend_what_is_past_its_day(books):
    award(books, 0, 10, "a", date(2026, 11, 20))
    buy = row(books, 1, debit=books.residents[0], credit=books.shop, amount=10, code="spend")
    rows = [row(books, 0, credit=books.residents[1]), buy]
    told = refused(actions.RowsWrong, actions.batch, rows,
                   by=7, at=AT)  # fmt: skip
    assert told.rows == {1: "能用的余额不够，有的已经过期"}


def test_a_batch_does_not_spend_what_is_held(books):
    award(books, 0, 10, "a")
    hold(books, 0, 4, "h")
    buy = row(books, 1, debit=books.residents[0], credit=books.shop, amount=7, code="spend")
    told = refused(actions.RowsWrong, actions.batch, [buy], by=7, at=AT)
    assert told.rows == {0: "余额不够"}


def test_slots_add_up(books):
    busy = actions.open_account(unit="hours", kind="issuance", owner_kind="place", owner_id=1,
                                floor=None, slots=4, at=AT)  # fmt: skip
    person = actions.open_account(
        unit="hours", kind="holder", owner_kind="person", owner_id=1, at=AT
    )
    done = actions.transfer(key="one", debit=busy, credit=person, amount=60, code="service", by=7,
                            at=AT)  # fmt: skip
    rows = [Wanted(key=f"s{n}", debit=busy, credit=person, amount=30, code="service")
            for n in range(3)]  # fmt: skip
    actions.batch(rows, by=7, at=AT)
    actions.reverse(key="back", transfer=done.id, by=7, at=AT)
    assert (queries.balance(busy), queries.balance(person)) == (-90, 90)
    assert Account.objects.get(pk=busy).balance == 0
    whole()
