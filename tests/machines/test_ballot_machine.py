"""Any order of votes, changes, papers, conflicts and closings, against a model on one page.

The model is a dictionary of what each voter last said and by which way. Whatever is done, the
database agrees with it, what it refuses is refused, and the published board counts the same.
"""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import people
from gongzhi.core.errors import Refused
from gongzhi.deliberation.ballots import actions, queries, recount
from gongzhi.deliberation.ballots.models import Ballot, Elector
from voters import HOUR, Poll, poll, villagers

VOTERS = 5
WHO = st.integers(0, VOTERS - 1)
CHOICE = st.sampled_from(["for", "against", "abstain"])


class Votes(RuleBasedStateMachine):
    """One vote of five people."""

    county: people.County

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.said: dict[int, str] = {}  # by phone: what counts
        self.versions: dict[int, int] = {}
        self.papers: dict[str, dict[int, str]] = {"committee": {}, "supervisor": {}}
        self.by_paper: set[int] = set()
        self.aside: set[int] = set()
        self.closed = False
        self.hour = 1

    @initialize(secret=st.booleans())
    def drafted_and_opened(self, secret: bool) -> None:
        voters = villagers(self.county, VOTERS)
        self.vote_: Poll = poll(self.county, voters=voters, secret=secret).open()
        self.secret = secret

    def attempt(self, call: Any) -> Any:
        """What it gives, or the refusal; nothing of a refused step is left."""
        try:
            with transaction.atomic():
                return call()
        except Refused as refusal:
            return refusal

    @rule(who=WHO, choice=CHOICE)
    def votes(self, who: int, choice: str) -> None:
        answer = self.attempt(lambda: self.vote_.vote(who, choice))
        free = not self.closed and who not in self.aside | self.by_paper
        if free and who not in self.said:
            assert answer.version == 1
            self.said[who], self.versions[who] = choice, 1
        elif free and self.said[who] == choice:
            assert answer.repeated
        else:
            assert isinstance(answer, Refused)

    @rule(who=WHO, choice=CHOICE, behind=st.integers(0, 1))
    @precondition(lambda self: self.said)
    def changes(self, who: int, choice: str, behind: int) -> None:
        seen = self.versions.get(who, 1) - behind
        if seen < 1:
            return
        answer = self.attempt(lambda: self.vote_.vote(who, choice, seen=seen))
        if not self.closed and who in self.said and not behind:
            assert answer.version == seen + 1
            self.said[who], self.versions[who] = choice, seen + 1
        elif not self.closed and who in self.said and self.said[who] == choice:
            assert answer.repeated
        else:
            assert isinstance(answer, Refused)

    @rule(who=WHO, choice=CHOICE, role=st.sampled_from(["committee", "supervisor"]))
    @precondition(lambda self: not self.secret)
    def a_paper_is_read(self, who: int, choice: str, role: str) -> None:
        person = self.vote_.voters[who].pk
        answer = self.attempt(lambda: actions.enter_paper(
            motion_id=self.vote_.id, papers={person: [choice]},
            by=self.county.holders[role].pk, at=self.vote_.at + HOUR,
        ))  # fmt: skip
        if self.closed:
            assert isinstance(answer, Refused)
        elif who in self.said or who in self.aside:
            assert answer == {"read": [], "set_aside": [person]}
        else:
            assert answer == {"read": [person], "set_aside": []}
            self.by_paper.add(who)
            self.papers[role][who] = choice

    @rule(who=WHO)
    def stands_aside(self, who: int) -> None:
        person = self.vote_.voters[who].pk
        answer = self.attempt(lambda: actions.declare_conflict(
            motion_id=self.vote_.id, person_id=person, reason="是我家的事", by=person,
            at=self.vote_.at + HOUR,
        ))  # fmt: skip
        if self.closed or who in self.said or who in self.by_paper:
            assert isinstance(answer, Refused)
        else:
            self.aside.add(who)

    @rule(late=st.booleans())
    def closes(self, late: bool) -> None:
        after = 25 if late or self.closed else 1
        answer = self.attempt(lambda: self.vote_.close(at=self.vote_.at + after * HOUR))
        first, second = self.papers["committee"], self.papers["supervisor"]
        everybody = len(self.said) + len(self.by_paper) + len(self.aside) == VOTERS
        if not self.closed and (first != second or not (late or everybody)):
            assert isinstance(answer, Refused)
            return
        self.closed = True
        self.board_is_right(answer)

    def board_is_right(self, result: actions.Result) -> None:
        board = queries.board(self.vote_.id)
        assert recount.problems(board) == []
        assert board["root"] == result.root
        spoken = [*self.said.values(), *self.papers["committee"].values()]
        votes = board["head"]["result"]["votes"]
        assert {one: got["votes"] for one, got in votes.items()} == {
            one: spoken.count(one) for one in ("for", "against", "abstain")
        }
        there = len(self.said) + len(self.by_paper)
        quorum, majority = 2 * there > VOTERS, 2 * spoken.count("for") > there
        wanted = "no_decision" if not quorum else "pass" if majority else "fail"
        assert result.verdict == wanted
        for who, code in self.vote_.codes.items():
            if self.secret and who in self.said:
                found = recount.find(board, code)
                assert found is not None
                assert found[1]["choice"] == [self.said[who]]

    @invariant()
    def the_database_says_the_same(self) -> None:
        if not hasattr(self, "vote_"):
            return
        roll = dict(Elector.objects.filter(motion=self.vote_.id).values_list("person", "voted"))
        for who, person in enumerate(self.vote_.voters):
            way = "phone" if who in self.said else "paper" if who in self.by_paper else ""
            assert roll[person.pk] == way
        if not self.closed:
            cast = Ballot.objects.filter(motion=self.vote_.id)
            assert sorted(b.choice[0] for b in cast) == sorted(self.said.values())
            assert self.vote_.row.result is None

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)


def run(county: people.County, examples: int, steps: int) -> None:
    class Here(Votes):
        pass

    Here.county = county
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


@pytest.mark.slow
def test_votes_in_any_order_agree_with_the_model(county: people.County) -> None:
    run(county, examples=25, steps=25)


@pytest.mark.nightly
def test_votes_in_any_order_agree_with_the_model_all_night(county: people.County) -> None:
    run(county, examples=400, steps=60)


def test_a_directed_walk_through_the_machine(county: people.County) -> None:
    """Every branch once, in a known order, so that none is left to luck."""
    Votes.county = county
    walk = Votes()
    try:
        walk.drafted_and_opened(secret=False)
        walk.votes(0, "for")
        walk.votes(0, "for")
        walk.votes(0, "against")
        walk.changes(0, "abstain", 0)
        walk.changes(0, "for", 1)
        walk.a_paper_is_read(0, "for", "committee")
        walk.a_paper_is_read(1, "for", "committee")
        walk.closes(late=True)
        walk.a_paper_is_read(1, "against", "supervisor")
        walk.closes(late=True)
        walk.votes(1, "for")
        walk.stands_aside(1)
        walk.stands_aside(2)
        walk.votes(2, "for")
        walk.a_paper_is_read(2, "for", "committee")
        walk.a_paper_is_read(1, "for", "supervisor")
        walk.closes(late=False)
        assert not walk.closed
        walk.votes(3, "for")
        walk.the_database_says_the_same()
        walk.closes(late=True)
        assert walk.closed
        walk.votes(4, "for")
        walk.changes(0, "against", 0)
        walk.a_paper_is_read(4, "for", "committee")
        walk.closes(late=True)
        walk.the_database_says_the_same()
    finally:
        walk.teardown()
