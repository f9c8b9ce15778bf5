"""The one place where the mall touches the ledger: points held, captured, given back, redeemed.

Points go from a resident to a shop and from the shop back to where they were issued, when its
statement is confirmed. There is no way from one resident to another, and none into cash.
"""

from datetime import datetime
from uuid import UUID, uuid5

from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.ledger import actions as ledger
from gongzhi.ledger import queries
from gongzhi.ledger.points import accounts

SPACE = UUID("0d2be1a4-8e0f-4b60-9d0c-6d1f2c1a7c42")


def key(*parts: object) -> UUID:
    """The same deed, the same key: an entry is made once."""
    return uuid5(SPACE, ":".join(map(str, parts)))


def of_person(person_id: int) -> int | None:
    """The points account of somebody who takes part; None where he does not."""
    found = db.rows(
        "select account from points_holder where person_id = %s::bigint and left_at is null",
        (person_id,),
    )
    return int(found[0][0]) if found else None


def must_have(person_id: int) -> int:
    """His account; Refused with what to do."""
    account = of_person(person_id)
    if account is None:
        raise Refused("您还没有参加积分。", todo="先在“积分”页面报名参加，再来使用。")
    return account


def open_merchant(merchant_id: int, *, at: datetime) -> int:
    """Where a shop's captured points wait for its statement."""
    return ledger.open_account(
        unit="points", kind="merchant", owner_kind="merchant", owner_id=merchant_id, floor=0, at=at
    )


def spendable(account: int) -> int:
    """Points not held for something else."""
    return queries.available(account)


def outstanding(place_id: int, *, at: datetime) -> int:
    """Points issued at a place and not yet redeemed: in budgets, with residents, with shops."""
    return -queries.balance(accounts.issuing(place_id, at=at))


def hold(
    order_id: int, account: int, points: int, until: datetime, *, by: int, at: datetime
) -> int:
    """Points set aside for an order until its code ends; Refused where there are too few."""
    return ledger.hold(
        key=key("hold", order_id), account=account, amount=points, expires_at=until, by=by, at=at
    ).id


def capture(order_id: int, held: int, shop: int, *, by: int, at: datetime) -> int:
    """The held points go to the shop; the transfer's id."""
    return ledger.capture(
        key=key("capture", order_id), hold=held, credit=shop, code="sale",
        evidence=f"order:{order_id}", by=by, at=at,
    ).id  # fmt: skip


def void(held: int, *, by: int, at: datetime) -> None:
    """The held points are free again, in the lots they came from."""
    ledger.void(hold=held, by=by, at=at)


def give_back(order_id: int, transfer: int, *, by: int, at: datetime) -> None:
    """A sale undone: the same points to the same lots; those meanwhile expired stay expired."""
    ledger.reverse(transfer=transfer, key=key("refund", order_id), by=by, at=at)


def redeemed(
    statement_id: int, shop: int, place_id: int, points: int, *, by: int, at: datetime
) -> None:
    """Points of a confirmed statement are no longer outstanding: yuan are owed for them now."""
    ledger.transfer(
        key=key("statement", statement_id), debit=shop, credit=accounts.issuing(place_id, at=at),
        amount=points, code="redeem", evidence=f"statement:{statement_id}", by=by, at=at,
    )  # fmt: skip
