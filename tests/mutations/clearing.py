"""What the rules of clearing say of a few plain cases: numbers anybody can check by hand."""

from datetime import date

import pytest

from gongzhi.core.errors import BadInput
from gongzhi.mall import rules

DAY = date(2026, 11, 23)


def _claim(n: int, holder: int, fen: int, day: int, *, bank: bool = False) -> rules.Claim:
    return rules.Claim(n, holder, fen, date(2026, 11, day), bank)


def test_the_last_fen_of_the_fund_is_paid_and_no_more() -> None:
    claims = [_claim(1, 1, 60, 1), _claim(2, 2, 40, 2)]
    assert [net.paid for net in rules.net(claims, 100)] == [True, True]
    assert [net.paid for net in rules.net(claims, 99)] == [True, False]


def test_whoever_has_waited_longest_is_paid_first() -> None:
    claims = [_claim(1, 1, 10, 3), _claim(2, 2, 10, 2), _claim(3, 1, 10, 1)]
    assert [net.holder for net in rules.net(claims, 100)] == [1, 2]


def test_a_bank_comes_before_others_due_that_day() -> None:
    claims = [_claim(1, 1, 10, 1), _claim(2, 2, 10, 1, bank=True)]
    assert [net.holder for net in rules.net(claims, 100)] == [2, 1]


def test_the_fee_is_rounded_down_and_a_refund_bears_none() -> None:
    assert [rules.fee(amount, 50) for amount in (199, 200, 399, 400)] == [0, 1, 1, 2]
    assert rules.fee(-10_000, 50) == 0


def test_a_term_beyond_the_most_is_refused_whatever_the_reason() -> None:
    rules.due(DAY, date(2027, 11, 23), 6, 12, "整修工程工期长")
    with pytest.raises(BadInput):
        rules.due(DAY, date(2027, 11, 24), 6, 12, "整修工程工期长")


def test_a_part_of_nothing_is_no_part() -> None:
    for wanted in ([100, 0], [50, 49], [100]):
        with pytest.raises(BadInput):
            rules.parts(100, wanted)
