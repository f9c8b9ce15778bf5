"""What the rules and files of the mall say of cases checked by hand; without a database, at once.

`check(rules, exchange)` takes the two modules, so that a copy with a planted bug can be asked.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from gongzhi.core.errors import BadInput

DAY = date(2026, 11, 23)


def _refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except BadInput:
        return True
    return False


def share(rules: Any) -> None:
    """Points pay at most their share, to the point."""
    assert rules.most_points(5000, 30, 10) == 150
    assert rules.most_points(5000, 30, 7) == 214  # 214.28…
    assert rules.most_points(99, 30, 10) == 2
    assert rules.most_points(10, 30, 10) == 0


def fees(rules: Any) -> None:
    """Rounded down, none on what is owed back."""
    assert [rules.fee(f, 250) for f in (0, 39, 40, 1000, -1000)] == [0, 0, 1, 25, 0]


def terms(rules: Any) -> None:
    """Six months, twelve with a reason, never more (银发〔2025〕77号); a mall only below that."""
    assert rules.later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert rules.later(date(2026, 12, 1), 1) == date(2027, 1, 1)
    for days, why, wrong in ((0, "", True), (1, "", False), (181, "", False), (190, "", True),
                             (190, "合同约定", False), (365, "合同约定", False),
                             (366, "合同约定", True)):  # fmt: skip
        on = DAY + timedelta(days=days)
        assert _refused(lambda on=on, why=why: rules.due(DAY, on, 6, 12, why)) == wrong
    good = {"percent": 30, "month": 200, "code_minutes": 20, "usual_months": 6, "most_months": 12}
    rules.allowed(good)
    for worse in ({"most_months": 13}, {"percent": 0}, {"percent": 51},
                  {"usual_months": 6, "most_months": 5}):  # fmt: skip
        assert _refused(lambda worse=worse: rules.allowed(good | worse))


def stated(rules: Any) -> None:
    """The oldest rate with something to pay, and all that was undone."""
    sold = rules.Sold

    def ids(*lines: Any) -> list[int]:
        return sorted(line.id for line in rules.stated(lines))

    assert ids() == []
    assert ids(sold(1, 5, 50, 1, False), sold(2, 5, 40, 2, False)) == [1]
    assert ids(sold(2, 5, 40, 2, False), sold(1, 5, 50, 1, True), sold(3, -5, -50, 1, True)) == [
        1, 2, 3,
    ]  # fmt: skip
    assert ids(sold(1, 5, 50, 1, False), sold(3, -5, -50, 1, True)) == []
    assert ids(sold(1, 2, 20, 1, False), sold(2, 9, 72, 2, False), sold(3, -5, -50, 1, True)) == [
        2, 3,
    ]  # fmt: skip
    assert ids(sold(1, 3, 60, 2, False), sold(2, -5, -50, 1, True)) == []  # no points left
    assert ids(sold(1, 6, 30, 2, False), sold(2, -5, -50, 1, True)) == []  # no yuan left
    assert ids(sold(1, 6, 30, 2, False), sold(2, -5, -30, 1, True)) == []


def netting(rules: Any) -> None:
    """Whole or not at all, the oldest first, a bank before others, nobody overtakes."""

    def paid(left: int, *claims: tuple[int, int, int, bool]) -> list[tuple[int, int, bool]]:
        rows = [
            rules.Claim(n, holder, fen, DAY + timedelta(days=day), bank)
            for n, (holder, fen, day, bank) in enumerate(claims)
        ]
        return [(net.holder, net.amount_fen, net.paid) for net in rules.net(rows, left)]

    assert paid(100, (1, 60, 1, False), (2, 40, 2, False)) == [(1, 60, True), (2, 40, True)]
    assert paid(99, (1, 60, 1, False), (2, 40, 2, False)) == [(1, 60, True), (2, 40, False)]
    assert paid(50, (1, 60, 1, False), (2, 40, 2, False)) == [(1, 60, False), (2, 40, False)]
    assert paid(9, (1, 5, 2, False), (2, 3, 1, False), (1, 1, 0, False)) == [
        (1, 6, True), (2, 3, True),
    ]  # fmt: skip
    assert paid(10, (1, 5, 1, False), (2, 5, 1, True)) == [(2, 5, True), (1, 5, True)]
    assert paid(9, (1, 3, 1, False), (2, 9, 2, False), (3, 1, 3, False)) == [
        (1, 3, True), (2, 9, False), (3, 1, False),
    ]  # fmt: skip


def splitting(rules: Any) -> None:
    """Parts that add up exactly and are something."""
    assert rules.parts(100, [60, 40]) == [60, 40]
    for wrong in ([100], [60, 39], [60, 41], [100, 0], [101, -1], []):
        assert _refused(lambda wrong=wrong: rules.parts(100, wrong))
    assert _refused(lambda: rules.parts(21, [1] * 21))


def money(exchange: Any) -> None:
    """Fen as they are written."""
    assert [exchange.yuan(f) for f in (0, 5, 50, 12345)] == ["0.00", "0.05", "0.50", "123.45"]
    assert [exchange.fen(t) for t in ("1", "1.5", "0.05", "1,234.50")] == [100, 150, 5, 123450]
    for wrong in ("-1", "1.234", "", "1e3", "一"):
        assert _refused(lambda wrong=wrong: exchange.fen(wrong))


def files(exchange: Any) -> None:
    """What a bank reads is what was written; a receipt without its number is none."""
    lines = [exchange.Instruction("1-000001", n, "店", "农行", f"62284{n}", 1005 * n)
             for n in (1, 2)]  # fmt: skip
    body = exchange.payment_file(lines)
    assert exchange.read_payment(body) == lines
    bank = exchange.FakeBank(frozenset({"622842"}))
    answer = bank.send("x", body)
    assert bank.send("x", body) == answer
    results = exchange.read_receipt(answer)
    assert [(r.seq, r.account, r.amount_fen, r.paid) for r in results] == [
        (1, "622841", 1005, True), (2, "622842", 2010, False),
    ]  # fmt: skip
    assert not any(r.returned for r in results)
    back = exchange.read_receipt(bank.sent_back(body, "户名不符"))
    assert [(r.seq, r.amount_fen, r.paid, r.returned, r.why) for r in back] == [
        (2, 2010, False, True, "户名不符"),
    ]  # fmt: skip
    assert _refused(
        lambda: exchange.read_receipt(bank.sent_back(body).replace(back[0].reference, ""))
    )
    for wrong in (answer.replace(results[0].reference, ""), answer.replace("成功", "好"),
                  answer.replace("10.05", "10.0五"), "", answer.split("\r\n")[0]):  # fmt: skip
        assert _refused(lambda wrong=wrong: exchange.read_receipt(wrong))


OF_RULES = (share, fees, terms, stated, netting, splitting)
OF_EXCHANGE = (money, files)


def check(rules: Any, exchange: Any) -> None:
    """AssertionError where anything is not as it was worked out by hand."""
    for of_rules in OF_RULES:
        of_rules(rules)
    for of_exchange in OF_EXCHANGE:
        of_exchange(exchange)
