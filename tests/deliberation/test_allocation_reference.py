"""The winners are those of pabutools, exact: on real elections and on thousands of small ones."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.deliberation.budgets.allocation import election as elections
from gongzhi.deliberation.budgets.allocation import pb
from gongzhi.deliberation.budgets.allocation.completion import Completion, allocate
from gongzhi.deliberation.budgets.allocation.election import APPROVALS, Election, Project

reference = pytest.importorskip("pabutools.election", reason="the dev dependency pabutools")
from pabutools import rules  # noqa: E402

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "pabulib"
SMALL = 40_000  # bytes
UTILITY = {"cost": reference.Cost_Sat, "cardinality": reference.Cardinality_Sat}
Names = list[str]


def _files() -> list[Path]:
    found = sorted(FOLDER.glob("*.pb")) if FOLDER.is_dir() else []
    return [path for path in found if path.stat().st_size < SMALL]


def _ours(election: Election, rule: str, completion: str, utility: str) -> Names:
    outcome = allocate(election, rule, completion, utility)  # type: ignore[arg-type]
    return [election.projects[place].id for place in outcome.winners]


def _theirs(text: str, utility: str) -> Callable[[str, str], Names]:
    instance, profile = reference.pabulib.parse_pabulib_from_string(text)
    many = profile.as_multiprofile()
    voters, sat = profile.num_ballots(), UTILITY[utility]
    steps = {"none": None, "greedy": None, "add1-unit": 1}
    if voters:
        one_percent = Fraction(str(instance.budget_limit)) / voters / 100
        steps |= {"add1": one_percent, "add1+greedy": one_percent}

    def run(rule: str, completion: str) -> Names:
        if rule == "greedy":
            won = rules.greedy_utilitarian_welfare(instance, profile, sat_class=sat)
        elif "greedy" in completion:
            step = {"sat_class": sat, "voter_budget_increment": steps[completion]}
            won = rules.completion_by_rule_combination(
                instance, many,
                [rules.method_of_equal_shares, rules.greedy_utilitarian_welfare],
                [step, {"sat_class": sat}],
            )  # fmt: skip
        else:
            won = rules.method_of_equal_shares(
                instance, many, sat_class=sat, voter_budget_increment=steps[completion]
            )
        return [project.name for project in won]

    return run


@pytest.mark.skipif(not _files(), reason=f"NO PABULIB FILES beside the project: {FOLDER}")
@pytest.mark.parametrize("path", _files(), ids=lambda path: path.stem)
def test_a_real_election_has_the_winners_of_the_reference(path: Path) -> None:
    """Every approval file under 40 kB, in the same order, for all rules and completions."""
    text = pb.decode(path.read_bytes())
    election = pb.read(text)
    if election.vote_type not in APPROVALS:
        pytest.skip(f"{election.vote_type} votes are read but not allocated")
    theirs = _theirs(text, "cost")
    assert _ours(election, "greedy", "none", "cost") == theirs("greedy", "none")
    for completion in ("none", "greedy", "add1", "add1+greedy"):
        ours = _ours(election, "equal-shares", completion, "cost")
        assert ours == theirs("equal-shares", completion), completion


AMOUNTS = st.sampled_from([100, 100, 200, 250, 333, 999, 1000, 12345])


@st.composite
def _small(draw: st.DrawFn) -> Election:
    """Few different costs and many equal ballots: ties wherever there can be any."""
    projects = draw(st.integers(1, 7))
    names = [str(number) for number in range(8, 8 + projects)]  # "10" before "8", as text
    costs = draw(st.lists(AMOUNTS, min_size=projects, max_size=projects))
    ballots = draw(st.lists(st.sets(st.sampled_from(names), max_size=4), min_size=1, max_size=12))
    budget = draw(st.integers(1, sum(costs) + 100))
    made = [Project(n, c) for n, c in zip(names, costs, strict=True)]
    return elections.of(budget, made, ballots)


def _written(election: Election) -> str:
    votes = [
        {"voter_id": n, "vote": ",".join(election.projects[p].id for p in ballot)}
        for ballot, times in zip(election.ballots, election.times, strict=True)
        for n in range(times)
    ]
    meta = {"vote_type": "approval", "budget": election.budget}
    return pb.write(meta, election.projects, votes, per_unit=1)


@settings(max_examples=150, deadline=None)
@given(_small(), st.sampled_from(["cost", "cardinality"]))
def test_ties_and_odd_amounts_are_decided_as_the_reference_decides_them(
    election: Election, utility: str
) -> None:
    theirs = _theirs(_written(election), utility)
    assert _ours(election, "greedy", "none", utility) == theirs("greedy", "none")
    for completion in ("none", "add1", "greedy", "add1+greedy"):
        ours = _ours(election, "equal-shares", completion, utility)
        assert ours == theirs("equal-shares", completion), completion


@settings(max_examples=200, deadline=None)
@given(_small(), st.sampled_from(["cost", "cardinality"]))
def test_every_winner_is_paid_for_to_the_last_part_and_nobody_pays_more_than_the_price(
    election: Election, utility: str
) -> None:
    outcome = allocate(election, "equal-shares", "add1", utility)  # type: ignore[arg-type]
    assert outcome.run is not None
    counts = election.supporters()
    assert outcome.cost(election) <= election.budget
    for paid in outcome.run.purchases():
        assert paid.rich * paid.price + paid.given == election.projects[paid.project].cost
        assert paid.rich + paid.poor <= counts[paid.project]
        assert Fraction(0) <= paid.least <= paid.most <= paid.price
        assert paid.price <= outcome.run.share


@settings(max_examples=100, deadline=None)
@given(_small())
def test_what_is_not_funded_lacks_what_is_said_to_be_missing(election: Election) -> None:
    outcome = allocate(election)
    assert outcome.run is not None
    for project, missing in outcome.run.missing().items():
        assert 0 < missing <= election.projects[project].cost


def test_one_supporter_of_a_dear_project_does_not_take_a_million_rounds() -> None:
    """While all pay full prices the rounds without change are jumped over."""
    projects = [Project("a", 100_000_000), Project("b", 10)]
    ballots = [["a"]] + [["b"]] * 999
    outcome = allocate(elections.of(100_000_100, projects, ballots), completion="add1")
    assert sorted(outcome.winners) == [0, 1]
    assert outcome.rounds < 10


def _all_different(voters: int, seed: int) -> Election:
    """No two ballots alike, supporters of very different numbers, amounts that divide badly."""
    rolls = Random(seed)
    projects = [Project(str(n), rolls.randrange(20_000, 900_000)) for n in range(12)]
    likes: set[frozenset[int]] = set()
    while len(likes) < voters:
        likes.add(frozenset(rolls.choices(range(12), range(1, 13), k=rolls.randint(1, 8))))
    ballots = [[str(n) for n in like] for like in sorted(likes, key=sorted)]
    return elections.of(sum(p.cost for p in projects) // 3, projects, ballots)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("completion", ["none", "add1"])
def test_where_no_two_ballots_are_alike_the_winners_are_those_of_the_reference(
    seed: int, completion: str
) -> None:
    election = _all_different(150, seed)
    theirs = _theirs(_written(election), "cost")
    assert _ours(election, "equal-shares", completion, "cost") == theirs("equal-shares", completion)


@pytest.mark.parametrize("completion", ["none", "add1"])
def test_everybody_voting_twice_at_twice_the_price_changes_nothing(completion: Completion) -> None:
    once = _all_different(1_500, 3)
    dear = tuple(Project(p.id, 2 * p.cost) for p in once.projects)
    twice = replace(once, budget=2 * once.budget, projects=dear, times=tuple(2 for _ in once.times))
    alone, doubled = (allocate(e, completion=completion) for e in (once, twice))
    assert alone.winners == doubled.winners
    assert alone.run is not None
    assert doubled.run is not None
    paid = [p.price for p in alone.run.purchases()]
    assert paid == [p.price for p in doubled.run.purchases()]
