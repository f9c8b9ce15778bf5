"""What is set aside: for whom, until when, and how it ends."""

from datetime import date, timedelta

import pytest

from gongzhi.core.errors import BadInput, KeyReused
from gongzhi.ledger import actions, queries
from ledger_books import AT, Books, award, hold, lots, open_books, points, refused, spend, whole

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def books() -> Books:
    return open_books()


def test_what_is_held_cannot_be_spent_or_held_again(books):
    award(books, 0, 50, "a")
    for n in range(5):
        hold(books, 0, 10, f"h{n}")
    refused(actions.Overdraft, hold, books, 0, 10, "h6")
    refused(actions.Overdraft, spend, books, 0, 1, "s")
    assert queries.balance(books.residents[0]) == 50
    assert queries.available(books.residents[0]) == 0
    whole()


def test_a_hold_is_captured_once_in_whole_or_part(books):
    award(books, 0, 50, "a", date(2027, 1, 1))
    held = hold(books, 0, 30, "h")
    done = actions.capture(key="c", hold=held, amount=20, by=7, at=AT)
    assert actions.capture(key="c", hold=held, amount=20, by=7, at=AT) == (done.id, True)
    refused(KeyReused, actions.capture, key="c", hold=held, amount=19, by=7, at=AT)
    refused(actions.HoldGone, actions.capture, key="c2", hold=held, amount=10, by=7, at=AT)
    refused(actions.HoldGone, actions.void, hold=held, at=AT)
    assert books.balances() == [950, 30, 0, 0, 20]
    assert queries.available(books.residents[0]) == 30
    whole()
    actions.reverse(key="r", transfer=done.id, by=7, at=AT)
    assert lots(books.residents[0]) == [(50, date(2027, 1, 1))]
    whole()


def test_no_more_is_captured_than_was_held(books):
    award(books, 0, 50, "a")
    held = hold(books, 0, 30, "h")
    refused(BadInput, actions.capture, key="c", hold=held, amount=31, by=7, at=AT)


def test_a_void_hold_is_free_again_and_cannot_be_captured(books):
    award(books, 0, 50, "a", date(2027, 1, 1))
    held = hold(books, 0, 30, "h")
    assert actions.void(hold=held, at=AT) is False
    assert actions.void(hold=held, at=AT) is True
    refused(actions.HoldGone, actions.capture, key="c", hold=held, by=7, at=AT)
    assert lots(books.residents[0]) == [(50, date(2027, 1, 1))]
    whole()


def test_a_hold_past_its_time_is_gone_even_before_it_is_swept(books):
    award(books, 0, 50, "a")
    held = hold(books, 0, 30, "h")
    late = AT + timedelta(minutes=11)
    refused(actions.HoldGone, actions.capture, key="c", hold=held, by=7, at=late)
    assert actions.expire_holds(at=AT) == 0
    assert actions.expire_holds(at=late) == 1
    assert queries.available(books.residents[0]) == 50
    whole()


def test_a_hold_for_one_shop_is_not_captured_by_another(books):
    award(books, 0, 50, "a")
    held = hold(books, 0, 30, "h")
    other = points("merchant", "merchant", 99)
    refused(actions.NotLawful, actions.capture, key="c", hold=held, credit=other, by=7, at=AT)
    refused(actions.NotLawful, actions.hold, key="h2", account=books.residents[0],
            credit=books.residents[1], amount=1, code="spend", by=7, at=AT,
            expires_at=AT + DAY)  # fmt: skip


def test_a_hold_that_names_no_shop_is_captured_lawfully_or_not_at_all(books):
    award(books, 0, 50, "a")
    held = actions.hold(key="h", account=books.residents[0], amount=5, by=7, at=AT,
                        expires_at=AT + DAY).id  # fmt: skip
    refused(actions.NotLawful, actions.capture, key="c", hold=held, credit=books.residents[1],
            code="spend", by=7, at=AT)  # fmt: skip
    actions.capture(key="c", hold=held, credit=books.shop, code="sale", by=7, at=AT)
    assert books.balances()[-1] == 5
    whole()


def test_a_hold_lasts_through_its_last_moment(books):
    award(books, 0, 50, "a")
    held = hold(books, 0, 30, "h", minutes=10)
    last = AT + timedelta(minutes=10)
    assert actions.expire_holds(at=last) == 0
    assert not actions.capture(key="c", hold=held, by=7, at=last).repeated
    whole()
