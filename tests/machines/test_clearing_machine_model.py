"""The machine of orders and clearing against the plain model alone: quick, and thousands of ways.

The same steps then drive the database in `test_clearing_machine_database.py`.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from machines import clearing_steps as steps
from machines.clearing_model import Model
from machines.clearing_parts import No, Op


class Clearing(RuleBasedStateMachine):
    """Any step at any time, lawful or not; and whole ways from a sale to the bank."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(pledged=2500)
        self.labels = steps.labels()

    def do(self, op: Op) -> bool:
        """Whether it was done."""
        try:
            self.model.apply(op)
        except No:
            return False
        return True

    @rule(data=st.data())
    def anything(self, data: Any) -> None:
        self.do(data.draw(steps.any_step(self.model, self.labels)))

    @rule(data=st.data())
    def a_whole_way(self, data: Any) -> None:
        for op in steps.way(self.model, self.labels, data.draw):
            self.do(op)

    @precondition(lambda self: self.model.claims)
    @rule(data=st.data())
    def what_was_paid_comes_back(self, data: Any) -> None:
        self.model.wait(31)
        for op in steps.back(self.model, data.draw):
            self.do(op)

    @precondition(lambda self: self.model.claims)
    @rule(data=st.data())
    def what_must_be_refused_is(self, data: Any) -> None:
        for op in steps.forbidden(self.model, self.labels):
            assert not self.do(op), op

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.model.wait(days)

    @invariant()
    def it_is_sound(self) -> None:
        self.model.sound()

    @precondition(lambda self: self.model.batches)
    @rule()
    def run_twice_nothing_is_paid(self) -> None:
        before = self.model.paid
        self.do(("receipt", ()))
        once = self.model.paid
        self.do(("receipt", ()))
        assert self.model.paid == once
        assert once - before in {
            0, sum(row[1] for row in self.model.batches[-1] if row[2] == "paid")
        }  # fmt: skip


TestClearing = Clearing.TestCase
TestClearing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
