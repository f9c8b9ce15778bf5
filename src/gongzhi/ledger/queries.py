"""Reading the books: balances, statements, trial balance, months, the nightly audit."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotFound

PAGE = 50


class Standing(NamedTuple):
    """An account on a day: `available` is neither held nor past its day."""

    balance: int
    held: int
    available: int
    next_expiry: date | None
    next_amount: int


class Line(NamedTuple):
    """A transfer seen from one account: `amount` is negative when it went out."""

    id: int
    at: datetime
    dated: date
    code: str
    amount: int
    balance: int
    other: int
    other_kind: str
    other_owner: tuple[str, int]
    rule: str
    evidence: str
    event: str
    reverses: int | None
    expires_on: date | None


class Statement(NamedTuple):
    """A page of an account's transfers, newest first; `before` opens the next page, 0: no more."""

    lines: list[Line]
    before: int


_BALANCE = """
select a.balance + coalesce((select sum(balance) from ledger_slot s where s.account_id = a.id), 0)
from ledger_account a where a.id = %s
"""


def balance(account: int) -> int:
    """What is there now, held amounts included. NotFound without such an account."""
    found = db.rows(_BALANCE, (account,))
    if not found:
        raise NotFound
    return int(found[0][0])


def standing(account: int, *, on: date) -> Standing:
    """Balance, held, what can be used on that day, and what ends next."""
    found = db.rows(
        "select a.balance + coalesce((select sum(s.balance) from ledger_slot s"
        "   where s.account_id = a.id), 0)::bigint, a.held, a.lots,"
        "  coalesce((select sum(remaining) from ledger_lot l where l.account_id = a.id"
        "   and (expires_on is null or expires_on >= %(on)s::date)), 0)::bigint,"
        "  n.expires_on, n.amount from ledger_account a left join lateral ("
        "   select expires_on, sum(remaining)::bigint as amount from ledger_lot l"
        "   where l.account_id = a.id and remaining > 0 and expires_on >= %(on)s::date"
        "   group by expires_on order by expires_on limit 1) n on true"
        " where a.id = %(account)s",
        {"account": account, "on": on},
    )
    if not found:
        raise NotFound
    total, held, lots, usable, next_on, next_amount = found[0]
    free = usable if lots else total - held
    return Standing(int(total), held, int(free), next_on, next_amount or 0)


def available(account: int) -> int:
    """What is not held. Lots past their day are taken away at night; `standing` knows the day."""
    found = db.rows(_AVAILABLE, (account,))
    if not found:
        raise NotFound
    return int(found[0][0])


_AVAILABLE = _BALANCE.replace("select a.balance +", "select a.balance - a.held +")
_STATEMENT = """
with page as (
  select t.*, case when t.credit_id = %(account)s then t.amount else -t.amount end as moved,
    case when t.credit_id = %(account)s then t.debit_id else t.credit_id end as other
  from ledger_transfer t
  where t.id in (
    (select id from ledger_transfer where debit_id = %(account)s and id < %(before)s
      order by id desc limit %(most)s)
    union all
    (select id from ledger_transfer where credit_id = %(account)s and id < %(before)s
      order by id desc limit %(most)s))
  order by t.id desc limit %(most)s),
start as (
  select (select coalesce(sum(amount), 0) from ledger_transfer
      where credit_id = %(account)s and id < %(before)s)
    - (select coalesce(sum(amount), 0) from ledger_transfer
      where debit_id = %(account)s and id < %(before)s) as balance)
select p.id, p.at, p.dated, p.code, p.moved,
  (start.balance - coalesce(sum(p.moved) over (order by p.id desc rows between unbounded preceding
    and 1 preceding), 0))::bigint,
  p.other, a.kind, a.owner_kind, a.owner_id, p.rule, p.evidence, p.event, p.reverses_id,
  p.expires_on
from page p cross join start join ledger_account a on a.id = p.other order by p.id desc
"""


def statement(account: int, page: int = 0, *, most: int = PAGE) -> Statement:
    """Transfers of an account, newest first, each with the balance after it.

    `page` is 0 or the `before` of the page just read.
    """
    found = db.rows(_STATEMENT, {"account": account, "before": page or 2**62, "most": most + 1})
    lines = [Line._make((*row[:8], (row[8], row[9]), *row[10:])) for row in found[:most]]
    return Statement(lines, lines[-1].id if len(found) > most else 0)


