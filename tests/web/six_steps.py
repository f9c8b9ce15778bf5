"""Matters taken some way along the six steps of Xuyi, each step by who may do it."""

from datetime import datetime, timedelta
from typing import Any

from gongzhi.matters import actions, jobs
from gongzhi.matters.actions import Assignee
from gongzhi.playbooks.moves import Attendance, Tally
from people import NOW, County


def until_asked(county: County, matter: actions.Raised) -> datetime:
    """Accepted, deliberated, decided, done and verified; those concerned have been asked."""
    host, chen = county.holders["workshop_host"], county.holders["committee"]
    wen, sun = county.holders["grid_worker"], county.holders["supervisor"]
    clock = NOW

    def move(verb: str, by: Any, **more: Any) -> None:
        nonlocal clock
        clock += timedelta(hours=1)
        actions.move(matter_id=matter.id, verb=verb, by=by.pk, at=clock, **more)

    move("accept", chen)
    came = Attendance(seats=11, present=9, by_role={"affected": 2})
    move("hear", host, attendance=came, note="都说该换灯")
    tally = Tally(electorate=30, present=21, for_=15, against=4, abstain=2)
    move("resolve", host, tally=tally)
    move("dispatch", chen, assignees=(Assignee(person_id=wen.pk),))
    move("report_done", wen, note="换了六盏灯", cost_fen=128_000)
    move("verify", sun)
    clock += timedelta(days=3)
    jobs.ask_those_concerned(at=clock)
    return clock


def until_published(county: County, matter: actions.Raised) -> datetime:
    """Also appraised by the raiser and published by the supervision committee."""
    clock = until_asked(county, matter)
    actions.answer_call_back(
        matter_id=matter.id, by=county.ah_mei.pk, at=clock, solved=True, score=5, words="亮了"
    )
    clock += timedelta(hours=1)
    actions.move(matter_id=matter.id, verb="publish", by=county.holders["supervisor"].pk, at=clock)
    return clock
