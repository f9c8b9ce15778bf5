"""Any order of awards, sales, holds, reversals and expiry: plain model first, then the database.

Against the database two people write at two connections: one keeps a transaction open, the other
acts meanwhile and, when both want the same account, waits until the first commits or rolls back.
Refusals are steps too: the machine asks for what must be refused and looks that nothing changed.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gongzhi.ledger import actions, queries
from ledger_books import AT
from ledger_lines import KINDS, Books, Line, Step, agree, waits
from ledger_model import Account, Model, No, day_of

WHO = st.sampled_from(["ann", "bob"])
AMOUNT = st.integers(1, 60)
DAYS = st.sampled_from([None, 0, 1, 2, 5])
LINE = st.integers(0, 1)
ANY = st.sampled_from(sorted(KINDS.keys() - {"expired"}))
CODE = st.sampled_from(["award", "spend", "wipe", "expire", "fund"])
PICK = st.integers(0, 10**6)


class Rules(RuleBasedStateMachine):
    """The steps; what a step does and how it is judged is for those below."""

    def __init__(self) -> None:
        super().__init__()
        self.at, self.n = AT, 0
        self.last: Step | None = None
        self.starts()
        self.does(("transfer", {"key": "fund", "debit": "issuance", "credit": "budget",
                                "amount": 200, "code": "fund", "at": AT}), 0)  # fmt: skip

    def starts(self) -> None:
        """Books nobody has written in."""
        raise NotImplementedError

    def does(self, step: Step, line: int) -> None:
        """Take the step at that connection and judge what comes of it."""
        raise NotImplementedError

    @property
    def known(self) -> Model:
        """What a person who draws the next step has seen."""
        raise NotImplementedError

    def step(self, line: int, name: str, **said: Any) -> None:
        if "key" in said and said["key"] is None:
            self.n += 1
            said["key"] = f"{name} {self.n}"
        self.last = (name, said)
        self.does((name, said), line)

    def _some(self, known: dict[str, Any], pick: int) -> str:
        return sorted(known)[pick % len(known)] if known else "nothing"

    @rule(who=WHO, amount=AMOUNT, days=DAYS, line=LINE)
    def award(self, who: str, amount: int, days: int | None, line: int) -> None:
        until = None if days is None else day_of(self.at) + timedelta(days=days)
        self.step(line, "transfer", key=None, debit="budget", credit=who, amount=amount,
                  code="award", at=self.at, until=until)  # fmt: skip

    @rule(who=WHO, amount=AMOUNT, shop=st.sampled_from(["shop", "desk"]), line=LINE)
    def spend(self, who: str, amount: int, shop: str, line: int) -> None:
        self.step(line, "transfer", key=None, debit=who, credit=shop, amount=amount, code="spend",
                  at=self.at)  # fmt: skip

    @rule(debit=ANY, credit=ANY, code=CODE, line=LINE)
    def from_anybody_to_anybody(self, debit: str, credit: str, code: str, line: int) -> None:
        if debit == credit:
            return
        self.step(line, "transfer", key=None, debit=debit, credit=credit, amount=3, code=code,
                  at=self.at)  # fmt: skip

    @rule(rows=st.lists(st.tuples(WHO, st.integers(0, 80)), min_size=1, max_size=4), line=LINE)
    def batch(self, rows: list[tuple[str, int]], line: int) -> None:
        self.n += 1
        table = [(f"batch {self.n}.{i}", "budget", who, amount, "award", None)
                 for i, (who, amount) in enumerate(rows)]  # fmt: skip
        self.step(line, "batch", rows=table, at=self.at)

    @rule(who=WHO, amount=AMOUNT, minutes=st.integers(1, 3000), line=LINE)
    def hold(self, who: str, amount: int, minutes: int, line: int) -> None:
        self.step(line, "hold", key=None, account=who, credit="shop", amount=amount, code="spend",
                  at=self.at, expires=self.at + timedelta(minutes=minutes))  # fmt: skip

    @rule(pick=PICK, part=st.integers(-1, 40) | st.none(), line=LINE)
    @precondition(lambda self: self.known.holds)
    def capture(self, pick: int, part: int | None, line: int) -> None:
        self.step(line, "capture", key=None, hold=self._some(self.known.holds, pick), amount=part,
                  at=self.at)  # fmt: skip

    @rule(pick=PICK, line=LINE)
    @precondition(lambda self: self.known.holds)
    def void(self, pick: int, line: int) -> None:
        self.step(line, "void", hold=self._some(self.known.holds, pick))

    @rule(pick=PICK, part=st.integers(-1, 40) | st.none(), line=LINE)
    def reverse(self, pick: int, part: int | None, line: int) -> None:
        lines = {k: t for k, t in self.known.transfers.items() if t.code != "expire"}
        self.step(line, "reverse", key=None, transfer=self._some(lines, pick), amount=part,
                  at=self.at)  # fmt: skip

    @rule(line=LINE)
    @precondition(lambda self: self.last and "key" in self.last[1])
    def again(self, line: int) -> None:
        """The same request once more: by somebody whose answer was lost."""
        assert self.last is not None
        self.does(self.last, line)

    @rule(line=LINE)
    @precondition(lambda self: self.last and self.last[1].get("amount"))
    def a_used_key_for_something_else(self, line: int) -> None:
        assert self.last is not None
        name, said = self.last
        self.does((name, said | {"amount": said["amount"] + 1}), line)

    @rule(minutes=st.integers(1, 2 * 24 * 60))
    def time_goes_by(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)


class OnPaper(Rules):
    """The model alone: is it a ledger at all?"""

    def starts(self) -> None:
        self.model = Model({k: Account(a.kind, a.floor, a.lots) for k, a in KINDS.items()})

    @property
    def known(self) -> Model:
        return self.model

    def does(self, step: Step, line: int) -> None:
        before, refused = self.model.copy(), False
        try:
            getattr(self.model, step[0])(**step[1])
        except No:
            refused = True
        assert not refused or vars(self.model) == vars(before)

    @rule()
    def the_night(self) -> None:
        self.model.expire_holds(self.at)
        self.model.expire_day(day_of(self.at))
        assert self.model.expire_day(day_of(self.at)) == 0

    @invariant()
    def whole(self) -> None:
        self.model.check()


class AtTwoConnections(Rules):
    """The database against the model, with a transaction open beside."""

    lines: tuple[Line, Line]

    def starts(self) -> None:
        self.books = Books()
        self.open: Model | None = None  # the books as the first person sees them, not committed

    @property
    def known(self) -> Model:
        return self.open if self.open is not None else self.books.model

    def does(self, step: Step, line: int) -> None:
        if line == 0 and self.open is not None:
            agree(self.books.told(self.open, step), self.lines[0].call(self.books.send(step)), step)
        elif line == 1 and self.open is not None:
            self.meanwhile(step)
        else:
            answer = self.lines[line].call(self.books.send(step))
            agree(self.books.told(self.books.model, step), answer, step)

    def meanwhile(self, step: Step) -> None:
        """At the second connection, while the first has a transaction open."""
        assert self.open is not None
        future = self.lines[1].start(self.books.send(step))
        if waits(future, self.lines[1]):
            # It wants what the first has in hand: the first decides, then it is its turn.
            self.ends(keep=self.n % 3 > 0)
            agree(self.books.told(self.books.model, step), future.result(timeout=30), step)
        else:
            # Nothing in common: the order of the two makes no difference.
            said = self.books.told(self.books.model, step)
            agree(said, future.result(timeout=30), step)
            if not isinstance(said, No):
                self.books.told(self.open, step)

    @rule()
    @precondition(lambda self: self.open is None)
    def begins(self) -> None:
        self.lines[0].begin()
        self.open = self.books.model.copy()

    @rule(keep=st.booleans())
    @precondition(lambda self: self.open is not None)
    def ends(self, keep: bool) -> None:
        assert self.open is not None
        self.lines[0].end(keep=keep)
        if keep:
            self.books.model = self.open
        self.open = None

    @rule(line=LINE)
    @precondition(lambda self: self.open is None)
    def the_night(self, line: int) -> None:
        """Holds and points run out; what is another example's has no end."""
        self.step(line, "expire_holds", at=self.at)
        self.step(line, "expire_day", on=day_of(self.at))

    @invariant()
    def the_database_says_the_same(self) -> None:
        self.books.same(self.books.model)

    def teardown(self) -> None:
        if self.open is not None:
            self.ends(keep=False)
        self.books.same(self.books.model)
        assert list(queries.audit()) == []
        self.nothing_of_it_runs_out_later()

    def nothing_of_it_runs_out_later(self) -> None:
        """What is pending, or ages, must not end in the middle of the next example."""
        for key, hold in self.books.model.holds.items():
            if hold.state == "pending":
                actions.void(hold=self.books.keys[key], at=AT)
        while actions.expire_day(date(2027, 12, 1), at=AT + timedelta(days=400)):
            pass


def run(machine: type[RuleBasedStateMachine], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def against_the_database(examples: int, steps: int) -> None:
    class Here(AtTwoConnections):
        lines = (Line(), Line())

    try:
        run(Here, examples, steps)
    finally:
        for line in Here.lines:
            line.close()


def test_the_model_is_a_ledger() -> None:
    run(OnPaper, examples=150, steps=40)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_any_order_at_two_connections_agrees_with_the_model() -> None:
    against_the_database(examples=20, steps=30)


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
def test_any_order_at_two_connections_agrees_with_the_model_all_night() -> None:
    against_the_database(examples=300, steps=60)
