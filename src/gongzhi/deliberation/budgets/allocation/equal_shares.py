"""The Method of Equal Shares: every voter owns an equal part of the money, and pays with it.

Peters, Pierczyński, Skowron, "Proportional Participatory Budgeting with Additive Utilities",
NeurIPS 2021; equalshares.net. In each step the project is bought whose supporters pay least per
unit of utility, each the same price or all he has left; equal ones by id, as text.

The winners and the prices are those of exact arithmetic. Floating point only finds out which
projects, and which voters, could possibly matter; whatever is near a tie is decided with
fractions (`exact`).
"""

from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from gongzhi.deliberation.budgets.allocation.election import Election
from gongzhi.deliberation.budgets.allocation.greedy import Utility

_SLACK = 1e-9  # relative; the arithmetic below is some ten thousand times more exact

Counts = NDArray[np.float64]
Places = NDArray[np.intp]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Purchase:
    """A project bought: each of `rich` voters pays `price`, `poor` others all they have left.

    These give between `least` and `most`, together the `given` of the cost.
    """

    project: int
    rich: int
    price: Fraction
    poor: int = 0
    least: Fraction = Fraction(0)
    most: Fraction = Fraction(0)
    given: Fraction = Fraction(0)


@dataclass(slots=True)
class _Bought:
    """A purchase as the run keeps it; its exact price is computed when somebody asks."""

    project: int
    poor: Places  # rows of ballots
    ends: Places  # of these, one with least left and one with most; none without poor
    rich: int
    full: Marks  # per row of ballots: pays the full price


@dataclass(slots=True)
class _Offer:
    """What a project would cost each supporter now; true worth lies within `low` and `high`."""

    project: int
    rows: Places  # supporters with money left
    poor: Marks  # which of `rows` pay all they have
    rich: int  # voters who pay the price
    price: float
    low: float
    high: float
    unsure: float  # voters whose money is nearer to the price than this are looked at exactly
    exact: Fraction | None = None


class Ground:
    """What all runs on an election share: who supports what, as arrays."""

    def __init__(self, election: Election, utility: Utility) -> None:
        self.election = election
        self.times: Counts = np.array(election.times, dtype=np.float64)
        self.single = bool((self.times == 1).all())  # no two ballots alike: rows are voters
        self.costs = [project.cost for project in election.projects]
        self.utilities = [cost if utility == "cost" else 1 for cost in self.costs]
        self.rows = _supporting_rows(election)
        self.counts = [int(self.times[rows].sum()) for rows in self.rows]
        supported = [place for place, count in enumerate(self.counts) if count]
        self.offered = [place for place in supported if self.costs[place]]
        # A free project gives utility only where utility is not its cost.
        self.free = [p for p in supported if not self.costs[p]] if utility != "cost" else []


def _supporting_rows(election: Election) -> list[Places]:
    """For each project the rows of the ballots that approve it."""
    sizes = [len(ballot) for ballot in election.ballots]
    approved = np.fromiter(chain.from_iterable(election.ballots), np.intp, sum(sizes))
    rows = np.repeat(np.arange(len(sizes)), sizes)
    order = np.argsort(approved, kind="stable")
    ends = np.cumsum(np.bincount(approved, minlength=len(election.projects)))
    parts: list[Places] = np.split(rows[order], ends[:-1]) if len(election.projects) else []
    return parts


