"""Statements, trial balance, months, and the export that an independent program checks."""

import subprocess
import sys
from datetime import date

import pytest

from gongzhi.cli import ledger as cli
from gongzhi.ledger import actions, export, queries, rules
from ledger_books import AT, Books, open_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    made = open_books()
    for n in range(7):
        actions.transfer(key=f"a{n}", debit=made.budget, credit=made.residents[0], amount=10 + n,
                         code="award", by=1, at=AT, dated=date(2026, 11, 1 + n))  # fmt: skip
    spent = actions.transfer(key="s", debit=made.residents[0], credit=made.shop, amount=30,
                             code="spend", by=1, at=AT)  # fmt: skip
    actions.reverse(key="r", transfer=spent.id, amount=5, by=1, at=AT)
    return made


def test_a_statement_is_paged_and_every_line_has_its_balance(books):
    first = queries.statement(books.residents[0], most=4)
    second = queries.statement(books.residents[0], first.before, most=4)
    third = queries.statement(books.residents[0], second.before, most=4)
    lines = [*first.lines, *second.lines, *third.lines]
    assert [line.amount for line in lines] == [5, -30, 16, 15, 14, 13, 12, 11, 10]
    assert [line.balance for line in lines] == [66, 61, 91, 75, 60, 46, 33, 21, 10]
    assert third.before == 0
    assert lines[1].other_owner == ("merchant", 1)


def test_a_statement_is_one_question(books, django_assert_num_queries):
    with django_assert_num_queries(1):
        queries.statement(books.residents[0])


def test_a_trial_balance_makes_nothing(books):
    rows = {row["kind"]: row for row in queries.trial_balance("points")}
    assert sum(row["balance"] for row in rows.values()) == 0
    assert (rows["holder"]["came"], rows["holder"]["went"], rows["holder"]["balance"]) == (
        96, 30, 66)  # fmt: skip


def test_a_month_counts_by_code_and_shows_what_was_taken_back(books):
    rows = {row["code"]: row for row in queries.month("points", 2026, 11)}
    assert (rows["award"]["number"], rows["award"]["amount"]) == (7, 91)
    assert (rows["spend"]["amount"], rows["spend"]["reversed"]) == (30, 5)
    assert queries.month("points", 2026, 12) == []


def test_bean_check_accepts_the_export_and_refuses_a_changed_one(books, tmp_path):
    fund, outside = (
        actions.open_account(unit="cny", kind=kind, owner_kind="place", owner_id=1, floor=floor,
                             at=AT)
        for kind, floor in (("fund", 0), ("outside", None))
    )  # fmt: skip
    actions.transfer(
        key="d", debit=outside, credit=fund, amount=123456, code="deposit", by=1, at=AT
    )
    text = "".join(export.beancount())
    assert "1234.56 CNY" in text
    assert bean_check(tmp_path, text) == 0
    assert bean_check(tmp_path, text.replace("  -16 POINT", "  -17 POINT")) != 0


def bean_check(folder, text: str) -> int:
    file = folder / "books.beancount"
    file.write_text(text, encoding="utf-8")
    run = "import sys; from beancount.scripts.check import main; main()"
    return subprocess.run([sys.executable, "-c", run, str(file)], capture_output=True).returncode


def test_the_journal_for_hledger_balances_line_by_line(books):
    entries = [block for block in "".join(export.hledger()).split("\n\n") if "*" in block]
    assert len(entries) == 10
    for entry in entries:
        assert sum(int(line.split()[1]) for line in entry.splitlines()[1:3]) == 0


def test_the_command_tells_the_same(books, capsys, tmp_path):
    assert cli.main(["trial-balance", "--unit", "points"]) == 0
    assert cli.main(["statement", str(books.residents[0])]) == 0
    assert cli.main(["audit"]) == 0
    assert cli.main(["export", "--beancount", str(tmp_path / "b")]) == 0
    assert "award" in capsys.readouterr().out
    assert (tmp_path / "b").read_text(encoding="utf-8").startswith("option")


def test_amounts_are_written_as_people_read_them():
    assert [rules.written("cny", n) for n in (0, 5, -5, 123456)] == ["0.00", "0.05", "-0.05",
                                                                     "1234.56"]  # fmt: skip
    assert rules.written("points", -7) == "-7"
