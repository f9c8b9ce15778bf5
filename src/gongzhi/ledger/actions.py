"""Every way to write the books. Who may do so is decided by the areas above that call these.

All are safe to repeat with the same key: the same request gives the same answer, another one is
KeyReused. Amounts are whole numbers of the unit's smallest part. `at` is the moment of recording.

Each is one statement: a transaction by itself, or a part of the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from gongzhi.core import db
from gongzhi.ledger import store
from gongzhi.ledger.store import Busy, HoldGone, NotLawful, NotReversible, Overdraft, RowsWrong

__all__ = [
    "Busy", "Done", "Held", "HoldGone", "NotLawful", "NotReversible", "Overdraft", "RowsWrong",
    "Wanted",
    "account_of", "batch", "capture", "expire_day", "expire_holds", "hold", "open_account",
    "reverse", "transfer", "void",
]  # fmt: skip


class Done(NamedTuple):
    """A transfer; `repeated` when this key had already made it."""

    id: int
    repeated: bool


class Held(NamedTuple):
    """A hold; `repeated` when this key had already made it."""

    id: int
    repeated: bool


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One row of a batch."""

    key: UUID | str
    debit: int
    credit: int
    amount: int
    code: str
    rule: str = ""
    evidence: str = ""
    event: str = ""
    expires_on: date | None = None
    dated: date | None = None


def open_account(
    *, unit: str, kind: str, owner_kind: str, owner_id: int, at: datetime,
    floor: int | None = 0, place: int | None = None, name: str = "", slots: int = 0,
    lots: bool | None = None,
) -> int:  # fmt: skip
    """The account of that owner, opened when there is none; its id.

    Points of holders are kept in lots, so that they can expire. `slots` > 0 for accounts without a
    floor that many write to at once. NotLawful for a kind the unit does not have.
    """
    aged = (unit, kind) == ("points", "holder") if lots is None else lots
    with store.told():
        found = db.rows(
            "select ledger_open_account(%s::bigint, %s, %s, %s, %s::bigint, %s, %s::bigint,"
            " %s::int, %s::boolean, %s::timestamptz)",
            (place, unit, kind, owner_kind, owner_id, name, floor, slots, aged, at),
        )
    return int(found[0][0])


def account_of(
    *, unit: str, kind: str, owner_kind: str, owner_id: int, place: int | None = None,
    name: str = "",
) -> int | None:  # fmt: skip
    """The account of that owner, or None."""
    found = db.rows(
        "select id from ledger_account where unit = %s and kind = %s and owner_kind = %s"
        " and owner_id = %s and place_id is not distinct from %s::bigint and name = %s",
        (unit, kind, owner_kind, owner_id, place, name),
    )
    return int(found[0][0]) if found else None


_POST = (
    "select ledger_post(%s::uuid, %s::bigint, %s::bigint, %s::bigint, %s::text, %s::bigint,"
    " %s::timestamptz, %s::text, %s::text, %s::text, %s::date, %s::date)"
)


def transfer(
    *, key: UUID | str, debit: int, credit: int, amount: int, code: str, by: int | None,
    at: datetime, rule: str = "", evidence: str = "", event: str | None = None,
    expires_on: date | None = None, dated: date | None = None,
) -> Done:  # fmt: skip
    """`amount` goes from `debit` to `credit`, with balance, lots and log in one statement.

    `rule` is "<rule>@<version>"; `event` binds transfers that belong together; `expires_on` is the
    last day of points awarded. Refused: Overdraft, KeyReused, NotLawful (rules.FLOWS), NotFound.
    """
    row = (store.as_key(key), debit, credit, amount, code, by, at, rule, evidence, event or "",
           expires_on, dated)  # fmt: skip
    with store.told():
        [(number,)] = db.rows(_POST, row)
    return Done(abs(number), number < 0)


