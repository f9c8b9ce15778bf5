"""The account volunteer time comes from: many write to it at once, and every book of it holds."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from gongzhi.core import db
from gongzhi.ledger import actions as ledger
from gongzhi.ledger import export, queries
from gongzhi.ledger.points import accounts
from gongzhi.log import jobs
from gongzhi.log import queries as log
from gongzhi.log.verifier import gongzhi_verify
from ledger.test_ledger_reports import bean_check
from people import NOW, County, make_county

HANDS, EACH = 4, 6
verifier: Any = gongzhi_verify


def serve(county: County, number: int, minutes: int) -> int:
    """One confirmed hour of somebody."""
    person = (county.ah_mei, county.neighbour, county.brother)[number % 3].pk
    return accounts.serve(
        {"id": number, "person_id": person, "place_id": county.place("village").pk,
         "minutes": minutes}, by=county.holders["committee"].pk, at=NOW,
    )  # fmt: skip


def source(county: County) -> int:
    """The account the minutes come from."""
    return accounts.hours_source(county.place("village").pk, at=NOW)


def slots(account: int) -> list[int]:
    """What is in each."""
    sql = "select balance from ledger_slot where account_id = %s::bigint order by slot"
    return [int(row[0]) for row in db.rows(sql, (account,))]


@pytest.mark.django_db
def test_it_is_opened_in_slots_by_the_first_service_confirmed(county: County) -> None:
    serve(county, 1, 60)
    account = source(county)
    assert len(slots(account)) == accounts.SLOTS
    assert (queries.balance(account), sum(slots(account))) == (-60, -60)
    assert source(county) == account


@pytest.mark.django_db
def test_one_opened_before_stays_as_it_is(county: County) -> None:
    village = county.place("village").pk
    old = ledger.open_account(
        unit="hours", kind="issuance", owner_kind="place", owner_id=village, floor=None,
        place=village, at=NOW,
    )  # fmt: skip
    serve(county, 1, 60)
    assert source(county) == old
    assert (slots(old), queries.balance(old)) == ([], -60)
    assert not list(queries.audit())


@pytest.fixture
def served(transactional_db: None) -> County:
    """Twenty-four services confirmed by four people at once, one of them taken back."""
    county = make_county()

    def hand(first: int) -> list[int]:
        try:
            return [serve(county, first * EACH + n, 30 + n) for n in range(EACH)]
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as hands:
        made = [number for part in hands.map(hand, range(HANDS)) for number in part]
    accounts.reverse_hours(made[0], 0, by=county.holders["committee"].pk, at=NOW)
    return county


def test_statement_trial_balance_and_audit_of_an_account_in_slots(served: County) -> None:
    account, whole = source(served), HANDS * sum(range(30, 30 + EACH)) - 30
    assert sum(1 for balance in slots(account) if balance) > 1  # it was spread
    assert queries.balance(account) == sum(slots(account)) == -whole
    lines = queries.statement(account).lines
    assert len(lines) == HANDS * EACH + 1
    assert lines[0].balance == -whole
    assert [line.balance for line in lines] == [
        sum(other.amount for other in lines[n:]) for n in range(len(lines))
    ]
    rows: dict[str, Any] = {row["kind"]: row for row in queries.trial_balance("hours")}
    assert rows["issuance"]["balance"] == -whole == -rows["holder"]["balance"]
    assert (rows["issuance"]["came"], rows["issuance"]["went"]) == (30, whole + 30)
    assert [a["balance"] for a in queries.accounts("hours") if a["id"] == account] == [-whole]
    assert not list(queries.audit())


def test_a_slot_that_was_changed_is_found_by_its_number(served: County) -> None:
    account = source(served)
    db.run("alter table ledger_slot disable trigger user")
    db.run(
        "update ledger_slot set balance = balance - 1 where account_id = %s::bigint and slot = 3",
        (account,),
    )
    db.run("alter table ledger_slot enable trigger user")
    assert ("slot", f"account {account} slot 3 ") in [
        (fault, what[: len(f"account {account} slot 3 ")]) for fault, what in queries.audit()
    ]


def test_independent_programs_add_it_up_to_the_same(served: County, tmp_path: Path) -> None:
    text = "".join(export.beancount())
    assert f"Hours:Issuance:A{source(served)}" in text
    assert bean_check(tmp_path, text) == 0
    assert bean_check(tmp_path, text.replace(" -31 MINUTE", " -32 MINUTE", 1)) != 0
    while jobs.sequence(at=NOW):
        pass
    entries = [bytes(row[0]) for row in db.rows("select leaf from log_leaf order by index")]
    raw = log.read_tile(0, 0)
    head, _ = verifier.open_checkpoint(log.checkpoint(), verifier.parse_policy(log.policy_text()))
    hashes = [raw[n : n + 32] for n in range(0, len(raw), 32)]
    assert verifier.audit({"hashes": hashes, "head": head, "entries": entries}) == []
