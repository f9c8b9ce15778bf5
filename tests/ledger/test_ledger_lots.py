"""Points that end: what goes first, what comes back where, what is gone."""

from datetime import date, timedelta

import pytest

from gongzhi.core.errors import BadInput, KeyReused
from gongzhi.ledger import actions, queries
from gongzhi.ledger.models import Transfer
from ledger_books import AT, Books, award, hold, lots, open_books, refused, spend, whole

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def books() -> Books:
    return open_books()


def test_what_ends_first_goes_first(books):
    award(books, 0, 10, "late", date(2027, 6, 1))
    award(books, 0, 10, "stays")
    award(books, 0, 10, "soon", date(2027, 1, 1))
    spend(books, 0, 15, "s")
    assert lots(books.residents[0]) == [(5, date(2027, 6, 1)), (10, None)]
    whole()


def test_the_last_day_still_counts_and_the_day_after_does_not(books):
    award(books, 0, 10, "a", date(2026, 11, 23))
    spend(books, 0, 1, "on the day", at=AT)
    refused(actions.Overdraft, spend, books, 0, 1, "after", at=AT + DAY)
    standing = queries.standing(books.residents[0], on=date(2026, 11, 24))
    assert (standing.balance, standing.available) == (9, 0)


def test_what_ended_is_taken_away_once(books):
    award(books, 0, 10, "a", date(2026, 11, 20))
    award(books, 0, 5, "b")
    assert actions.expire_day(date(2026, 11, 20), at=AT) == 0
    assert actions.expire_day(date(2026, 11, 21), at=AT) == 1
    assert actions.expire_day(date(2026, 11, 21), at=AT) == 0
    assert books.balances()[1] == 5
    whole()


def test_a_day_that_has_not_come_takes_nothing(books):
    award(books, 0, 10, "a", date(2026, 12, 1))
    refused(BadInput, actions.expire_day, date(2026, 12, 24), at=AT)


def test_a_refund_goes_back_to_the_lots_it_came_from(books):
    award(books, 0, 10, "soon", date(2027, 1, 1))
    award(books, 0, 10, "late", date(2027, 6, 1))
    spent = spend(books, 0, 15, "s")
    actions.reverse(key="r", transfer=spent, by=7, at=AT)
    assert lots(books.residents[0]) == [(10, date(2027, 1, 1)), (10, date(2027, 6, 1))]
    assert books.balances() == [980, 20, 0, 0, 0]
    whole()


def test_a_refund_in_part_gives_back_what_lasts_longest(books):
    award(books, 0, 10, "soon", date(2027, 1, 1))
    award(books, 0, 10, "late", date(2027, 6, 1))
    spent = spend(books, 0, 15, "s")
    actions.reverse(key="r", transfer=spent, amount=7, by=7, at=AT)
    assert lots(books.residents[0]) == [(2, date(2027, 1, 1)), (10, date(2027, 6, 1))]
    whole()


def test_points_that_ended_meanwhile_come_back_ended(books):
    award(books, 0, 10, "soon", date(2026, 11, 24))
    spent = spend(books, 0, 10, "s")
    later = AT + 5 * DAY
    actions.reverse(key="r", transfer=spent, by=7, at=later)
    refused(actions.Overdraft, spend, books, 0, 1, "again", at=later)
    assert actions.expire_day(date(2026, 11, 28), at=later) == 1
    assert books.balances()[1] == 0
    whole()


def test_a_wrong_award_is_taken_back_from_its_own_lot(books):
    first = award(books, 0, 10, "first", date(2027, 6, 1))
    award(books, 0, 10, "second", date(2027, 1, 1))
    actions.reverse(key="r", transfer=first, by=7, at=AT)
    assert lots(books.residents[0]) == [(10, date(2027, 1, 1))]
    whole()


def test_an_award_that_is_spent_cannot_be_taken_back_below_nothing(books):
    first = award(books, 0, 10, "first")
    spend(books, 0, 4, "s")
    refused(actions.Overdraft, actions.reverse, key="r", transfer=first, by=7, at=AT)
    actions.reverse(key="r", transfer=first, amount=6, by=7, at=AT)
    assert books.balances()[1] == 0


def test_what_expired_is_not_taken_back_a_second_time(books):
    first = award(books, 0, 10, "first", date(2026, 11, 22))
    award(books, 0, 10, "second")
    actions.expire_day(date(2026, 11, 23), at=AT)
    refused(actions.NotReversible, actions.reverse, key="r", transfer=first, by=7, at=AT)
    assert lots(books.residents[0]) == [(10, None)]


def test_a_transfer_is_reversed_once_and_a_reversal_never(books):
    first = award(books, 0, 10, "first")
    back = actions.reverse(key="r", transfer=first, amount=3, by=7, at=AT)
    assert actions.reverse(key="r", transfer=first, amount=3, by=7, at=AT) == (back.id, True)
    refused(actions.NotReversible, actions.reverse, key="r2", transfer=first, amount=3, by=7, at=AT)
    refused(actions.NotReversible, actions.reverse, key="r3", transfer=back.id, by=7, at=AT)
    refused(KeyReused, actions.reverse, key="r", transfer=first, amount=4, by=7, at=AT)


def test_no_more_is_reversed_than_there_was(books):
    first = award(books, 0, 10, "first")
    award(books, 0, 10, "second")
    refused(actions.NotReversible, actions.reverse, key="r", transfer=first, amount=11, by=7, at=AT)


def test_an_expiry_is_never_reversed(books):
    award(books, 0, 10, "first", date(2026, 11, 22))
    actions.expire_day(date(2026, 11, 23), at=AT)
    gone = Transfer.objects.get(code="expire").pk
    refused(actions.NotReversible, actions.reverse, key="r", transfer=gone, by=7, at=AT)
    assert queries.balance(books.residents[0]) == 0
    whole()


def test_a_lot_that_was_given_back_once_gives_nothing_more(books):
    award(books, 0, 10, "soon", date(2027, 1, 1))
    award(books, 0, 10, "late", date(2027, 6, 1))
    held = hold(books, 0, 15, "h")
    done = actions.capture(key="c", hold=held, amount=8, by=7, at=AT)
    assert lots(books.residents[0]) == [(2, date(2027, 1, 1)), (10, date(2027, 6, 1))]
    actions.reverse(key="r", transfer=done.id, by=7, at=AT)
    assert lots(books.residents[0]) == [(10, date(2027, 1, 1)), (10, date(2027, 6, 1))]
    whole()