_BATCH = """
select * from ledger_post_batch(
  (select array_agg((n - 1, key, debit, credit, amount, code, rule, evidence, event, expires,
     dated)::ledger_row order by n)
   from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[],
     %s::text[], %s::text[], %s::date[], %s::date[]) with ordinality
     as r(key, debit, credit, amount, code, rule, evidence, event, expires, dated, n)),
  %s::bigint, %s::timestamptz)
"""


def batch(rows: Sequence[Wanted], *, by: int | None, at: datetime) -> list[Done]:
    """All the transfers or none, in the order given. RowsWrong names every row that is wrong."""
    if not rows:
        return []
    table = [
        (store.as_key(r.key), r.debit, r.credit, r.amount, r.code, r.rule, r.evidence, r.event,
         r.expires_on, r.dated)
        for r in rows
    ]  # fmt: skip
    columns = [list(column) for column in zip(*table, strict=True)]
    with store.told():
        return [Done(*answer[1:]) for answer in db.rows(_BATCH, (*columns, by, at))]


def hold(
    *, key: UUID | str, account: int, amount: int, by: int | None, at: datetime,
    expires_at: datetime, credit: int | None = None, code: str = "", rule: str = "",
    evidence: str = "", event: str | None = None,
) -> Held:  # fmt: skip
    """Set `amount` aside until `expires_at`; `credit` and `code`, when named, bind the capture.

    Refused: Overdraft, KeyReused, NotLawful.
    """
    row = (store.as_key(key), account, credit, amount, code, by, at, expires_at, rule, evidence,
           event or "")  # fmt: skip
    with store.told():
        return Held(*db.rows(
            "select * from ledger_hold(%s::uuid, %s::bigint, %s::bigint, %s::bigint, %s::text,"
            " %s::bigint, %s::timestamptz, %s::timestamptz, %s::text, %s::text, %s::text)",
            row,
        )[0])  # fmt: skip


def capture(
    *, key: UUID | str, hold: int, by: int | None, at: datetime, amount: int | None = None,
    credit: int | None = None, code: str = "", evidence: str = "",
) -> Done:  # fmt: skip
    """Take what was set aside, or `amount` of it; the rest is free. HoldGone when too late."""
    row = (store.as_key(key), hold, amount, by, at, evidence, credit, code)
    with store.told():
        return Done(*db.rows(
            "select * from ledger_capture(%s::uuid, %s::bigint, %s::bigint, %s::bigint,"
            " %s::timestamptz, %s::text, %s::bigint, %s::text)",
            row,
        )[0])  # fmt: skip


def void(*, hold: int, at: datetime, by: int | None = None) -> bool:
    """Give back what was set aside; True when it already had been. HoldGone when captured."""
    with store.told():
        found = db.rows("select ledger_void(%s::bigint, %s::timestamptz)", (hold, at))
        return bool(found[0][0])


def reverse(
    *, key: UUID | str, transfer: int, by: int | None, at: datetime, amount: int | None = None,
    evidence: str = "", event: str | None = None,
) -> Done:  # fmt: skip
    """The mirror of a transfer, whole or in part, once. Points return to the lots they came from.

    Refused: NotReversible (done before, a reversal, expired), Overdraft when they are spent.
    """
    row = (store.as_key(key), transfer, amount, by, at, evidence, event or "")
    with store.told():
        return Done(*db.rows(
            "select * from ledger_reverse(%s::uuid, %s::bigint, %s::bigint, %s::bigint,"
            " %s::timestamptz, %s::text, %s::text)",
            row,
        )[0])  # fmt: skip


def expire_day(on: date, *, at: datetime, most: int = 500) -> int:
    """Take away the points whose last day was before `on`; how many accounts. Repeat until 0."""
    with store.told():
        found = db.rows(
            "select ledger_expire_day(%s::date, %s::timestamptz, %s::int)", (on, at, most)
        )
        return int(found[0][0])


def expire_holds(*, at: datetime, most: int = 500) -> int:
    """Give back holds whose time is over; how many. Repeat until 0."""
    with store.told():
        found = db.rows("select ledger_expire_holds(%s::timestamptz, %s::int)", (at, most))
        return int(found[0][0])
