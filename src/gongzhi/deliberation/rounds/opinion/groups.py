"""Who thinks alike: k-means in two steps, how many groups by silhouette, calmed over time.

Many people are first gathered into at most a hundred small clusters, then these into two to five
groups, each weighing as many as it holds: the picture stays steady while votes come in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gongzhi.deliberation.rounds.opinion.votes import Floats, Ints

BASES = 100
MOST = 5  # groups: more cannot be told apart by people
ROUNDS = 20
NO_STRUCTURE, CLEAR = 0.25, 0.5  # silhouettes as Kaufman and Rousseeuw (1990) read them
WINS = 4  # times running before another number of groups is believed


@dataclass(frozen=True)
class Grouping:
    """`labels`: a group number per point. `silhouettes`: per number of groups tried."""

    labels: Ints
    k: int
    best: int
    silhouettes: Mapping[int, float]


@dataclass(frozen=True)
class Calm:
    """What is remembered between two calculations of a running round."""

    k: int = 0
    challenger: int = 0
    wins: int = 0

    def after(self, best: int) -> "Calm":
        """A new number of groups must be the best four times running."""
        wins = self.wins + 1 if best == self.challenger else 1
        believed = best if wins >= WINS or not self.k else self.k
        return replace(self, k=believed, challenger=best, wins=wins)


def group(
    points: Floats, *, calm: Calm | None = None, k: int | None = None, before: Ints | None = None
) -> Grouping:
    """Groups of the points (n x 2). `k` is chosen by silhouette unless given or held by `calm`.

    `before` are the labels of the last calculation (-1: not known): groups start from there and
    keep their numbers.
    """
    if not len(points):
        return Grouping(np.zeros(0, dtype=np.int64), 0, 0, {})
    near, bases = means(points, np.ones(len(points)), _distinct(points, BASES))
    weight = np.bincount(near, minlength=len(bases)).astype(np.float64)
    tried: dict[int, Ints] = {1: np.zeros(len(bases), dtype=np.int64)}
    scores: dict[int, float] = {}
    for count in range(2, _most(bases) + 1):
        labels, score = _parted(bases, weight, _seeds(points, bases, count, before))
        if labels.max() + 1 == count:
            tried[count], scores[count] = labels, score
    best = max(scores, key=lambda count: (scores[count], -count), default=1)
    wanted = k or (calm.after(best).k if calm else best)
    chosen = wanted if wanted in tried else best
    return Grouping(tried[chosen][near], chosen, best, scores)


def _parted(bases: Floats, weight: Floats, seeds: Floats) -> tuple[Ints, float]:
    """Groups from these seeds, and their silhouette.

    Seeds that happen to lie together can tear a camp in two. When no structure is found and seeds
    far from each other find a clear one, those are taken.
    """
    labels, _ = means(bases, weight, seeds)
    score = silhouette(bases, labels) if labels.max() else -1.0
    if score < NO_STRUCTURE:
        other, _ = means(bases, weight, _far_apart(bases, weight, len(seeds)))
        again = silhouette(bases, other) if other.max() + 1 == len(seeds) else -1.0
        if again >= CLEAR:
            return other, again
    return labels, score


def _far_apart(bases: Floats, weight: Floats, count: int) -> Floats:
    """The base farthest from the middle, then each time the one farthest from those taken."""
    middle = np.average(bases, axis=0, weights=weight)
    taken = [bases[int(((bases - middle) ** 2).sum(axis=1).argmax())]]
    while len(taken) < count:
        near = np.min([((bases - one) ** 2).sum(axis=1) for one in taken], axis=0)
        taken.append(bases[int(near.argmax())])
    return np.array(taken)


def means(points: Floats, weight: Floats, seeds: Floats) -> tuple[Ints, Floats]:
    """Weighted k-means from given seeds; a cluster that loses all its points is dropped."""
    centres = seeds
    for _ in range(ROUNDS):
        near = _nearest(points, centres)
        kept, near = np.unique(near, return_inverse=True)
        total = np.bincount(near, weight)
        moved = np.stack([np.bincount(near, weight * axis) / total for axis in points.T], axis=1)
        if len(kept) == len(centres) and np.allclose(moved, centres, atol=1e-9):
            break
        centres = moved
    kept, near = np.unique(_nearest(points, centres), return_inverse=True)
    return near, centres[kept]


def silhouette(points: Floats, labels: Ints) -> float:
    """Mean of (nearest other group - own group) / larger, over points; a point alone counts 0."""
    apart = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    member = np.eye(int(labels.max()) + 1)[labels]
    size, here = member.sum(axis=0), np.arange(len(points))
    total = apart @ member
    own = total[here, labels] / np.maximum(size[labels] - 1, 1)
    others = total / size
    others[here, labels] = np.inf
    other = others.min(axis=1)
    larger = np.maximum(np.maximum(own, other), 1e-12)
    return float(np.where(size[labels] > 1, (other - own) / larger, 0.0).mean())


def agreement(one: Ints, other: Ints) -> float:
    """The share of pairs of people whom both groupings treat alike: together, or apart."""
    if len(one) < 2:
        return 1.0
    alike = (one[:, None] == one[None]) == (other[:, None] == other[None])
    return float((alike.sum() - len(one)) / (len(one) * (len(one) - 1)))


def _most(bases: Floats) -> int:
    return min(MOST, 2 + len(bases) // 12, len(bases))


def _nearest(points: Floats, centres: Floats) -> Ints:
    apart = np.zeros((len(points), len(centres)))
    for axis in range(points.shape[1]):
        apart += (points[:, axis, None] - centres[None, :, axis]) ** 2
    return np.asarray(apart.argmin(axis=1))


def _distinct(points: Floats, count: int) -> Floats:
    """The first `count` different points, in their order."""
    _, first = np.unique(points.round(9), axis=0, return_index=True)
    return points[np.sort(first)[:count]]


def _seeds(points: Floats, bases: Floats, count: int, before: Ints | None) -> Floats:
    """Where the groups of the last time stand now, if there were as many; else the first bases."""
    if before is not None and len(before) and before.max() + 1 == count:
        held = [points[before == label] for label in range(count)]
        if all(len(rows) for rows in held):
            return np.array([rows.mean(axis=0) for rows in held])
    return _distinct(bases, count)