class Run:
    """One run with a share for each voter, in 1/`per_unit` yuan. `winners` in order."""

    def __init__(self, ground: Ground, share: Fraction) -> None:
        self.ground, self.share = ground, share
        self.left: Counts = np.full(len(ground.times), float(share))
        self.alive = np.ones(len(ground.times), dtype=np.bool_)
        self.rows = list(ground.rows)
        self.bought: list[_Bought] = []
        self._dropped: dict[int, tuple[Places, int]] = {}
        self._asked: dict[int, float] = {}  # the price when last asked for: it only rises
        self._prices: dict[int, Fraction] = {}
        self._slack = float(share) * _SLACK
        self._buy_all()

    @property
    def winners(self) -> list[int]:
        """Places of the projects bought, in order."""
        return [bought.project for bought in self.bought]

    @property
    def somebody_poor(self) -> bool:
        """Whether anybody paid less than the price of something."""
        return any(len(bought.poor) for bought in self.bought)

    def price(self, step: int) -> Fraction:
        """The exact price each rich supporter paid in a step."""
        if step not in self._prices:
            bought = self.bought[step]
            self._prices[step] = (
                self.ground.costs[bought.project] - self._money(bought.poor, step)
            ) / bought.rich
        return self._prices[step]

    def purchases(self) -> list[Purchase]:
        """What was bought and who paid what, exactly."""
        return [self._purchase(step, bought) for step, bought in enumerate(self.bought)]

    def _purchase(self, step: int, bought: _Bought) -> Purchase:
        price, poor = self.price(step), bought.poor
        if not len(poor):
            return Purchase(bought.project, bought.rich, price)
        least, most = (self._left_of(bought.ends[[end]], step)[0][0] for end in (0, 1))
        given = self.ground.costs[bought.project] - bought.rich * price
        voters = round(self.ground.times[poor].sum())
        return Purchase(bought.project, bought.rich, price, voters, least, most, given)

    def missing(self) -> dict[int, Fraction]:
        """For each project that could not be bought, how much its supporters were short of."""
        return {
            project: self.ground.costs[project] - self._money(rows, step)
            for project, (rows, step) in self._dropped.items()
        }

    # Steps

    def _buy_all(self) -> None:
        """A heap of lower bounds: prices only rise, so an old bound is still a bound."""
        ground = self.ground
        heap = [
            (ground.costs[p] / ground.counts[p] / ground.utilities[p] * (1 - _SLACK), p)
            for p in ground.offered
        ]
        heapify(heap)
        while heap:
            best = self._cheapest(heap)
            if best is not None:
                self._buy(best)

    def _cheapest(self, heap: list[tuple[float, int]]) -> _Offer | None:
        """Take the cheapest project per utility off the heap, with its offer."""
        fresh: list[_Offer] = []
        ceiling = float("inf")
        while heap and heap[0][0] <= ceiling:
            offer = self._offer(heappop(heap)[1])
            if offer is not None:
                fresh.append(offer)
                ceiling = min(ceiling, offer.high)
        near = [offer for offer in fresh if offer.low <= ceiling]
        best = near[0] if len(near) == 1 else self._exactly_cheapest(near)
        for offer in fresh:
            if offer is not best:
                heappush(heap, (offer.low, offer.project))
        return best

    def _exactly_cheapest(self, near: list[_Offer]) -> _Offer | None:
        """By exact price per utility, then by id."""
        if not near:
            return None
        ground = self.ground

        def worth(offer: _Offer) -> tuple[Fraction, str]:
            exact = self._exact_price(offer)
            return exact / ground.utilities[offer.project], self._id(offer.project)

        return min(near, key=worth)

    def _offer(self, project: int) -> _Offer | None:
        """The price now; None, and never asked again, when the supporters cannot pay."""
        rows = self._living(project)
        left, times = self.left[rows], None if self.ground.single else self.ground.times[rows]
        cost = self.ground.costs[project]
        if not self._enough(_sum(left, times), cost, rows):
            self._dropped[project] = rows, len(self.bought)
            return None
        poor, rich, price = _poor_and_rich(left, times, cost, self._asked.get(project, 0.0))
        self._asked[project] = price
        doubt = (cost / rich + price) * _SLACK
        utility = self.ground.utilities[project]
        low, high = (price - doubt) / utility, (price + doubt) / utility
        unsure = doubt * 10 + self._slack
        return _Offer(project, rows, poor, rich, price, low, high, unsure)

    def _enough(self, money: float, cost: int, rows: Places) -> bool:
        """Whether the supporters can pay; counted exactly where it is close."""
        if abs(money - cost) > _SLACK * cost:
            return money > cost
        return self._money(rows, len(self.bought)) >= cost

    def _buy(self, offer: _Offer) -> None:
        self._settle(offer)
        poor, rich = offer.rows[offer.poor], offer.rows[~offer.poor]
        ends = poor[[self.left[poor].argmin(), self.left[poor].argmax()]] if len(poor) else poor
        full = np.zeros(len(self.left), dtype=np.bool_)
        full[rich] = True
        self.left[rich] -= offer.price
        self.left[poor] = 0.0
        self.alive[poor] = False
        self.bought.append(_Bought(offer.project, poor, ends, offer.rich, full))

    def _settle(self, offer: _Offer) -> None:
        """Move voters whose money is very near the price to the side they belong to."""
        left = self.left[offer.rows]
        near = np.abs(left - offer.price) <= offer.unsure
        if bool(near.any()):
            exact, step = self._exact_price(offer), len(self.bought)
            amounts, kind = self._left_of(offer.rows[near], step)
            offer.poor[near] = np.array([amount < exact for amount in amounts])[kind]
            offer.rich = round(self.ground.times[offer.rows[~offer.poor]].sum())
        if bool(near.any()) or self.ground.costs[offer.project] > 10 * offer.rich * self.share:
            # Little remains of a large sum: its rounding would be felt in a single purse.
            offer.price = float(self._exact_price(offer))

    # Exact arithmetic, only where it is close

    def _exact_price(self, offer: _Offer) -> Fraction:
        """The price as a fraction: voters near it are sorted by what they exactly have left."""
        if offer.exact is None:
            offer.exact = self._compute_price(offer)
        return offer.exact

    def _compute_price(self, offer: _Offer) -> Fraction:
        cost, step = self.ground.costs[offer.project], len(self.bought)
        left, times = self.left[offer.rows], self.ground.times[offer.rows]
        surely_poor = left < offer.price - offer.unsure
        near = ~surely_poor & (left <= offer.price + offer.unsure)
        paid = self._money(offer.rows[surely_poor], step)
        payers: int = round(times[~surely_poor].sum())
        for amount, voters in reversed(self._amounts(offer.rows[near], step)):
            if cost - paid <= amount * payers:
                break
            paid += amount * voters
            payers -= voters
        return (cost - paid) / payers

    def _amounts(self, rows: Places, step: int) -> tuple[tuple[Fraction, int], ...]:
        """What voters had left before a step, exactly, and how many had that much; most first."""
        if not len(rows):
            return ()
        amounts, kind = self._left_of(rows, step)
        voters = np.bincount(kind, weights=self.ground.times[rows])
        found: dict[Fraction, int] = {}
        for amount, many in zip(amounts, voters, strict=True):
            found[amount] = found.get(amount, 0) + round(many)
        return tuple(sorted(found.items(), reverse=True))

    def _left_of(self, rows: Places, step: int) -> tuple[list[Fraction], Places]:
        """The different amounts left before a step, and for each row which of them it has."""
        if not step:
            return [self.share], np.zeros(len(rows), dtype=np.intp)
        paid = np.stack([self.bought[earlier].full[rows] for earlier in range(step)], axis=1)
        marks, kind = np.unique(paid, axis=0, return_inverse=True)
        spent = [
            sum((self.price(int(n)) for n in np.flatnonzero(mark)), Fraction(0)) for mark in marks
        ]
        return [self.share - out for out in spent], kind.reshape(-1)

    def _money(self, rows: Places, step: int) -> Fraction:
        """What these voters, all with money left, had together before a step.

        Everybody began with the share and paid full prices since: so many shares, less so many
        of each price.
        """
        times = self.ground.times[rows]
        money = self.share * int(times.sum())
        for earlier in range(step):
            payers = int(times[self.bought[earlier].full[rows]].sum())
            if payers:
                money -= self.price(earlier) * payers
        return money

    def _living(self, project: int) -> Places:
        """The supporters who have money left; those without never come back."""
        rows = self.rows[project]
        alive = self.alive[rows]
        if not bool(alive.all()):
            self.rows[project] = rows = rows[alive]
        return rows

    def _id(self, project: int) -> str:
        return self.ground.election.projects[project].id


def _poor_and_rich(
    left: Counts, times: Counts | None, cost: int, price: float
) -> tuple[Marks, int, float]:
    """Who pays all he has left, how many pay the price, and the price.

    A price for all alike makes some poor; what these lack raises it for the rest, until nobody
    more is poor. `price` is one it has reached before, or 0. The supporters together have the
    money.
    """
    voters = len(left) if times is None else round(times.sum())
    price, before = max(price, cost / voters), -1
    while True:
        poor = left < price
        count = int(np.count_nonzero(poor))
        if count == len(left):  # all they have, to the last digit: the richest are the measure
            price = left.max()
            poor = left < price
            count = int(np.count_nonzero(poor))
        rich = voters - (count if times is None else round(times[poor].sum()))
        if count <= before:  # less only by a last digit, and near ones are looked at exactly
            return poor, rich, price
        before = count
        price += float(cost - _sum(np.minimum(left, price), times)) / rich


def _sum(amounts: Counts, times: Counts | None) -> float:
    """All amounts together, each so many times.

    Never by a product of the linear algebra: its threads take ten times as long for a village.
    """
    return float(amounts.sum() if times is None else np.einsum("i,i->", amounts, times))
