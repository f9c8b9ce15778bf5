"""The one place where the mall touches the ledger: points held, captured, given back, redeemed.

Points go from a resident to a shop and from the shop back to where they were issued, when
its statement is confirmed. There is no way from one resident to another, and none into cash.
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


def outstanding(place_path: str) -> int:
    """Points given at a place and not yet redeemed: in budgets, with residents, with shops.

    What a service point took for gifts is used up: nobody is owed yuan for it.
    """
    found = db.rows(
        "select coalesce(sum(balance), 0)::bigint from ledger_account where unit = 'points' and id"
        " in (select account from points_holder where place_path like %(path)s || '%%' union all"
        "  select account from points_activity where place_path like %(path)s || '%%' union all"
        "  select s.account from mall_merchant s join mall_mall m on m.id = s.mall_id"
        "  where m.place_path like %(path)s || '%%' and s.category <> 'point')",
        {"path": place_path},
    )
    return int(found[0][0])


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
        key=key("capture", order_id), hold=held, credit=shop, code="spend",
        evidence=f"order:{order_id}", by=by, at=at,
    ).id  # fmt: skip


def void(held: int, *, by: int, at: datetime) -> None:
    """The held points are free again, in the lots they came from."""
    ledger.void(hold=held, by=by, at=at)


def give_back(order_id: int, transfer: int, *, by: int, at: datetime) -> None:
    """A sale undone: the same points to the same lots; those meanwhile expired stay expired."""
    ledger.reverse(transfer=transfer, key=key("refund", order_id), by=by, at=at)


def advance(order_id: int, shop: int, points: int, place_id: int, *, by: int, at: datetime) -> int:
    """Points lent to a shop that takes back what was settled, for the resident; the transfer."""
    return ledger.transfer(
        key=key("advance", order_id), debit=accounts.issuing(place_id, at=at), credit=shop,
        amount=points, code="advance", evidence=f"order:{order_id}", by=by, at=at,
    ).id  # fmt: skip


def netted(debt_id: int, lent: int, *, by: int | None, at: datetime) -> None:
    """The shop's new sales make up for what it was lent."""
    ledger.reverse(transfer=lent, key=key("netted", debt_id), by=by, at=at)


def redeemed(statement_id: int, shop: int, points: int, place_id: int, *, at: datetime) -> None:
    """Points of a confirmed statement go back where they were issued: yuan are owed for them."""
    ledger.transfer(
        key=key("statement", statement_id), debit=shop, credit=accounts.issuing(place_id, at=at),
        amount=points, code="redeem", evidence=f"statement:{statement_id}", by=None, at=at,
    )  # fmt: skip


# Yuan: a book of what the funder promised and owes. The money itself lies in its own bank.


def _cny(kind: str, mall_id: int, at: datetime, *, floor: int | None = 0) -> int:
    return ledger.open_account(
        unit="cny", kind=kind, owner_kind="mall", owner_id=mall_id, floor=floor, at=at
    )


def claims(organisation_id: int, at: datetime) -> int:
    """What an organisation is owed; always the sum of its open receivables."""
    return ledger.open_account(
        unit="cny", kind="claim", owner_kind="organisation", owner_id=organisation_id, at=at
    )


def pledged(pledge_id: int, mall_id: int, amount: int, *, by: int, at: datetime) -> None:
    """The funder stands for more."""
    ledger.transfer(
        key=key("pledge", pledge_id), debit=_cny("outside", mall_id, at, floor=None),
        credit=_cny("fund", mall_id, at), amount=amount, code="deposit",
        evidence=f"pledge:{pledge_id}", by=by, at=at,
    )  # fmt: skip


def owed(receivable_id: int, mall_id: int, holder: int, fen: int, *, by: int, at: datetime) -> None:
    """The funder has confirmed a claim."""
    ledger.transfer(
        key=key("claim", receivable_id), debit=_cny("owed", mall_id, at, floor=None),
        credit=claims(holder, at), amount=fen, code="claim",
        evidence=f"receivable:{receivable_id}", by=by, at=at,
    )  # fmt: skip


def assigned(made: int, giver: int, taker: int, fen: int, *, by: int, at: datetime) -> None:
    """A claim changed hands."""
    ledger.transfer(
        key=key("assignment", made), debit=claims(giver, at), credit=claims(taker, at), amount=fen,
        code="assign", evidence=f"assignment:{made}", by=by, at=at,
    )  # fmt: skip


def paid(
    line_id: int, mall_id: int, holder: int, fen: int, *, by: int | None, at: datetime
) -> None:
    """The bank has paid a holder: the claim is gone and so is as much of the fund."""
    event = f"batchline:{line_id}"
    ledger.transfer(
        key=key("settle", line_id), debit=claims(holder, at),
        credit=_cny("owed", mall_id, at, floor=None), amount=fen, code="settle", event=event,
        by=by, at=at,
    )  # fmt: skip
    ledger.transfer(
        key=key("pay", line_id), debit=_cny("fund", mall_id, at),
        credit=_cny("outside", mall_id, at, floor=None), amount=fen, code="pay", event=event,
        by=by, at=at,
    )  # fmt: skip


def returned(line_id: int, *, by: int | None, at: datetime) -> None:
    """The bank has sent a payment back: the mirror of `paid`, the claim and the fund as before."""
    for name in ("settle", "pay"):
        made = db.rows("select id from ledger_transfer where key = %s", (key(name, line_id),))
        ledger.reverse(
            transfer=made[0][0], key=key(f"{name}-returned", line_id), by=by, at=at,
            event=f"batchline:{line_id}:returned",
        )  # fmt: skip


def repaid(debt_id: int, mall_id: int, fen: int, *, by: int, at: datetime) -> None:
    """A shop has paid the funder back what it had been paid for goods that came back."""
    ledger.transfer(
        key=key("repaid", debt_id), debit=_cny("outside", mall_id, at, floor=None),
        credit=_cny("fund", mall_id, at), amount=fen, code="deposit", evidence=f"debt:{debt_id}",
        by=by, at=at,
    )  # fmt: skip
