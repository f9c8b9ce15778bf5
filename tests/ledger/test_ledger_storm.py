"""Eight clients at once, plugs pulled at random: every answer they got is in the books, once."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.ledger import actions, queries
from ledger_books import AT, open_books, points
from ledger_storm import Storm, Told

SLOTTED = 4


def accounts() -> dict[str, Any]:
    """Few accounts, so that everybody meets."""
    books = open_books(residents=4, budget=0, first=500)
    other = points("budget", "activity", 501)
    hot = points("issuance", "place", 777, floor=None, slots=SLOTTED)
    for n, budget in enumerate((books.budget, other)):
        actions.transfer(key=f"start {n}", debit=hot, credit=budget, amount=200, code="fund",
                         by=1, at=AT)  # fmt: skip
    return {"issuance": hot, "budgets": [books.budget, other], "people": books.residents,
            "shops": [books.shop, books.desk]}  # fmt: skip


def dsn() -> str:
    """Where the tests' own database is."""
    said = connection.settings_dict
    parts = {"host": said["HOST"], "port": said["PORT"], "user": said["USER"],
             "password": said["PASSWORD"], "dbname": said["NAME"]}  # fmt: skip
    return " ".join(f"{k}={v}" for k, v in parts.items() if v)


def every_answer_is_in_the_books(told: Told) -> None:
    assert told.odd == []
    entered = dict(db.rows("select key::text, amount from ledger_transfer"))
    held = dict(db.rows("select key::text, amount from ledger_hold"))
    assert {k: entered.get(k) for k in told.entered} == told.entered
    assert {k: held.get(k) for k in told.held} == told.held
    assert not [key for key in told.refused if key in entered or key in held]
    twice = db.rows("select hold_id from ledger_transfer where hold_id is not null"
                    " group by hold_id having count(*) > 1")  # fmt: skip
    assert twice == []
    leaves = db.rows(
        "select count(*) from ledger_transfer t where not exists (select 1 from log_pending p"
        " where p.kind = 'ledger.transfer' and p.subject = 'transfer:' || t.id)"
    )[0][0]
    assert leaves == 0
    assert list(queries.audit()) == []


def storm(folder: Path, seconds: float) -> tuple[Told, Storm]:
    blown = Storm(dsn(), folder, accounts(), seed=20261123)
    told = blown.blow(seconds)
    every_answer_is_in_the_books(told)
    assert len(told.entered) > 50
    assert told.refused
    assert blown.cut["connection"] > 0
    return told, blown


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nothing_told_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    storm(tmp_path, 5)


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
def test_a_minute_of_it(tmp_path: Path) -> None:
    told, blown = storm(tmp_path, 60)
    assert blown.cut["process"] > 5
    print(f"entered {len(told.entered)}, held {len(told.held)}, refused {len(told.refused)},"
          f" cut {dict(blown.cut)}")  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_who_take_two_accounts_crosswise_are_told_and_nothing_is_half() -> None:
    """Only a caller with several steps in one transaction can wait in a circle."""
    from ledger_lines import Line, waits

    a, b = accounts()["people"][:2]
    shop = points("merchant", "merchant", 500)
    books = points("budget", "activity", 500)
    for n, who in enumerate((a, b)):
        actions.transfer(key=f"give {n}", debit=books, credit=who, amount=9, code="award", by=1,
                         at=AT)  # fmt: skip

    def spend(key: str, who: int) -> object:
        try:
            return actions.transfer(key=key, debit=who, credit=shop, amount=1, code="spend", by=1,
                                    at=AT)  # fmt: skip
        except Refused as refused:
            return refused

    one, other = Line(), Line()
    try:
        one.begin()
        other.begin()
        one.call(lambda: spend("1a", a))
        other.call(lambda: actions.hold(key="2b", account=b, amount=1, by=1, at=AT,
                                        expires_at=AT.replace(year=2027)))  # fmt: skip
        first = one.start(lambda: spend("1b", b))
        assert waits(first, one)
        answers = [other.call(lambda: spend("2a", a)), first.result(timeout=30)]
        told = [answer for answer in answers if isinstance(answer, actions.Busy)]
        assert len(told) == 1
        one.end(keep=answers[1] is not told[0])
        other.end(keep=answers[0] is not told[0])
    finally:
        one.close()
        other.close()
    assert list(queries.audit()) == []
