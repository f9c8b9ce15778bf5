"""The one place where points touch the ledger: accounts are opened, points move. Nothing else.

Points come from the issuing account of a place into budgets, from budgets to those who earn, and
back by a reversal. There is no way from one resident to another, none to buy, none to cash.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.ledger import actions as ledger
from gongzhi.ledger import queries
from gongzhi.ledger.points.rules import code_of, last_day

SPACE = UUID("6f1c4f0e-52a1-4f0a-9f5a-4a2b9b1d5e11")
SLOTS = 16  # of an account that many write to at once
SOON = timedelta(days=60)  # what ends so soon is said in time to be used


def key(*parts: object) -> UUID:
    """The same deed, the same key: an entry is made once."""
    return uuid5(SPACE, ":".join(map(str, parts)))


def open_holder(subject: str, owner: int, place_id: int, *, at: datetime) -> int:
    """The account of a person, household, team or organisation; never below nothing."""
    return ledger.open_account(
        unit="points", kind="holder", owner_kind=subject, owner_id=owner, place=place_id, at=at
    )


def open_budget(activity_id: int, place_id: int, *, at: datetime) -> int:
    """The pre-funded account of an activity: its floor is the cap of what can be given."""
    return ledger.open_account(
        unit="points",
        kind="budget",
        owner_kind="activity",
        owner_id=activity_id,
        place=place_id,
        at=at,
    )


def issuing(place_id: int, *, at: datetime) -> int:
    """The account of a place that funds its budgets; the only one that may go below nothing."""
    return ledger.open_account(
        unit="points",
        kind="issuance",
        owner_kind="place",
        owner_id=place_id,
        floor=None,
        place=place_id,
        at=at,
    )


def hours(person_id: int, place_id: int, *, at: datetime) -> int:
    """The account of a person's volunteer minutes: another unit, never mixed with points."""
    return ledger.open_account(
        unit="hours", kind="holder", owner_kind="person", owner_id=person_id, place=place_id, at=at
    )


def hours_source(place_id: int, *, at: datetime) -> int:
    """Where the recorded minutes of a place come from.

    A whole county confirms service at once, and every minute comes out of here: so the account is
    opened in slots, that nobody waits for another. One opened before stays as it is.
    """
    owner: Any = {"unit": "hours", "kind": "issuance", "owner_kind": "place", "owner_id": place_id}
    known = ledger.account_of(**owner, place=place_id)
    if known is not None:
        return known
    return ledger.open_account(**owner, floor=None, place=place_id, slots=SLOTS, at=at)


def balance(account: int) -> int:
    """What is there now."""
    return int(queries.balance(account))


def balances(known: Sequence[int]) -> dict[int, int]:
    """What is there in each, in one statement."""
    if not known:
        return {}
    found = db.rows(
        "select id, balance from ledger_account where id = any(%s::bigint[])", (list(known),)
    )
    return dict.fromkeys(known, 0) | {int(i): int(b) for i, b in found}


def ending(known: Sequence[int]) -> list[dict[str, Any]]:
    """What is left of lots by the day they end: [{"expires_on", "amount"}], the soonest first."""
    return db.dicts(
        "select expires_on, sum(remaining)::bigint as amount from ledger_lot"
        " where account_id = any(%s::bigint[]) and remaining > 0 and expires_on is not null"
        " group by 1 order by 1 limit 20", (list(known),),
    )  # fmt: skip


def expiring(lots: Sequence[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """Those of them that end within 60 days."""
    last = at.astimezone(SHANGHAI).date() + SOON
    return [lot for lot in lots if lot["expires_on"] <= last]


def fund(
    activity: Mapping[str, Any], points: int, why: str, once: UUID, *, by: int, at: datetime
) -> None:
    """From the place's issuing account into a budget."""
    ledger.transfer(
        key=once, debit=issuing(activity["place_id"], at=at), credit=activity["account"],
        amount=points, code="fund", evidence=why, by=by, at=at,
    )  # fmt: skip


def give_back(activity: Mapping[str, Any], *, by: int, at: datetime) -> None:
    """What a closed budget did not give away."""
    left = balance(activity["account"])
    if left:
        ledger.transfer(
            key=key("close", activity["id"]), debit=activity["account"],
            credit=issuing(activity["place_id"], at=at), amount=left, code="return", by=by, at=at,
        )  # fmt: skip


def award(rows: Sequence[Mapping[str, Any]], *, by: int, at: datetime) -> list[int]:
    """One entry for each claim, from its budget, all or none; the transfers' ids in order."""
    wanted = [
        ledger.Wanted(
            key=key("claim", row["id"]), debit=row["budget"], credit=row["account"],
            amount=row["points"], code="award", evidence=f"claim:{row['id']}",
            rule=f"{code_of(row['place_code'], group=row['subject'] != 'person')}@{row['version']}",
            expires_on=last_day(at.astimezone(SHANGHAI).date(), row["lasts"], row["months"]),
        )
        for row in rows
    ]  # fmt: skip
    return [done.id for done in ledger.batch(wanted, by=by, at=at)]


def reverse(transfer: int, claim_id: int, *, by: int, at: datetime) -> None:
    """The mirror of a wrong award."""
    ledger.reverse(transfer=transfer, key=key("reverse", claim_id), by=by, at=at)


def reverse_hours(transfer: int, service_id: int, *, by: int, at: datetime) -> None:
    """The mirror of minutes that were not served."""
    ledger.reverse(transfer=transfer, key=key("unserve", service_id), by=by, at=at)


def wipe(account: int, place_id: int, holder_id: int, *, by: int, at: datetime) -> None:
    """Who leaves and wants it so has nothing left."""
    left = balance(account)
    if left:
        ledger.transfer(
            key=key("wipe", holder_id, at.isoformat()), debit=account,
            credit=issuing(place_id, at=at), amount=left, code="wipe", by=by, at=at,
        )  # fmt: skip


def serve(service: Mapping[str, Any], *, by: int, at: datetime) -> int:
    """Confirmed minutes of volunteering."""
    return ledger.transfer(
        key=key("service", service["id"]), debit=hours_source(service["place_id"], at=at),
        credit=hours(service["person_id"], service["place_id"], at=at),
        amount=service["minutes"], code="service",
        evidence=f"service:{service['id']}", by=by, at=at,
    ).id  # fmt: skip
