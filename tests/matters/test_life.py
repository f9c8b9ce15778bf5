"""The whole life of a matter, by the people whose steps they are."""

from datetime import timedelta
from typing import Any

import pytest

import people
from gongzhi.core.errors import Refused
from gongzhi.matters import actions, jobs, queries
from gongzhi.matters.actions import Assignee
from gongzhi.matters.models import Matter
from gongzhi.playbooks.moves import Attendance, Tally
from lives import raised

pytestmark = pytest.mark.django_db


def test_a_matter_of_xuyi_lives_its_six_steps(county: people.County) -> None:
    matter = raised(county)
    chen, sun = county.holders["committee"], county.holders["supervisor"]
    host, wen = county.holders["workshop_host"], county.holders["grid_worker"]
    clock = people.NOW

    def move(verb: str, by: Any, **more: Any) -> actions.Moved:
        nonlocal clock
        clock += timedelta(hours=1)
        return actions.move(matter_id=matter.id, verb=verb, by=by.pk, at=clock, **more)

    assert move("accept", chen).stage == "deliberate"
    came = Attendance(seats=11, present=9, by_role={"affected": 2})
    assert move("hear", host, attendance=came, note="都说该换灯").stage == "decide"
    tally = Tally(electorate=30, present=21, for_=15, against=4, abstain=2)
    assert move("resolve", host, tally=tally).stage == "handle"
    move("dispatch", chen, assignees=(Assignee(person_id=wen.pk),))
    assert move("report_done", wen, note="换了六盏灯", cost_fen=128_000).stage == "handle"
    with pytest.raises(Refused):
        move("verify", wen)
    assert move("verify", county.holders["supervisor"]).stage == "appraise"
    clock += timedelta(days=2, hours=1)
    assert jobs.ask_those_concerned(at=clock) == [(matter.id, county.ah_mei.pk)]
    answered = actions.answer_call_back(
        matter_id=matter.id, by=county.ah_mei.pk, at=clock, solved=True, score=5, words="亮了"
    )
    assert answered is not None
    assert answered.stage == "publish"
    assert move("publish", sun).outcome == "done"
    row = Matter.objects.get(pk=matter.id)
    assert row.settled_level == "village"
    assert not row.silent
    seen = queries.get(county.viewer(county.ah_mei), row.number, clock)
    assert [s["state"] for s in seen["stages"]] == ["done"] * 6
    assert seen["publication"] is not None
