"""A small set of books for the tests: an issuance, a budget, residents, a shop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from gongzhi.core.errors import Refused
from gongzhi.ledger import actions, queries
from gongzhi.ledger.models import Lot

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class Books:
    """Account numbers."""

    issuance: int
    budget: int
    residents: list[int]
    shop: int
    desk: int

    def balances(self) -> list[int]:
        """Of the budget, the residents, the shop."""
        return [queries.balance(one) for one in (self.budget, *self.residents, self.shop)]


def points(kind: str, owner_kind: str, owner: int, **more: object) -> int:
    """A points account."""
    return actions.open_account(
        unit="points", kind=kind, owner_kind=owner_kind, owner_id=owner, at=AT, **more
    )  # type: ignore[arg-type]


def open_books(residents: int = 3, budget: int = 1000, first: int = 1) -> Books:
    """Books with a funded budget."""
    made = Books(
        points("issuance", "place", first, floor=None),
        points("budget", "activity", first),
        [points("holder", "person", first + n) for n in range(residents)],
        points("merchant", "merchant", first),
        points("desk", "place", first),
    )
    if budget:
        actions.transfer(
            key=f"fund:{first}", debit=made.issuance, credit=made.budget, amount=budget,
            code="fund", by=None, at=AT,
        )  # fmt: skip
    return made


def award(books: Books, who: int, amount: int, key: str, until: date | None = None) -> int:
    """Points for a resident; the transfer's id."""
    return actions.transfer(
        key=key, debit=books.budget, credit=books.residents[who], amount=amount, code="award",
        by=7, at=AT, rule="points-1@1", expires_on=until,
    ).id  # fmt: skip


def spend(books: Books, who: int, amount: int, key: str, at: datetime = AT) -> int:
    """Points of a resident at the shop; the transfer's id."""
    return actions.transfer(
        key=key, debit=books.residents[who], credit=books.shop, amount=amount, code="spend",
        by=7, at=at,
    ).id  # fmt: skip


def hold(books: Books, who: int, amount: int, key: str, minutes: int = 10) -> int:
    """Points of a resident set aside for the shop; the hold's id."""
    return actions.hold(
        key=key, account=books.residents[who], credit=books.shop, amount=amount, code="spend",
        by=7, at=AT, expires_at=AT + timedelta(minutes=minutes),
    ).id  # fmt: skip


def refused(wanted: type[Refused], /, call: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """The refusal of a call that must be refused."""
    with pytest.raises(wanted) as told, transaction.atomic():
        call(*args, **more)
    return told.value


def whole() -> None:
    """Nothing is wrong, deferred rules included."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; set constraints all deferred")
    assert list(queries.audit()) == []


def lots(account: int) -> list[tuple[int, date | None]]:
    """What is left in the lots of an account, oldest first, each with its last day."""
    left = Lot.objects.filter(account=account, remaining__gt=0).order_by("id")
    return list(left.values_list("remaining", "expires_on"))
