"""The books as plain text for beancount and hledger: independent programs add them up again."""

from collections.abc import Iterator

from gongzhi.core import db
from gongzhi.ledger import rules

_TOP = {"budget": "Assets", "fund": "Assets", "claim": "Liabilities", "owed": "Assets",
        "holder": "Liabilities", "merchant": "Liabilities", "desk": "Liabilities",
        "issuance": "Equity", "opening": "Equity", "outside": "Equity", "expired": "Equity",
        "used": "Equity", "fee": "Income"}  # fmt: skip
_CHUNK = 5_000


def name_of(unit: str, kind: str, account: int) -> str:
    """The account's name in the export: no person is named, only the number of the account."""
    return f"{_TOP[kind]}:{unit.title()}:{kind.title()}:A{account}"


def beancount() -> Iterator[str]:
    """Lines `bean-check` accepts: accounts, transfers, and every balance asserted at the end."""
    yield 'option "title" "Gongzhi"\n'
    for unit, scale in rules.UNITS.items():
        yield f'1970-01-01 commodity {scale.sign}\n  name: "{unit}"\n'
    for account, unit, kind, _balance in _accounts():
        yield f"1970-01-01 open {name_of(unit, kind, account)} {rules.UNITS[unit].sign}\n"
    last = "1970-01-01"
    for row in _transfers():
        day, number, code, rule, unit, amount, debit, debit_kind, credit, credit_kind = row
        last = max(last, day)
        value, sign = rules.written(unit, amount), rules.UNITS[unit].sign
        yield (
            f'{day} * "{code}" "{number} {_plain(rule)}"\n'
            f"  {name_of(unit, debit_kind, debit)}  -{value} {sign}\n"
            f"  {name_of(unit, credit_kind, credit)}  {value} {sign}\n"
        )
    for account, unit, kind, balance in _accounts():
        value, sign = rules.written(unit, balance), rules.UNITS[unit].sign
        yield f"{_next(last)} balance {name_of(unit, kind, account)}  {value} {sign}\n"


def hledger() -> Iterator[str]:
    """A journal of the same transfers; an assertion of its new balance closes each account."""
    for scale in rules.UNITS.values():
        yield f"commodity {'1.' if not scale.places else '1.00'} {scale.sign}\n"
    for day, number, code, rule, unit, amount, debit, dk, credit, ck in _transfers():
        value, sign = rules.written(unit, amount), rules.UNITS[unit].sign
        yield (
            f"\n{day} * ({number}) {code}  ; {_plain(rule)}\n"
            f"    {name_of(unit, dk, debit)}  -{value} {sign}\n"
            f"    {name_of(unit, ck, credit)}  {value} {sign}\n"
        )


def _plain(text: str) -> str:
    return text.replace("\\", "/").replace('"', "'")


def _next(day: str) -> str:
    from datetime import date, timedelta

    return str(date.fromisoformat(day) + timedelta(days=1))


def _accounts() -> list[tuple[int, str, str, int]]:
    return [
        (int(row[0]), str(row[1]), str(row[2]), int(row[3]))
        for row in db.rows(
            "select a.id, a.unit, a.kind, a.balance + coalesce((select sum(balance)"
            " from ledger_slot s where s.account_id = a.id), 0) from ledger_account a order by a.id"
        )
    ]


def _transfers() -> Iterator[tuple[str, int, str, str, str, int, int, str, int, str]]:
    after = 0
    while True:
        found = db.rows(
            "select t.dated::text, t.id, t.code, t.rule, t.unit, t.amount, d.id, d.kind, c.id,"
            " c.kind from ledger_transfer t join ledger_account d on d.id = t.debit_id"
            " join ledger_account c on c.id = t.credit_id where t.id > %s order by t.id limit %s",
            (after, _CHUNK),
        )
        yield from found
        if len(found) < _CHUNK:
            return
        after = found[-1][1]
