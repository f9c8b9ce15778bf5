"""The rules of clearing for any amounts: who is paid or carried, what adds up, what banks read."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.core.errors import BadInput
from gongzhi.mall import exchange, rules

DAY = date(2026, 11, 23)
CLAIMS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 500), st.integers(0, 5), st.booleans()),
    max_size=12,
)


def _claims(rows: list[tuple[int, int, int, bool]]) -> list[rules.Claim]:
    return [
        rules.Claim(n, holder, amount, DAY + timedelta(days=off), bank)
        for n, (holder, amount, off, bank) in enumerate(rows)
    ]


@given(CLAIMS, st.integers(0, 3000))
def test_each_holder_is_paid_whole_or_carried_and_nobody_overtakes(
    rows: list[tuple[int, int, int, bool]], fund: int
) -> None:
    claims = _claims(rows)
    nets = rules.net(claims, fund)
    assert sum(n.amount_fen for n in nets if n.paid) <= fund
    assert sorted(c for n in nets for c in n.claims) == [c.id for c in claims]
    paid = [n.paid for n in nets]
    assert paid == sorted(paid, reverse=True)
    for n in nets:
        assert n.amount_fen == sum(c.amount_fen for c in claims if c.holder == n.holder)
    oldest = [min(c.due_on for c in claims if c.holder == n.holder) for n in nets]
    assert oldest == sorted(oldest)
    carried = [n for n in nets if not n.paid]
    if carried:
        assert sum(n.amount_fen for n in nets if n.paid) + carried[0].amount_fen > fund


@given(st.integers(1, 10**9), st.lists(st.integers(-5, 10**9), max_size=6))
def test_a_split_adds_up_or_is_refused(face: int, wanted: list[int]) -> None:
    good = len(wanted) >= 2 and min(wanted) > 0 and sum(wanted) == face
    if good:
        assert rules.parts(face, wanted) == wanted
    else:
        with pytest.raises(BadInput):
            rules.parts(face, wanted)


@given(st.integers(2, 10**9), st.data())
def test_a_true_split_is_taken(face: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, face - 1))
    assert sum(rules.parts(face, [first, face - first])) == face


@given(st.integers(1, 10**9), st.integers(1, 100), st.integers(1, 1000))
def test_points_never_pay_more_than_their_share(price: int, percent: int, rate: int) -> None:
    most = rules.most_points(price, percent, rate)
    assert most * rate * 100 <= percent * price < (most + 1) * rate * 100


@given(st.integers(0, 10**12))
def test_fen_are_read_as_they_are_written(amount: int) -> None:
    assert exchange.fen(exchange.yuan(amount)) == amount


@given(st.dates(date(2020, 1, 1), date(2099, 1, 1)), st.integers(1, 12))
def test_a_term_ends_in_its_month(on: date, months: int) -> None:
    found = rules.later(on, months)
    assert (found.year * 12 + found.month) - (on.year * 12 + on.month) == months
    assert found.day <= on.day


NAME = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20
).map(str.strip).filter(bool)  # fmt: skip


@settings(max_examples=100)
@given(st.lists(st.tuples(NAME, st.integers(1, 10**9)), min_size=1, max_size=8))
def test_a_bank_reads_what_we_write_and_answers_what_we_read(rows: list[tuple[str, int]]) -> None:
    lines = [
        exchange.Instruction("1-000001", n, name, "银行", f"62284{n:05d}", amount)
        for n, (name, amount) in enumerate(rows, 1)
    ]
    body = exchange.payment_file(lines)
    assert exchange.read_payment(body) == lines
    answer = exchange.FakeBank().send("x", body)
    assert answer == exchange.FakeBank().send("x", body)
    results = exchange.read_receipt(answer)
    assert [(r.seq, r.amount_fen, r.paid) for r in results] == [
        (line.seq, line.amount_fen, True) for line in lines
    ]
