"""A small set of books for the tests: an issuance, a budget, residents, a shop."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gongzhi.ledger import actions, queries

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
