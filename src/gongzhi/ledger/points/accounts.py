"""The one place where points touch the ledger: accounts are opened, points move. Nothing else.

Points come from the issuing account of a place into budgets, from budgets to those who earn, and
back by a reversal. There is no way from one resident to another, none to buy, none to cash.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from gongzhi.ledger.points.rules import code_of


class _Ledger:
    """The ledger's actions, looked up when points first move."""

    def __getattr__(self, name: str) -> Any:
        from gongzhi.ledger import actions

        return getattr(actions, name)


ledger = _Ledger()
SPACE = UUID("6f1c4f0e-52a1-4f0a-9f5a-4a2b9b1d5e11")


def key(*parts: object) -> UUID:
    """The same deed, the same key: an entry is made once."""
    return uuid5(SPACE, ":".join(map(str, parts)))


def open_holder(subject: str, owner: int, *, at: datetime) -> int:
    """The account of a person, household, team or organisation; never below nothing."""
    return ledger.open_account(
        unit="points", kind="holder", owner_kind=subject, owner_id=owner, floor=0, at=at
    )


def open_budget(activity_key: int, *, at: datetime) -> int:
    """The pre-funded account of an activity: its floor is the cap of what can be given."""
    return ledger.open_account(
        unit="points", kind="budget", owner_kind="activity", owner_id=activity_key, floor=0, at=at
    )


def issuing(place_id: int, *, at: datetime) -> int:
    """The account of a place that funds its budgets; the only one that may go below nothing."""
    return ledger.open_account(
        unit="points", kind="issuance", owner_kind="place", owner_id=place_id, floor=None, at=at
    )


def hours(person_id: int, *, at: datetime) -> int:
    """The account of a person's volunteer minutes: another unit, never mixed with points."""
    return ledger.open_account(
        unit="hours", kind="holder", owner_kind="person", owner_id=person_id, floor=0, at=at
    )


def hours_source(place_id: int, *, at: datetime) -> int:
    """Where the recorded minutes of a place come from."""
    return ledger.open_account(
        unit="hours", kind="issuance", owner_kind="place", owner_id=place_id, floor=None, at=at
    )


def balance(account: int) -> int:
    """What is there now."""
    from gongzhi.ledger import queries

    return int(queries.balance(account))


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
    """One entry for each claim, from its budget; the transfers' ids in the same order."""
    return [
        ledger.transfer(
            key=key("claim", row["id"]), debit=row["budget"], credit=row["account"],
            amount=row["points"], code="award", by=by, at=at,
            rule=f"{code_of(row['place_code'], group=row['subject'] != 'person')}@{row['version']}",
            evidence=f"claim:{row['id']}",
        ).id
        for row in rows
    ]  # fmt: skip


def reverse(transfer: int, claim_id: int, *, by: int, at: datetime) -> None:
    """The mirror of a wrong award."""
    ledger.reverse(transfer=transfer, key=key("reverse", claim_id), by=by, at=at)


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
        credit=hours(service["person_id"], at=at), amount=service["minutes"], code="service",
        evidence=f"service:{service['id']}", by=by, at=at,
    ).id  # fmt: skip
