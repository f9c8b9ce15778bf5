"""What an allocation says to a program and to a reader: who won, who supported, who paid what.

Amounts are in fen: whole numbers, or exact fractions as text ("12345/7") where money was divided.
"""

from fractions import Fraction
from math import ceil
from typing import Any

from gongzhi.deliberation.budgets.allocation.completion import Outcome
from gongzhi.deliberation.budgets.allocation.election import Election
from gongzhi.deliberation.budgets.allocation.equal_shares import Purchase
from gongzhi.deliberation.budgets.allocation.money import FEN

Fen = int | str


def as_data(election: Election, outcome: Outcome) -> dict[str, Any]:
    """Everything about an allocation, as plain data; described in docs/explanation/budgets.md."""
    spent = outcome.cost(election)
    run = outcome.run
    return {
        "rule": outcome.rule,
        "utility": outcome.utility,
        "completion": outcome.completion,
        "voters": election.voters,
        "budget_fen": _fen(election, election.budget),
        "spent_fen": _fen(election, spent),
        "left_fen": _fen(election, election.budget - spent),
        "share_fen": _fen(election, run.share) if run else None,
        "rounds": outcome.rounds,
        "winners": [election.projects[place].id for place in outcome.winners],
        "projects": _projects(election, outcome),
    }


def _projects(election: Election, outcome: Outcome) -> list[dict[str, Any]]:
    """Winners in order, then the others by supporters."""
    counts = election.supporters()
    bought = {p.project: p for p in outcome.run.purchases()} if outcome.run else {}
    missing = outcome.run.missing() if outcome.run else {}
    won = {place: order for order, place in enumerate(outcome.winners, 1)}
    others = [place for place in range(len(counts)) if place not in won]
    others.sort(key=lambda place: (-counts[place], election.projects[place].id))
    return [
        {
            "id": election.projects[place].id,
            "name": election.projects[place].name,
            "cost_fen": _fen(election, election.projects[place].cost),
            "supporters": counts[place],
            "order": won.get(place),
            "by": _by(outcome, place, place in bought),
            "paid": _paid(election, bought[place]) if place in bought else None,
            "missing_fen": _fen(election, missing[place])
            if place in missing and place not in won
            else None,
        }
        for place in (*outcome.winners, *others)
    ]


def _by(outcome: Outcome, place: int, bought: bool) -> str | None:
    """How it won: bought with shares, filled in by greedy, or free; None for who did not."""
    if place not in outcome.winners:
        return None
    if bought:
        return "equal-shares"
    return "greedy" if outcome.rule == "greedy" or place in outcome.filled else "free"


def _paid(election: Election, purchase: Purchase) -> dict[str, Any]:
    """Who paid what: `voters` the same price each, `less` those who gave all they had left."""
    price = _in_fen(election, purchase.price)
    return {
        "voters": purchase.rich,
        "each_fen": plain(price),
        "each_fen_at_most": ceil(price),
        "less": {
            "voters": purchase.poor,
            "least_fen": _fen(election, purchase.least),
            "most_fen": _fen(election, purchase.most),
            "together_fen": _fen(election, purchase.given),
        }
        if purchase.poor
        else None,
    }


def _in_fen(election: Election, amount: Fraction | int) -> Fraction:
    return Fraction(amount) * FEN / election.per_unit


def _fen(election: Election, amount: Fraction | int) -> Fen:
    return plain(_in_fen(election, amount))


def plain(amount: Fraction) -> Fen:
    """A whole number as such, any other exactly as text."""
    return amount.numerator if amount.denominator == 1 else str(amount)
