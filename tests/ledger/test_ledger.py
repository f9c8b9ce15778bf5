"""The books: what moves, what is refused, and what is never there twice."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.db import connection

from gongzhi.core import db
from gongzhi.core.errors import BadInput, KeyReused, NotFound
from gongzhi.ledger import actions, rules
from gongzhi.ledger.models import Kind, Unit
from gongzhi.log import jobs, leaves
from gongzhi.log import queries as log
from ledger_books import AT, Books, award, open_books, points, refused, spend, whole

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def books() -> Books:
    return open_books()


def test_an_award_takes_from_the_budget_and_gives_to_the_resident(books):
    award(books, 0, 10, "a")
    assert books.balances() == [990, 10, 0, 0, 0]
    whole()


def test_the_same_key_gives_the_same_answer_and_moves_nothing_again(books):
    first = award(books, 0, 10, "a")
    again = actions.transfer(
        key="a", debit=books.budget, credit=books.residents[0], amount=10, code="award", by=8,
        at=AT + DAY, rule="points-1@1",
    )  # fmt: skip
    assert again == (first, True)
    assert books.balances()[1] == 10


def test_a_transfer_stands_in_the_log_with_the_bytes_that_were_promised(books):
    number = award(books, 0, 10, "a")
    promised = log.entry("ledger.transfer", f"transfer:{number}")
    while jobs.sequence(at=AT):
        pass
    assert not db.rows("select from log_waiting")
    assert log.entry("ledger.transfer", f"transfer:{number}") == promised
    assert leaves.decode(promised).fields["amount"] == 10


@pytest.mark.parametrize("changed", [{"amount": 11}, {"evidence": "other"}, {"event": "e"},
                                     {"rule": "points-1@2"},
                                     {"expires_on": date(2027, 1, 1)}])  # fmt: skip
def test_a_reused_key_with_other_content_is_refused(books, changed):
    award(books, 0, 10, "a")
    asked = {"key": "a", "debit": books.budget, "credit": books.residents[0], "amount": 10,
             "code": "award", "by": 7, "at": AT, "rule": "points-1@1"} | changed  # fmt: skip
    refused(KeyReused, actions.transfer, **asked)
    assert books.balances()[1] == 10


def test_nobody_spends_more_than_there_is(books):
    award(books, 0, 10, "a")
    refused(actions.Overdraft, spend, books, 0, 11, "b")
    spend(books, 0, 10, "c")
    refused(actions.Overdraft, spend, books, 0, 1, "d")
    assert books.balances() == [990, 0, 0, 0, 10]
    whole()


def test_a_budget_is_a_cap(books):
    refused(actions.Overdraft, award, books, 0, 1001, "a")
    award(books, 0, 1000, "b")
    refused(actions.Overdraft, award, books, 1, 1, "c")


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_and_less_are_refused(books, amount):
    refused(BadInput, award, books, 0, amount, "a")


def test_an_account_that_is_not_there_is_told(books):
    refused(NotFound, actions.transfer, key="x", debit=books.budget, credit=10**9, amount=1,
            code="award", by=7, at=AT)  # fmt: skip


def test_points_do_not_go_from_one_resident_to_another(books):
    award(books, 0, 10, "a")
    one, other = books.residents[:2]
    for code in ("spend", "award", "sale", "inherit", "opening"):
        refused(actions.NotLawful, actions.transfer, key=f"p2p{code}", debit=one, credit=other,
                amount=1, code=code, by=7, at=AT)  # fmt: skip


def test_nobody_pays_himself_though_such_accounts_may_pay_each_other():
    who = actions.open_account(unit="shares", kind="holder", owner_kind="person", owner_id=1, at=AT)
    paper = actions.open_account(
        unit="shares", kind="opening", owner_kind="place", owner_id=1, floor=None, at=AT
    )
    actions.transfer(key="o", debit=paper, credit=who, amount=5, code="opening", by=1, at=AT)
    refused(actions.NotLawful, actions.transfer, key="i", debit=who, credit=who, amount=5,
            code="inherit", by=1, at=AT)  # fmt: skip
    whole()


def test_points_hours_and_money_never_meet(books):
    hours = actions.open_account(
        unit="hours", kind="holder", owner_kind="person", owner_id=1, at=AT
    )
    fund = actions.open_account(unit="cny", kind="fund", owner_kind="place", owner_id=1, at=AT)
    for n, credit in enumerate((hours, fund)):
        for code in ("award", "spend", "service", "deposit"):
            refused(actions.NotLawful, actions.transfer, key=f"{n}{code}", debit=books.budget,
                    credit=credit, amount=1, code=code, by=7, at=AT)  # fmt: skip


def test_no_flow_of_points_is_a_gift_a_purchase_or_cash():
    flows = {flow for flow in rules.FLOWS if flow[0] == "points"}
    assert not [f for f in flows if f[2] == f[3] == "holder"]
    assert {f[2] for f in flows if f[3] == "holder"} == {"budget", "opening"}
    assert not [f for f in flows if {"outside", "fund", "claim", "owed", "fee"} & {*f[2:]}]


def test_the_database_knows_the_same_flows():
    codes = {flow[1] for flow in rules.FLOWS}
    every = [*product(Unit.values, codes, Kind.values, Kind.values)]
    with connection.cursor() as cursor:
        cursor.execute(
            "select unit, code, d, c from unnest(%s::text[]) unit, unnest(%s::text[]) code,"
            " unnest(%s::text[]) d, unnest(%s::text[]) c where ledger_lawful(unit, code, d, c)",
            [Unit.values, sorted(codes), Kind.values, Kind.values],
        )
        assert set(cursor.fetchall()) == {one for one in every if rules.lawful(*one)}


@pytest.mark.parametrize(("unit", "kind", "floor"), [
    ("points", "fund", 0), ("points", "outside", None), ("hours", "merchant", 0),
    ("cny", "holder", 0), ("shares", "merchant", 0), ("points", "holder", None),
    ("points", "budget", None), ("points", "merchant", -5), ("cny", "claim", None)])  # fmt: skip
def test_accounts_that_must_not_be_are_not_opened(unit, kind, floor):
    refused(actions.NotLawful, actions.open_account, unit=unit, kind=kind, owner_kind="person",
            owner_id=1, floor=floor, at=AT)  # fmt: skip


def test_an_account_is_opened_once(books):
    assert points("budget", "activity", 1) == books.budget
    found = actions.account_of(unit="points", kind="budget", owner_kind="activity", owner_id=1)
    assert found == books.budget
    refused(KeyReused, points, "issuance", "place", 1, floor=None, slots=4)
