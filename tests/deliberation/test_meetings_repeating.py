"""A press that comes twice at the same moment, on two connections, is one press."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

import people
from assemblies import Meeting, meeting
from gongzhi.core.errors import BadInput
from gongzhi.deliberation.meetings import actions
from gongzhi.deliberation.meetings.models import Question

pytestmark = pytest.mark.django_db(transaction=True)


def asks(made: Meeting, words: str, key: str = "k") -> bool:
    call = partial(actions.ask, session_id=made.id, words=words, how="floor", by=made.host.pk,
                   at=made.at)  # fmt: skip
    return actions.once(session_id=made.id, verb="ask", by=made.host.pk, key=key,
                        asked={"text": words}, do=call)  # fmt: skip


def test_two_presses_under_way_together_are_one(county: people.County) -> None:
    made = meeting(county).notice().begins().opens()
    gate = Barrier(4)

    def press() -> bool:
        try:
            gate.wait(10)
            return asks(made, "路灯什么时候修？")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = [one.result() for one in [pool.submit(press) for _ in range(4)]]
    assert sorted(done) == [False, False, False, True]
    assert Question.objects.count() == 1


def test_a_refusal_leaves_the_key_free(county: people.County) -> None:
    made = meeting(county).notice().begins().opens()

    def refuse() -> None:
        raise BadInput("text", "请写下您要问的事。")

    again = {"session_id": made.id, "verb": "ask", "by": made.host.pk, "key": "k", "asked": {}}
    with pytest.raises(BadInput):
        actions.once(**again, do=refuse)  # type: ignore[arg-type]
    assert actions.once(**again, do=lambda: None)  # type: ignore[arg-type]
    assert not actions.once(**again, do=refuse)  # type: ignore[arg-type]


def test_without_a_key_each_press_counts(county: people.County) -> None:
    made = meeting(county).notice().begins().opens()
    assert asks(made, "路灯什么时候修？", key="")
    assert asks(made, "路灯什么时候修？", key="")
    assert Question.objects.count() == 2
