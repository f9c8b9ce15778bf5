"""What was taken away while people still voted shows in the votes that did not come."""

import numpy as np
import pytest

from gongzhi.deliberation.rounds.opinion import Votes, analyse, collect

Vote = tuple[int, int, int, float]  # voter, statement, vote, time


def conversation(
    seed: int, people: int = 80, asked: int = 40, away: dict[int, int] | None = None
) -> list[Vote]:
    """People come one after another and vote on half of what is open, in a random order.

    `away`: statements that are taken away when that many people have voted.
    """
    chance = np.random.default_rng(seed)
    votes: list[Vote] = []
    for who in range(people):
        shown = [s for s in range(asked) if who < (away or {}).get(s, people)]
        for what in chance.permutation(shown)[: asked // 2]:
            votes.append((who, int(what), int(chance.integers(-1, 2)), float(len(votes))))
    return votes


def held(votes: list[Vote]) -> Votes:
    who, what, marks, times = zip(*votes, strict=True)
    return collect([str(v) for v in who], [str(s) for s in what], marks, times)


def left_out(votes: Votes) -> set[str]:
    opinion = analyse(votes)
    return {name for name, idle in zip(votes.statements, opinion.idle, strict=True) if idle}


@pytest.mark.parametrize("seed", range(8))
def test_where_all_stay_open_none_is_left_out(seed: int) -> None:
    assert left_out(held(conversation(seed))) == set()


@pytest.mark.parametrize("seed", range(8))
def test_those_taken_away_are_found_and_no_others(seed: int) -> None:
    away = {3: 6, 8: 8, 21: 15, 30: 20}
    assert left_out(held(conversation(seed, away=away))) == {str(number) for number in away}


def test_one_that_came_late_is_not_one_that_went() -> None:
    votes = conversation(1)
    late = [(who, 99, 1, float(len(votes))) for who in (77, 78, 79)]
    assert left_out(held(votes + late)) == set()


def test_the_order_of_the_lines_says_nothing_where_times_are_known() -> None:
    votes = conversation(2, away={5: 10})
    by_statement = sorted(votes, key=lambda vote: vote[1])
    assert left_out(held(by_statement)) == left_out(held(votes)) == {"5"}


def test_votes_of_one_moment_prove_nothing() -> None:
    votes = [(*vote[:3], float(vote[0] // 40)) for vote in conversation(3)]
    by_statement = sorted(votes, key=lambda vote: vote[1])
    assert left_out(held(by_statement)) == set()
    same = [(*vote[:3], 7.0) for vote in votes]
    assert held(same).cast is None


def test_a_word_on_moderation_goes_before_what_the_votes_suggest() -> None:
    votes = held(conversation(4, away={5: 10}))
    opinion = analyse(votes, out={"6"})
    assert [n for n, idle in zip(votes.statements, opinion.idle, strict=True) if idle] == ["6"]
