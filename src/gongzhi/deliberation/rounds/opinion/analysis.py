"""From votes to a picture of opinions: groups, common ground, what divides, what bridges."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from gongzhi.deliberation.rounds.opinion import bridging, consensus, groups, shown, space
from gongzhi.deliberation.rounds.opinion.consensus import Named, Tally
from gongzhi.deliberation.rounds.opinion.votes import Bools, Floats, Ints, Votes

SEEN_BY = 5  # the smallest number of people anything is said about


@dataclass(frozen=True)
class Opinion:
    """All that was calculated. Arrays run over `votes.voters` or `votes.statements`."""

    votes: Votes
    out: Bools
    idle: Bools  # placed nobody: `out`, or what took its place when nobody told
    points: Floats  # voters x 2
    labels: Ints  # group per voter, -1 for those not in the picture
    grouping: groups.Grouping
    everyone: Tally  # also of those with too few votes for a group
    by_group: list[Tally]
    agreed: list[Named]
    rejected: list[Named]
    apart: list[list[Named]]  # per group
    group_aware: Floats
    group_aware_against: Floats
    bridge: Floats
    priority: Floats

    @property
    def sizes(self) -> list[int]:
        """People per group."""
        return [int((self.labels == at).sum()) for at in range(self.grouping.k)]


def analyse(
    votes: Votes,
    *,
    out: Collection[str] | None = None,
    k: int | None = None,
    calm: groups.Calm | None = None,
    before: dict[str, int] | None = None,
) -> Opinion:
    """The picture of one conversation.

    `out`: statements moderated away; None when nobody knows, then it is told from the times of the
    votes (`shown`), and without times statements hardly anybody saw place nobody. `k`: a fixed
    number of groups. `calm` and `before` (voter to group): what a running round remembers of its
    last calculation.
    """
    gone = frozenset(out or ())
    away = np.array([name in gone for name in votes.statements], dtype=np.bool_)
    idle = _unknown(votes) if out is None else away
    here = space.place(votes.matrix, idle)
    inside = votes.came_in
    last = None
    if before:
        last = np.array(
            [before.get(v, -1) for v, is_in in zip(votes.voters, inside, strict=True) if is_in],
            dtype=np.int64,
        )
    grouping = groups.group(here.points[inside], calm=calm, k=k, before=last)
    labels = np.full(len(votes.voters), -1, dtype=np.int64)
    labels[inside] = _by_size(grouping.labels) if last is None else grouping.labels
    everyone = consensus.tally(votes.matrix, np.ones(len(inside), dtype=np.bool_))
    grouped = consensus.tally(votes.matrix, inside)
    by_group = consensus.tallies(votes.matrix, labels)
    agreed, rejected = consensus.common_ground(everyone, away)
    return Opinion(
        votes=votes,
        out=away,
        idle=idle,
        points=here.points,
        labels=labels,
        grouping=grouping,
        everyone=everyone,
        by_group=by_group,
        agreed=agreed,
        rejected=rejected,
        apart=[consensus.speaks_for(by_group, at, away) for at in range(len(by_group))],
        group_aware=consensus.group_aware(by_group),
        group_aware_against=consensus.group_aware(by_group, agree=False),
        bridge=bridging.score(np.where(away, np.nan, votes.matrix), inside),
        priority=consensus.priorities(grouped, space.extremity(here), away),
    )


def _unknown(votes: Votes) -> Bools:
    """What places nobody when nobody told what was moderated away."""
    if votes.cast is None:
        return _unseen(votes.matrix)
    return shown.taken_away(votes.cast, votes.matrix)


def _unseen(matrix: Floats) -> Bools:
    """Statements fewer than five people saw, or than one in five where people are few."""
    seen = (~np.isnan(matrix)).sum(axis=0)
    return np.asarray(seen < min(SEEN_BY, len(matrix) / 5))


def _by_size(labels: Ints) -> Ints:
    """Group 0 is the largest; of equal ones the one with the earlier voter."""
    if not len(labels):
        return labels
    size = np.bincount(labels)
    first = np.array([np.argmax(labels == at) for at in range(len(size))])
    rank = np.empty(len(size), dtype=np.int64)
    rank[np.lexsort((first, -size))] = np.arange(len(size))
    return np.asarray(rank[labels])
