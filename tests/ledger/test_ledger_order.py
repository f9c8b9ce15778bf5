"""Everybody locks accounts in the order of their numbers, so nobody waits in a circle."""

from uuid import uuid4

import pytest

from gongzhi.core import db
from gongzhi.ledger import actions, queries
from ledger_books import AT
from ledger_lines import Line, waits

pytestmark = pytest.mark.django_db(transaction=True)


def pair() -> tuple[int, int]:
    """Two accounts; the row of the first now lies behind that of the second."""
    a, b = (
        actions.open_account(unit="shares", kind="holder", owner_kind="person", owner_id=900 + n,
                             at=AT)
        for n in range(2)
    )  # fmt: skip
    paper = actions.open_account(
        unit="shares", kind="opening", owner_kind="place", owner_id=900, floor=None, at=AT
    )
    for one in (b, a):
        actions.transfer(key=uuid4(), debit=paper, credit=one, amount=10, code="opening", by=1,
                         at=AT)  # fmt: skip
    assert a < b
    [(behind,)] = db.rows(
        "select (select ctid from ledger_account where id = %s::bigint) >"
        " (select ctid from ledger_account where id = %s::bigint)", (a, b),
    )  # fmt: skip
    assert behind
    db.run("analyze ledger_account")  # a small table known to be small: to read all of it is cheap
    return a, b


def once(debit: int, credit: int) -> None:
    actions.transfer(key=uuid4(), debit=debit, credit=credit, amount=1, code="inherit", by=1, at=AT)


def batched(debit: int, credit: int) -> None:
    row = {"debit": debit, "credit": credit, "amount": 1, "code": "inherit"}
    actions.batch([actions.Wanted(key=uuid4(), **row)], by=1, at=AT)


@pytest.mark.parametrize("post", [once, batched])
@pytest.mark.parametrize("upwards", [True, False])
def test_who_waits_for_the_higher_number_has_the_lower_one_already(post, upwards):
    low, high = pair()
    keeper, other = Line(), Line()
    try:
        keeper.begin()
        keeper.call(lambda: db.rows(
            "select 1 from ledger_account where id = %s::bigint for no key update", (high,)
        ))  # fmt: skip
        going = other.start(lambda: post(low, high) if upwards else post(high, low))
        assert waits(going, other)
        free = db.rows(
            "select id from ledger_account where id = %s::bigint for no key update skip locked",
            (low,),
        )
        assert free == []
        keeper.end(keep=False)
        going.result(timeout=30)
    finally:
        keeper.close()
        other.close()
    assert queries.balance(low) == (9 if upwards else 11)
    assert list(queries.audit()) == []
