"""The machine of orders and clearing on the real tables, with two connections at once.

Alone, a step does what the plain model does. Two at once, in a drawn order of commits, come to
what one after the other would have come to, either way round; whoever is forgotten leaves nothing.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gongzhi.core import db
from gongzhi.mall import exchange, queries
from machines import clearing_doings as doings
from machines import clearing_hands as hands
from machines import clearing_steps as steps
from machines.clearing_model import Model
from machines.clearing_parts import No, Op
from machines.clearing_seen import seen
from machines.clearing_world import found
from people import County

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PLEDGED = 2500


class Clearing(RuleBasedStateMachine):
    """Steps alone and in twos."""

    county: County

    def __init__(self) -> None:
        super().__init__()
        self.model, self.labels = Model(pledged=PLEDGED), steps.labels()
        self.world = found(self.county, pledge=PLEDGED)
        self.hands = (hands.Hand(), hands.Hand())

    def do(self, op: Op) -> bool:
        """One step by itself; whether it was done."""
        refused, result = doings.step(self.world, op)
        try:
            self.model.apply(op)
        except No:
            assert refused, op
            return False
        assert not refused, op
        doings.named(self.world, op, result)
        return True

    @rule(data=st.data())
    def one(self, data: Any) -> None:
        self.do(data.draw(steps.any_step(self.model, self.labels)))

    @rule(data=st.data())
    def a_whole_way(self, data: Any) -> None:
        for op in steps.way(self.model, self.labels, data.draw):
            self.do(op)

    @rule(data=st.data(), other_way=st.booleans(), keep=st.sampled_from([True, True, True, False]))
    def two(self, data: Any, other_way: bool, keep: bool) -> None:
        first = data.draw(steps.any_step(self.model, self.labels))
        again = st.just(first) if first[0] not in NAMED else steps.any_step(self.model, self.labels)
        second = data.draw(st.one_of(again, steps.any_step(self.model, self.labels)))
        refused = hands.together(
            self.world, self.hands, first, second, other_way=other_way, keep=keep
        )
        self.do_quietly(("expire",))
        ways = [self.model.after(first, second, ("expire",)),
                self.model.after(second, first, ("expire",))]  # fmt: skip
        if refused is None:
            ways = [self.model.after(second, ("expire",))]
        shown = seen(self.world)
        for n, (model, told) in enumerate(ways):
            said = told[:-1][:: -1 if n else 1]
            if model.view() == shown and (refused is None or said == refused):
                self.model = model
                return
        raise AssertionError((first, second, refused, [w[1] for w in ways], shown,
                              [w[0].view() for w in ways]))  # fmt: skip

    def do_quietly(self, op: Op) -> None:
        """Done to the database alone."""
        assert not doings.step(self.world, op)[0]

    @precondition(lambda self: self.model.claims)
    @rule(data=st.data())
    def what_was_paid_comes_back(self, data: Any) -> None:
        self.model.wait(31)
        self.world.days += 31
        for op in steps.back(self.model, data.draw):
            self.do(op)

    @precondition(lambda self: self.model.claims)
    @rule()
    def what_must_be_refused_is(self) -> None:
        for op in steps.forbidden(self.model, self.labels):
            assert not self.do(op), op

    @rule(days=st.sampled_from([1, 2, 31]))
    def days_pass(self, days: int) -> None:
        self.model.wait(days)
        self.world.days += days

    @invariant()
    def the_tables_show_what_the_model_says(self) -> None:
        assert seen(self.world) == self.model.view()
        self.model.sound()

    @invariant()
    def the_money_is_right(self) -> None:
        mall = self.world.mall
        assert queries.audit(mall) == []
        pledged, paid = db.rows(
            "select pledged_fen + repaid_fen, paid_fen from mall_mall where id = %s::bigint",
            (mall,),
        )[0]
        assert _redeemed(mall) == paid <= pledged
        once = db.rows(
            "select count(*), count(distinct l.id) from mall_line l join mall_order o on o.id ="
            " l.order_id where o.mall_id = %s::bigint and l.kind = 'sale'", (mall,)
        )[0]  # fmt: skip
        sold = db.rows(
            "select count(*) from mall_order where mall_id = %s::bigint"
            " and state in ('done', 'refunded')", (mall,),
        )[0][0]  # fmt: skip
        assert once == (sold, sold)
        assert not db.rows(
            "select 1 from mall_financing g where g.state in ('asked', 'offered', 'accepted',"
            " 'live') group by g.receivable_id having count(*) > 1"
        )
        assert _asked(mall) == paid

    def teardown(self) -> None:
        for hand in self.hands:
            hand.close()


NAMED = {"order", "draw", "pledge", "split"}  # a label names one thing


def _redeemed(mall: int) -> int:
    return int(db.rows(
        "select coalesce(sum(r.face_fen), 0)::bigint from mall_receivable r join mall_statement t"
        " on t.id = r.statement_id join mall_merchant s on s.id = t.merchant_id"
        " where s.mall_id = %s::bigint and r.state = 'redeemed'", (mall,),
    )[0][0])  # fmt: skip


def _asked(mall: int) -> int:
    """What the payment files asked for, of the lines the bank has paid."""
    total = 0
    for batch, body in db.rows(
        "select batch_id, body from mall_message where mall_id = %s::bigint and kind = 'payment'",
        (mall,),
    ):
        paid = {
            row[0] for row in db.rows(
                "select seq from mall_batchline where batch_id = %s::bigint and state = 'paid'",
                (batch,),
            )
        }  # fmt: skip
        total += sum(i.amount_fen for i in exchange.read_payment(body) if i.seq in paid)
    return total


def test_two_connections_come_to_what_the_model_says(county: County) -> None:
    Clearing.county = county
    run_state_machine_as_test(
        Clearing,
        settings=settings(
            max_examples=12, stateful_step_count=14, deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],  # making it smaller takes minutes
        ),
    )  # fmt: skip
