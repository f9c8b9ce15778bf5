"""Everybody locks accounts in the order of their numbers, so nobody waits in a circle."""

from uuid import uuid4

import pytest

from gongzhi.core import db
from gongzhi.ledger import actions, queries
from gongzhi.ledger.actions import Done
from ledger_books import AT
from ledger_lines import Line, waits

pytestmark = pytest.mark.django_db(transaction=True)


def behind(first: int, second: int) -> bool:
    """Whether the row of the first lies behind that of the second."""
    [(so,)] = db.rows(
        "select (select ctid from ledger_account where id = %s::bigint) >"
        " (select ctid from ledger_account where id = %s::bigint)", (first, second),
    )  # fmt: skip
    return bool(so)


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
    for n in range(100):  # where a new version of a row is put depends on the room others left
        if behind(a, b):
            break
        more = actions.transfer(
            key=uuid4(), debit=paper, credit=(a, b)[n % 2], amount=1, code="opening", by=1, at=AT
        )
        actions.reverse(key=uuid4(), transfer=more.id, by=1, at=AT, evidence="-")
    assert behind(a, b)
    db.run("analyze ledger_account")  # a small table known to be small: to read all of it is cheap
    return a, b


def once(debit: int, credit: int, amount: int = 1) -> Done:
    return actions.transfer(
        key=uuid4(), debit=debit, credit=credit, amount=amount, code="inherit", by=1, at=AT
    )


def batched(debit: int, credit: int, amount: int = 1) -> Done:
    row = {"debit": debit, "credit": credit, "amount": amount, "code": "inherit"}
    [done] = actions.batch([actions.Wanted(key=uuid4(), **row)], by=1, at=AT)
    return done


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


@pytest.mark.parametrize("post", [once, batched])
def test_who_spends_what_came_while_he_waited_stands_behind_it_in_the_log(post):
    """In the order of the log no account was ever below its floor: an auditor sees no overdraft."""
    low, high = pair()
    keeper, other = Line(), Line()
    try:
        keeper.begin()
        keeper.call(lambda: db.rows(
            "select 1 from ledger_account where id = %s::bigint for no key update", (low,)
        ))  # fmt: skip
        going = other.start(lambda: post(high, low, 15))  # has 10; waits for the lower number
        assert waits(going, other)
        paper = actions.open_account(
            unit="shares", kind="opening", owner_kind="place", owner_id=900, floor=None, at=AT
        )
        came = actions.transfer(
            key=uuid4(), debit=paper, credit=high, amount=10, code="opening", by=1, at=AT
        )
        keeper.end(keep=False)
        spent = going.result(timeout=30)
    finally:
        keeper.close()
        other.close()
    order = db.rows("select subject from log_pending where kind = 'ledger.transfer' order by id")
    subjects = [subject for (subject,) in order]
    assert subjects.index(f"transfer:{came.id}") < subjects.index(f"transfer:{spent.id}")
    assert queries.balance(high) == 5
