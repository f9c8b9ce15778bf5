"""What each group says, what is said by all, and what to ask next.

The formulas are those described by Small et al., "Polis: Scaling deliberation by mapping high
dimensional opinion spaces" (2021): a share is (yes + 1) / (seen + 2): few votes prove little.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gongzhi.deliberation.rounds.opinion.votes import Bools, Floats, Ints

SURE = 1.2816  # one-sided 90 %: the test a statement must pass to be named
NAMED = 5  # statements named per group, and per side of the consensus


@dataclass(frozen=True)
class Tally:
    """Votes per statement: arrays of the same length."""

    agree: Floats
    disagree: Floats
    seen: Floats

    def share(self, *, agree: bool = True) -> Floats:
        """The share for (or against), pulled to one half by two votes of nobody."""
        return np.asarray(((self.agree if agree else self.disagree) + 1) / (self.seen + 2))


@dataclass(frozen=True)
class Named:
    """A statement by its column, the side taken, and how strongly the numbers say so."""

    column: int
    agree: bool
    share: float
    test: float
    times: float = 1.0  # how many times likelier than in the other groups
    differs: float = 0.0  # the test against the other groups


def tally(matrix: Floats, rows: Bools) -> Tally:
    """Count the votes of these voters."""
    part = matrix[rows]
    seen = (~np.isnan(part)).sum(axis=0).astype(np.float64)
    return Tally((part == 1).sum(axis=0) + 0.0, (part == -1).sum(axis=0) + 0.0, seen)


def tallies(matrix: Floats, labels: Ints) -> list[Tally]:
    """One per group; `labels` are per voter, -1 for those in none."""
    return [tally(matrix, labels == label) for label in range(int(labels.max(initial=-1)) + 1)]


def group_aware(groups: list[Tally], *, agree: bool = True) -> Floats:
    """The product of the groups' shares: high only where every group, also a small one, says so."""
    return np.asarray(np.prod([group.share(agree=agree) for group in groups], axis=0))


def proportion_test(yes: Floats, seen: Floats) -> Floats:
    """How many standard errors the share lies above one half."""
    return np.asarray(2 * np.sqrt(seen + 1) * ((yes + 1) / (seen + 1) - 0.5))


def difference_test(yes: Floats, seen: Floats, yes_out: Floats, seen_out: Floats) -> Floats:
    """How many standard errors the share here lies above that elsewhere."""
    here, there = (yes + 1) / (seen + 1), (yes_out + 1) / (seen_out + 1)
    pooled = (yes + yes_out + 2) / (seen + seen_out + 2)
    spread = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 / (seen + 1) + 1 / (seen_out + 1)))
    return np.asarray(np.where(spread > 0, (here - there) / np.where(spread > 0, spread, 1), 0.0))


def common_ground(everyone: Tally, out: Bools) -> tuple[list[Named], list[Named]]:
    """Statements most people agree with, and most reject: the surest first."""
    return _agreed(everyone, out, agree=True), _agreed(everyone, out, agree=False)


def _agreed(everyone: Tally, out: Bools, *, agree: bool) -> list[Named]:
    yes = everyone.agree if agree else everyone.disagree
    share, test = everyone.share(agree=agree), proportion_test(yes, everyone.seen)
    fits = (share > 0.5) & (test > SURE) & ~out
    order = _best_first(share * test, fits)
    return [Named(at, agree, float(share[at]), float(test[at])) for at in order[:NAMED]]


def speaks_for(groups: list[Tally], which: int, out: Bools) -> list[Named]:
    """The statements that set this group apart from the others, the clearest first.

    At least one is named, however unsure: a group nothing can be said about helps nobody.
    """
    others = [group for at, group in enumerate(groups) if at != which]
    if not others:
        return []
    sides = [_apart(groups[which], others, agree=agree) for agree in (True, False)]
    weight = [np.where(fit > 0, fit, 0.0) for fit in (_weight(*side) for side in sides)]
    agree = weight[0] >= weight[1]
    strength = np.where(agree, weight[0], weight[1])
    usable = (groups[which].seen > 0) & ~out
    sure = usable & np.where(agree, _sure(*sides[0]), _sure(*sides[1]))
    order = _best_first(strength, sure)[:NAMED] or _best_first(strength, usable)[:1]
    return [_named(at, bool(agree[at]), sides[0] if agree[at] else sides[1]) for at in order]


def _apart(
    mine: Tally, others: list[Tally], *, agree: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    """Share, its test, how many times that of the others, and the test of the difference."""
    yes = mine.agree if agree else mine.disagree
    yes_out = np.asarray(sum(other.agree if agree else other.disagree for other in others))
    seen_out = np.asarray(sum(other.seen for other in others))
    share = mine.share(agree=agree)
    times = share / ((yes_out + 1) / (seen_out + 2))
    differs = difference_test(yes, mine.seen, yes_out, seen_out)
    return share, proportion_test(yes, mine.seen), times, differs


def _weight(share: Floats, test: Floats, times: Floats, differs: Floats) -> Floats:
    both = (test > 0) & (differs > 0)
    return np.where(both, share * test * times * differs, 0.0)


def _sure(share: Floats, test: Floats, times: Floats, differs: Floats) -> Bools:
    return np.asarray((test > SURE) & (differs > SURE))


def _named(at: int, agree: bool, side: tuple[Floats, Floats, Floats, Floats]) -> Named:
    share, test, times, differs = (float(part[at]) for part in side)
    return Named(at, agree, share, test, times, differs)


def _best_first(value: Floats, fits: Bools) -> list[int]:
    """Columns that fit, the highest value first, equal ones as they were put."""
    return [int(at) for at in np.argsort(-value.round(9), kind="stable") if fits[at]]


def priorities(everyone: Tally, extremity: Floats, out: Bools) -> Floats:
    """How much a statement deserves to be shown next: unsure, telling, agreeable and new first."""
    passes = everyone.seen - everyone.agree - everyone.disagree
    known = 1 - (passes + 1) / (everyone.seen + 2)
    value = known * (extremity + 1) * everyone.share()
    new = 1 + 8 * 2.0 ** (-everyone.seen / 5)
    return np.where(out, 0.0, (value * new) ** 2)


def order_for(voter: int, priority: Floats, answered: Bools, seed: int) -> Iterator[int]:
    """The columns a voter should see next: by chance, the chance being the priority.

    The same seed gives the same order, so that a page loaded twice shows the same statement.
    """
    chance = np.random.default_rng((seed, voter))
    left = np.flatnonzero(~answered & (priority > 0))
    # exponential races: the one with the smallest time is drawn in proportion to its rate
    times = chance.exponential(size=len(priority))[left] / priority[left]
    yield from left[np.argsort(times, kind="stable")].tolist()
