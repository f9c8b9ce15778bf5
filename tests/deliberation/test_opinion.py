"""Opinion groups: what must hold for any votes, and for the odd ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.deliberation.opinion_data import labels, rand

from gongzhi.deliberation.rounds.opinion import Calm, Opinion, analyse, collect, consensus, groups
from gongzhi.deliberation.rounds.opinion.shape import plain

Vote = tuple[str, str, int]


def opinion(votes: list[Vote], **how: object) -> Opinion:
    who, what, marks = zip(*votes, strict=True) if votes else ((), (), ())
    return analyse(collect(list(who), list(what), list(marks)), out=set(), **how)  # type: ignore[arg-type]


def camps(*sizes: int, asked: int = 12, seed: int = 3, noise: float = 0.05) -> list[Vote]:
    """People of several camps: each camp has its own answers, a few answers are slips."""
    chance = np.random.default_rng(seed)
    answers = chance.choice([-1, 1], size=(len(sizes), asked))
    answers[1] = -answers[0]
    votes, number = [], 0
    for camp, size in enumerate(sizes):
        for _ in range(size):
            slip = chance.random(asked) < noise
            for statement in range(asked):
                mark = int(answers[camp, statement] * (-1 if slip[statement] else 1))
                votes.append((str(number), str(statement), mark))
            number += 1
    chance.shuffle(votes)  # type: ignore[arg-type]
    return votes


def test_camps_are_found_however_the_votes_are_ordered() -> None:
    truth = {str(n): 0 if n < 30 else 1 for n in range(50)}
    votes = camps(30, 20)
    for seed in range(5):
        np.random.default_rng(seed).shuffle(votes)  # type: ignore[arg-type]
        found = opinion(votes)
        assert found.grouping.k == 2
        assert found.sizes == [30, 20]
        assert rand(labels(found), truth) == 1


def test_half_of_the_people_see_the_same_groups() -> None:
    votes = camps(60, 40)
    whole = labels(opinion(votes))
    half = labels(opinion([vote for vote in votes if int(vote[0]) % 2]))
    assert rand(half, whole) >= 0.95
    assert rand(whole, {str(n): int(n >= 60) for n in range(100)}) >= 0.95


def test_the_last_vote_counts_by_time_and_without_times_by_line() -> None:
    who, what, marks = ["a", "a", "b"], ["1", "1", "1"], [1, -1, 0]
    late = collect(who, what, marks, [2.0, 1.0, 3.0])
    assert late.matrix.tolist() == [[1.0], [0.0]]
    assert late.changed == 1
    assert collect(who, what, marks).matrix.tolist() == [[-1.0], [0.0]]


@pytest.mark.parametrize(
    ("votes", "k"),
    [
        ([], 0),
        ([("a", "1", 1)], 1),
        ([("a", "1", 1), ("b", "1", -1)], 2),
        ([("a", "1", 1), ("b", "1", 1)], 1),
        ([(str(v), str(s), 0) for v in range(20) for s in range(9)], 1),
        ([(str(v), str(s), 1) for v in range(20) for s in range(9)], 1),
        ([(str(v), "1", (-1) ** v) for v in range(40)], 2),
    ],
    ids=["nobody", "one", "two apart", "two alike", "all pass", "all agree", "one statement"],
)
def test_odd_conversations_have_a_clear_picture(votes: list[Vote], k: int) -> None:
    found = opinion(votes)
    assert found.grouping.k == k
    assert sum(found.sizes) == int(found.votes.came_in.sum())
    assert np.isfinite(found.points).all()
    told = plain(found)
    assert told["k"] == k


cells = st.sampled_from([-1, 0, 1, None])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8).flatmap(lambda n: st.lists(st.lists(cells, min_size=n, max_size=n))))
def test_any_matrix_can_be_pictured(rows: list[list[int | None]]) -> None:
    votes = [
        (str(v), str(s), mark)
        for v, row in enumerate(rows)
        for s, mark in enumerate(row)
        if mark is not None
    ]
    found = opinion(votes)
    assert np.isfinite(found.points).all()
    assert set(found.labels.tolist()) <= set(range(found.grouping.k)) | {-1}
    assert all(size > 0 for size in found.sizes)
    assert ((found.group_aware >= 0) & (found.group_aware <= 1)).all()


def test_a_person_with_six_votes_waits_when_enough_others_have_seven() -> None:
    votes = [(str(v), str(s), 1 if (v + s) % 2 else -1) for v in range(20) for s in range(9)]
    few = [("99", str(s), 1) for s in range(6)]
    found = opinion(votes + few)
    assert "99" not in labels(found)
    assert len(labels(found)) == 20
    assert found.everyone.seen.max() == 21  # though not grouped, every vote is counted


def test_who_came_in_early_stays_in() -> None:
    first = [(str(v), "1") for v in range(3)]
    later = [(str(v), str(s)) for v in range(100, 140) for s in range(9)]
    pairs = first + later
    votes = collect(
        [v for v, _ in pairs], [s for _, s in pairs], [1] * len(pairs), list(range(len(pairs)))
    )
    inside = {v for v, is_in in zip(votes.voters, votes.came_in, strict=True) if is_in}
    assert {"0", "1", "2"} <= inside


def test_a_statement_moderated_away_moves_nobody_and_is_named_nowhere() -> None:
    votes = camps(30, 20)
    who, what, marks = zip(*votes, strict=True)
    held = collect(list(who), list(what), list(marks))
    found = analyse(held, out={"0"})
    column = held.statements.index("0")
    assert (np.abs(found.points).sum(axis=1) > 0).all()
    named = [*found.agreed, *found.rejected, *(n for apart in found.apart for n in apart)]
    assert column not in {n.column for n in named}
    assert np.isnan(found.bridge[column])
    assert found.priority[column] == 0
    assert plain(found)["moderated_out"] == ["0"]


def test_common_ground_is_what_every_group_says() -> None:
    votes = camps(40, 15)
    votes += [(str(v), "50", 1) for v in range(55)]  # all agree
    votes += [(str(v), "51", 1 if v < 40 else -1) for v in range(55)]  # the many against the few
    found = opinion(votes)
    names = found.votes.statements
    assert names[int(np.argmax(found.group_aware))] == "50"
    assert names[int(np.nanargmax(found.bridge))] == "50"
    assert names[found.agreed[0].column] == "50"
    assert found.group_aware[names.index("51")] < 0.1


def test_every_group_is_told_by_what_it_alone_says() -> None:
    votes = camps(30, 20)
    votes += [(str(v), "60", 1 if v < 30 else -1) for v in range(50)]
    found = opinion(votes)
    column = found.votes.statements.index("60")
    sides = [{n.column: n.agree for n in apart} for apart in found.apart]
    assert sides[0].get(column) is True
    assert sides[1].get(column) is False


def test_a_new_number_of_groups_must_win_four_times_running() -> None:
    calm = Calm()
    seen = []
    for best in (2, 3, 3, 2, 3, 3, 3, 3, 2):
        calm = calm.after(best)
        seen.append(calm.k)
    assert seen == [2, 2, 2, 2, 2, 2, 2, 3, 3]


def test_groups_keep_their_numbers_from_one_calculation_to_the_next() -> None:
    votes = camps(30, 20)
    before = labels(opinion(votes))
    turned = {voter: 1 - label for voter, label in before.items()}
    assert labels(opinion(votes, before=turned)) == turned


def test_what_is_new_and_unsure_comes_first_and_what_is_answered_not_again() -> None:
    seen = np.array([0.0, 200.0, 200.0])
    tally = consensus.Tally(seen * 0.5, seen * 0.1, seen)
    priority = consensus.priorities(tally, np.ones(3), np.array([False, False, True]))
    assert priority[0] > priority[1] > priority[2] == 0
    answered = np.zeros(3, dtype=np.bool_)
    drawn = [next(consensus.order_for(v, priority, answered, 7)) for v in range(200)]
    assert drawn.count(0) > drawn.count(1)
    assert 2 not in drawn
    answered[0] = True
    assert list(consensus.order_for(5, priority, answered, 7)) == [1]


def test_silhouette_is_one_for_points_on_top_of_each_other_and_far_apart() -> None:
    points = np.array([[0.0, 0], [0, 0], [9, 9], [9, 9]])
    assert groups.silhouette(points, np.array([0, 0, 1, 1])) == pytest.approx(1)
    assert groups.silhouette(points, np.array([0, 1, 0, 1])) < 0
