"""What a rule needs to know: the money, the projects with their costs, the ballots merged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from gongzhi.deliberation.budgets.allocation.money import FEN

VoteType = Literal["approval", "choose-1", "cumulative", "scoring", "ordinal"]
VOTE_TYPES: tuple[VoteType, ...] = ("approval", "choose-1", "cumulative", "scoring", "ordinal")
APPROVALS: tuple[VoteType, ...] = ("approval", "choose-1")


@dataclass(frozen=True, slots=True)
class Project:
    """One project: `id` breaks ties, `cost` in 1/`per_unit` yuan, `more` are other columns."""

    id: str
    cost: int
    name: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Election:
    """A budget to divide. Ballots that are alike are one row of `ballots`, counted in `times`.

    `budget` is in 1/`per_unit` yuan: fen, unless a file writes finer amounts. A ballot is the
    places of the approved projects in `projects`; for votes by points or order `points` has a
    row beside each ballot (an order has none). An empty ballot is a voter like any other.
    """

    budget: int
    projects: tuple[Project, ...]
    ballots: tuple[tuple[int, ...], ...]
    times: tuple[int, ...]
    vote_type: VoteType = "approval"
    points: tuple[tuple[Fraction, ...], ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    per_unit: int = FEN

    @property
    def voters(self) -> int:
        """How many ballots were cast."""
        return sum(self.times)

    def supporters(self) -> list[int]:
        """How many approve of each project."""
        counts = [0] * len(self.projects)
        for ballot, times in zip(self.ballots, self.times, strict=True):
            for project in ballot:
                counts[project] += times
        return counts


def of(budget: int, projects: Iterable[Project], ballots: Iterable[Iterable[str]]) -> Election:
    """An election from ballots that name project ids, one per voter; KeyError for an unknown id."""
    listed = tuple(projects)
    place = {project.id: index for index, project in enumerate(listed)}
    merged: dict[tuple[int, ...], int] = {}
    for ballot in ballots:
        approved = tuple(sorted({place[name] for name in ballot}))
        merged[approved] = merged.get(approved, 0) + 1
    return Election(budget, listed, tuple(merged), tuple(merged.values()))
