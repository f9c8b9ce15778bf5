"""Equal Shares alone leaves much of the money unspent: what is done about it.

The voters' shares are raised in small steps and the method is run anew, until nothing more fits
("exhaustive") or the winners would cost more than there is; then the run before counts. So does
pabutools with `voter_budget_increment`. The step of "add1" is one per cent of a share, that of
"add1-unit" one whole yuan (or other currency) for every voter. What then still fits may be filled
up by the greedy rule.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Literal

from gongzhi.deliberation.budgets.allocation import greedy
from gongzhi.deliberation.budgets.allocation.election import Election
from gongzhi.deliberation.budgets.allocation.equal_shares import Ground, Run
from gongzhi.deliberation.budgets.allocation.greedy import Utility

Rule = Literal["greedy", "equal-shares"]
Completion = Literal["none", "add1", "add1-unit", "greedy", "add1+greedy"]
RULES: tuple[Rule, ...] = ("equal-shares", "greedy")
COMPLETIONS: tuple[Completion, ...] = ("none", "add1", "add1-unit", "greedy", "add1+greedy")
UTILITIES: tuple[Utility, ...] = ("cost", "cardinality")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who won and why. `winners` are places in `election.projects`, in order.

    `filled` are the winners that greedy added after those of Equal Shares; `run` is the run of
    Equal Shares that counts, with its share and who paid what, and `rounds` how many it took.
    """

    rule: Rule
    utility: Utility
    completion: Completion
    winners: tuple[int, ...]
    filled: tuple[int, ...] = ()
    run: Run | None = None
    rounds: int = 0

    def cost(self, election: Election) -> int:
        """What the winners cost together."""
        return sum(election.projects[place].cost for place in self.winners)


def allocate(
    election: Election,
    rule: Rule = "equal-shares",
    completion: Completion = "none",
    utility: Utility = "cost",
) -> Outcome:
    """The winners by a rule. A completion is ignored by greedy, which leaves nothing that fits."""
    if rule == "greedy":
        return Outcome(rule, utility, "none", tuple(greedy.choose(election, utility)))
    if not election.voters:
        return _filled(election, Outcome(rule, utility, completion, ()))
    ground = Ground(election, utility)
    step = _step(election, completion)
    run, rounds = _raised(ground, step) if step else (_run(ground, 0, step), 1)
    winners = (*ground.free, *run.winners)
    return _filled(election, Outcome(rule, utility, completion, winners, (), run, rounds))


def _step(election: Election, completion: Completion) -> Fraction:
    if completion in {"add1", "add1+greedy"}:
        return Fraction(election.budget, election.voters) / 100
    return Fraction(election.per_unit if completion == "add1-unit" else 0)


def _run(ground: Ground, times: int, step: Fraction) -> Run:
    election = ground.election
    return Run(ground, Fraction(election.budget, election.voters) + times * step)


def _raised(ground: Ground, step: Fraction) -> tuple[Run, int]:
    """Runs with ever larger shares; the last one the money suffices for, and how many ran."""
    times, rounds = 0, 0
    kept: Run | None = None
    while True:
        run = _run(ground, times, step)
        rounds += 1
        spent = sum(ground.costs[place] for place in run.winners)
        if spent > ground.election.budget:
            assert kept is not None  # equal parts of the budget never cost more than it
            return kept, rounds
        if _exhaustive(ground, run.winners, spent):
            return run, rounds
        kept = run
        times += _until_change(ground, run, step)


def _exhaustive(ground: Ground, winners: list[int], spent: int) -> bool:
    """Whether no other supported project that costs something would still fit."""
    left, won = ground.election.budget - spent, set(winners)
    return all(ground.costs[place] > left for place in ground.offered if place not in won)


def _until_change(ground: Ground, run: Run, step: Fraction) -> int:
    """How many steps until the winners can differ.

    While everybody pays full prices these do not depend on the share; what could not be bought
    stays so until its supporters have what they lacked. Once somebody is poor: one step.
    """
    if run.somebody_poor:
        return 1
    needed = (lack / ground.counts[place] for place, lack in run.missing().items())
    return max(1, ceil(min(needed, default=Fraction(0)) / step))


def _filled(election: Election, outcome: Outcome) -> Outcome:
    """Let greedy spend what is left, if the completion says so."""
    if outcome.completion not in {"greedy", "add1+greedy"}:
        return outcome
    filled = tuple(greedy.choose(election, outcome.utility, outcome.winners))
    return replace(outcome, winners=outcome.winners + filled, filled=filled)
