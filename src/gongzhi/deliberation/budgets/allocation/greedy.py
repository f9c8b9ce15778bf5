"""The most approved first, whatever does not fit is passed over."""

from collections.abc import Collection
from fractions import Fraction
from typing import Literal

from gongzhi.deliberation.budgets.allocation.election import Election

Utility = Literal["cost", "cardinality"]


def choose(
    election: Election, utility: Utility = "cost", before: Collection[int] = ()
) -> list[int]:
    """Places of the winners in the order they were chosen; `before` are funded already.

    With the utility "cost" the order is by supporters, with "cardinality" by supporters per yuan;
    equal ones by id, as text. A project nobody approves comes last and is still funded when it
    fits: so does pabutools' `greedy_utilitarian_welfare`, the reference for this rule.
    """
    counts, projects = election.supporters(), election.projects
    taken = set(before)

    def worth(place: int) -> Fraction | float:
        cost = projects[place].cost
        if utility == "cost":
            return counts[place] if cost else 0
        if not cost:
            return float("inf") if counts[place] else 0
        return Fraction(counts[place], cost)

    left = election.budget - sum(projects[place].cost for place in taken)
    order = [place for place in range(len(projects)) if place not in taken]
    order.sort(key=lambda place: (-worth(place), projects[place].id))
    chosen = []
    for place in order:
        if projects[place].cost <= left:
            chosen.append(place)
            left -= projects[place].cost
    return chosen
