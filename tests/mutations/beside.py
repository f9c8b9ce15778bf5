"""What only two at once can see: each test leaves its accounts behind, in a scratch database."""

from datetime import timedelta
from typing import Any

from gongzhi.core.errors import Refused
from gongzhi.ledger import actions, queries
from ledger_books import AT, Books, open_books
from ledger_lines import Line, waits

_number = 10_000


def _books() -> Books:
    global _number
    _number += 100
    made = open_books(first=_number)
    actions.transfer(key=f"give {_number}", debit=made.budget, credit=made.residents[0], amount=50,
                     code="award", by=1, at=AT)  # fmt: skip
    return made


def _held(books: Books) -> int:
    return actions.hold(
        key=f"hold {_number}", account=books.residents[0], credit=books.shop, amount=30,
        code="spend", by=1, at=AT, expires_at=AT + timedelta(hours=1),
    ).id  # fmt: skip


def _try(call: Any) -> Any:
    try:
        return call()
    except Refused as refused:
        return refused


def _crossed(first: Any, second: Any) -> list[Any]:
    """The first in a transaction that is kept open until the second waits or is done."""
    one, other = Line(), Line()
    try:
        one.begin()
        answers = [one.call(lambda: _try(first))]
        later = other.start(lambda: _try(second))
        waits(later, other)
        one.end(keep=True)
        return [*answers, later.result(timeout=30)]
    finally:
        one.close()
        other.close()


def test_of_two_captures_one_is_told() -> None:
    books = _books()
    held, n = _held(books), _number
    said = _crossed(lambda: actions.capture(key=f"c1 {n}", hold=held, by=1, at=AT),
                    lambda: actions.capture(key=f"c2 {n}", hold=held, by=1, at=AT))  # fmt: skip
    assert isinstance(said[1], actions.HoldGone), said
    assert queries.balance(books.shop) == 30


def test_what_is_cancelled_is_not_captured_beside() -> None:
    books = _books()
    held, n = _held(books), _number
    said = _crossed(lambda: actions.void(hold=held, at=AT),
                    lambda: actions.capture(key=f"c {n}", hold=held, by=1, at=AT))  # fmt: skip
    assert isinstance(said[1], actions.HoldGone), said
    assert queries.available(books.residents[0]) == 50


def test_what_is_captured_is_not_cancelled_beside() -> None:
    books = _books()
    held, n = _held(books), _number
    said = _crossed(lambda: actions.capture(key=f"c {n}", hold=held, by=1, at=AT),
                    lambda: actions.void(hold=held, at=AT))  # fmt: skip
    assert isinstance(said[1], actions.HoldGone), said
    assert queries.balance(books.residents[0]) == 20


def test_a_batch_names_the_row_another_has_just_emptied() -> None:
    books = _books()
    n = _number
    rows = [actions.Wanted(key=f"b {n}", debit=books.residents[0], credit=books.shop, amount=30,
                           code="spend")]  # fmt: skip
    said = _crossed(
        lambda: actions.transfer(key=f"s {n}", debit=books.residents[0], credit=books.shop,
                                 amount=30, code="spend", by=1, at=AT),
        lambda: actions.batch(rows, by=1, at=AT),
    )  # fmt: skip
    assert isinstance(said[1], actions.RowsWrong), said
    assert list(said[1].rows) == [0]
    assert queries.balance(books.residents[0]) == 20