def sides(transfer: int) -> tuple[int, int] | None:
    """(debited, credited) account of a transfer; None if there is none."""
    found = db.rows(
        "select debit_id, credit_id from ledger_transfer where id = %s::bigint", (transfer,)
    )
    return (int(found[0][0]), int(found[0][1])) if found else None


def accounts(unit: str, *, place: int | None = None, most: int = 10_000) -> list[dict[str, Any]]:
    """Accounts of a unit with their balances, of one place or of all."""
    return db.dicts(
        "select a.id, a.kind, a.owner_kind, a.owner_id, a.name, a.place_id, a.held, a.opened_at,"
        " (a.balance + coalesce((select sum(balance) from ledger_slot s where s.account_id = a.id),"
        " 0))::bigint as balance from ledger_account a where a.unit = %(unit)s"
        " and (%(place)s::bigint is null or a.place_id = %(place)s) order by a.id limit %(most)s",
        {"unit": unit, "place": place, "most": most},
    )


def trial_balance(unit: str, *, place: int | None = None) -> list[dict[str, Any]]:
    """For each kind of account: number, what came in, what went out, balance.

    Over all places the balances make 0; of one place only if nobody there deals with others.
    """
    return db.dicts(
        "with known as (select id, kind, (balance + coalesce((select sum(s.balance)"
        "   from ledger_slot s where s.account_id = x.id), 0))::bigint as balance"
        "  from ledger_account x where unit = %(unit)s"
        "   and (%(place)s::bigint is null or place_id = %(place)s)),"
        " moved as ("
        "  select d.kind, 0 as came, t.amount as went from ledger_transfer t"
        "   join known d on d.id = t.debit_id"
        "  union all select c.kind, t.amount, 0 from ledger_transfer t"
        "   join known c on c.id = t.credit_id)"
        " select a.kind, a.accounts, coalesce(m.came, 0)::bigint as came,"
        "  coalesce(m.went, 0)::bigint as went, a.balance::bigint as balance from ("
        "   select kind, count(*) as accounts, sum(balance) as balance from known group by kind) a"
        " left join (select kind, sum(came) as came, sum(went) as went from moved group by kind) m"
        "  on m.kind = a.kind order by a.kind",
        {"unit": unit, "place": place},
    )


def month(unit: str, year: int, month: int, *, place: int | None = None) -> list[dict[str, Any]]:
    """Totals of a calendar month (Asia/Shanghai) by code: number of transfers and their sum.

    A reversal counts under the code of what it reverses, as a number and a sum taken back. Of a
    place: what left an account of it, or came back to one.
    """
    start = datetime(year, month, 1, tzinfo=SHANGHAI)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=SHANGHAI)
    return db.dicts(
        "select coalesce(o.code, t.code) as code,"
        " count(*) filter (where o.id is null) as number,"
        " coalesce(sum(t.amount) filter (where o.id is null), 0)::bigint as amount,"
        " count(*) filter (where o.id is not null) as reversed_number,"
        " coalesce(sum(t.amount) filter (where o.id is not null), 0)::bigint as reversed"
        " from ledger_transfer t left join ledger_transfer o on o.id = t.reverses_id"
        " join ledger_account a on a.id = coalesce(o.debit_id, t.debit_id)"
        " where t.unit = %(unit)s and t.at >= %(start)s::timestamptz"
        " and t.at < %(end)s::timestamptz"
        " and (%(place)s::bigint is null or a.place_id = %(place)s) group by 1 order by 1",
        {"unit": unit, "start": start, "end": end, "place": place},
    )


def outstanding(place: int | None = None) -> int:
    """Points that may still be spent or are waiting to be cleared: what a pool must cover."""
    found = db.rows(
        "select coalesce(sum(balance), 0)::bigint from ledger_account where unit = 'points'"
        " and kind in ('holder', 'merchant', 'desk', 'budget')"
        " and (%(place)s::bigint is null or place_id = %(place)s)",
        {"place": place},
    )
    return int(found[0][0])


def audit() -> Iterator[tuple[str, str]]:
    """What is wrong with the books, replayed from the transfers: (kind of fault, sentence)."""
    yield from db.rows("select fault, what from ledger_audit()")
