"""Two people, two connections, one matter: one is served, the other told who was quicker."""

from collections.abc import Callable
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

import people
from gongzhi.core.errors import BadInput, Refused, Stale
from gongzhi.matters import actions
from gongzhi.matters.actions import Assignee
from gongzhi.matters.models import Event, Matter
from lives import Life, raised, xuyi

pytestmark = pytest.mark.django_db(transaction=True)


def both(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gave, or the refusal, when all begin together."""
    gate, answers = Barrier(len(calls)), [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            answers[index] = call()
        except BaseException as error:
            answers[index] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [Thread(target=run, args=(i, call)) for i, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def told(life: Life, verb: str, by: Any, **more: Any) -> Callable[[], actions.Moved]:
    return lambda: actions.move(matter_id=life.id, verb=verb, by=by.pk, at=life.at, **more)


def test_of_two_clerks_the_second_is_told_who_moved_it(county: people.County) -> None:
    held = county.holders
    clerks = (held["committee"], held["party_secretary"])
    for _ in range(6):
        life = xuyi(county)
        seen = life.row.last_seq
        answers = both(*(told(life, "accept", who, seen=seen) for who in clerks))
        first = next(a for a in answers if isinstance(a, actions.Moved))
        stale = next(a for a in answers if isinstance(a, Stale))
        assert stale.data["moved_by"] == clerks[answers.index(first)].name
        assert [e.verb for e in life.events] == ["raise", "accept"]


def test_of_two_clerks_who_looked_at_nothing_one_moves_it(county: people.County) -> None:
    clerks = (county.holders["committee"], county.holders["party_secretary"])
    for _ in range(4):
        life = xuyi(county)
        answers = both(*(told(life, "accept", who) for who in clerks))
        assert sorted(isinstance(a, Refused) for a in answers) == [False, True]
        assert len(life.events) == 2


@pytest.mark.parametrize("verb", ["accept", "comment"])
def test_the_same_key_sent_twice_at_once_is_one_event(county: people.County, verb: str) -> None:
    chen = county.holders["committee"]
    for _ in range(6):
        life = xuyi(county)
        answers = both(*(told(life, verb, chen, key="k") for _ in range(3)))
        assert {type(a) for a in answers} == {actions.Moved}
        assert {a.seq for a in answers} == {2}
        assert sum(not a.repeated for a in answers) == 1
        assert Event.objects.filter(matter=life.id).count() == 2


def test_the_same_form_sent_twice_at_once_is_one_matter(county: people.County) -> None:
    answers = both(*(lambda: raised(county, key="form") for _ in range(3)))
    assert len({a.id for a in answers}) == 1
    assert Matter.objects.count() == 1


def test_two_handlers_done_at_once_leave_nothing_open(county: people.County) -> None:
    held = county.holders
    wen, helper = held["grid_worker"], held["generalist_worker"]
    for _ in range(6):
        life = xuyi(county).to("handle")
        life.move("dispatch", held["committee"],
                  assignees=(Assignee(wen.pk), Assignee(helper.pk)))  # fmt: skip
        both(told(life, "report_done", wen), told(life, "report_done", helper))
        assert life.row.step == "verifying"


def test_answers_given_at_once_are_all_counted(county: people.County) -> None:
    for _ in range(4):
        life = xuyi(county)
        actions.join(matter_id=life.id, by=county.neighbour.pk, at=life.at)
        life.to("appraise")
        both(partial(life.answer, county.ah_mei), partial(life.answer, county.neighbour))
        assert life.row.stage == "publish"


def test_two_matters_merged_into_each_other_do_not_both_vanish(county: people.County) -> None:
    chen, other = county.holders["committee"], county.holders["party_secretary"]
    for _ in range(4):
        a, b = xuyi(county), xuyi(county)
        answers = both(
            told(a, "merge", chen, into=b.number), told(b, "merge", other, into=a.number)
        )
        assert all(isinstance(x, actions.Moved | Stale | BadInput) for x in answers), answers
        assert "" in {a.row.outcome, b.row.outcome}
