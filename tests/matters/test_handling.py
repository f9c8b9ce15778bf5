"""交办 and 退单: who works on it, who gives it back, and that nobody judges his own work."""

import pytest
from django.db import connection

import people
from gongzhi.core.errors import BadInput, Refused
from gongzhi.matters import actions
from gongzhi.matters.actions import Assignee
from lives import DAY, HOUR, appoint, xuyi
from matters.hands import parts, refused

pytestmark = pytest.mark.django_db


# 交办 and 会办


def test_one_handler_gets_it_with_a_due_date(county: people.County) -> None:
    life = xuyi(county).to("handle")
    wen, due = county.holders["grid_worker"], people.NOW + 5 * DAY
    life.move("dispatch", county.holders["committee"], assignees=(Assignee(wen.pk, None, due),))
    (part,) = parts(life)
    assert (part.person, part.lead, part.due_at, part.round) == (wen, True, due, 1)
    assert life.events[-1].data["kind"] == "assigned"


def test_handled_together_one_leads_and_each_has_a_date(county: people.County) -> None:
    life = xuyi(county).to("handle")
    wen, li = county.holders["grid_worker"], county.holders["dept_officer"]
    life.move(
        "dispatch", county.holders["committee"],
        assignees=(Assignee(wen.pk), Assignee(None, county.water.pk, people.NOW + 3 * DAY)),
    )  # fmt: skip
    first, second = parts(life)
    assert (first.lead, second.lead, second.organisation) == (True, False, county.water)
    assert first.due_at == life.row.due_at
    assert life.move("report_done", wen).stage == "handle"
    assert life.row.step == "handling"
    life.move("report_done", li, note="管道通了")
    assert life.row.step == "verifying"
    assert parts(life)[1].done_by == li


def test_who_reported_his_part_done_does_not_report_another(county: people.County) -> None:
    life = xuyi(county).to("handle")
    wen, li = county.holders["grid_worker"], county.holders["dept_officer"]
    life.move("dispatch", county.holders["committee"],
              assignees=(Assignee(wen.pk), Assignee(None, county.water.pk)))  # fmt: skip
    life.move("report_done", li)
    assert refused(life, "report_done", li).code == "not_now"
    assert [p.done_at is None for p in parts(life)] == [True, False]


@pytest.mark.parametrize(
    "wrong", ["none", "nobody", "twice", "unknown person", "unknown unit", "past", "naive", "mixed"]
)
def test_a_dispatch_to_nobody_in_particular_is_refused(county: people.County, wrong: str) -> None:
    life = xuyi(county).to("handle")
    wen = Assignee(county.holders["grid_worker"].pk)
    given = {
        "none": (), "nobody": (Assignee(),), "twice": (wen, wen),
        "unknown person": (Assignee(10**9),), "unknown unit": (Assignee(None, 10**9),),
        "past": (Assignee(wen.person_id, None, people.NOW - DAY),),
        "naive": (Assignee(wen.person_id, None, people.NOW.replace(tzinfo=None)),),
        "mixed": (Assignee(10**9, county.water.pk),),
    }[wrong]  # fmt: skip
    with pytest.raises(Refused):
        actions.move(matter_id=life.id, verb="dispatch", by=county.holders["committee"].pk,
                     at=life.at + HOUR, assignees=given)  # fmt: skip


def test_cost_is_never_negative(county: people.County) -> None:
    life = xuyi(county).to("handling")
    with pytest.raises(BadInput):
        actions.move(matter_id=life.id, verb="report_done", by=county.holders["grid_worker"].pk,
                     at=life.at, cost_fen=-1)  # fmt: skip


def test_a_transfer_gives_the_work_to_somebody_else(county: people.County) -> None:
    life = xuyi(county).to("handling")
    held = county.holders
    helper = held["generalist_worker"]
    assert refused(life, "transfer", held["grid_worker"], reason="忙",
                   assignees=(Assignee(helper.pk),))  # fmt: skip
    life.move("transfer", held["committee"], reason="换人", assignees=(Assignee(helper.pk),))
    old, new = parts(life)
    assert old.ended_at == life.at
    assert (new.lead, new.person) == (True, helper)
    assert refused(life, "report_done", held["grid_worker"]).code == "not_yours"
    life.move("report_done", helper)
    assert life.stands() == "verifying"


def test_a_transfer_when_the_lead_is_done_moves_what_is_open(county: people.County) -> None:
    life = xuyi(county).to("handle")
    held = county.holders
    two = (Assignee(held["grid_worker"].pk), Assignee(held["volunteer"].pk))
    life.move("dispatch", held["committee"], assignees=two)
    life.move("report_done", held["grid_worker"])
    life.move("transfer", held["committee"], reason="换人",
              assignees=(Assignee(held["generalist_worker"].pk),))  # fmt: skip
    assert [(p.lead, p.ended_at is None) for p in parts(life)] == [
        (True, True), (False, False), (False, True)
    ]  # fmt: skip


# 退单


def test_a_return_accepted_goes_back_to_the_desk(county: people.County) -> None:
    life = xuyi(county).to("handling")
    held = county.holders
    life.move("return", held["grid_worker"], reason="不归我管")
    assert life.row.return_pending
    assert refused(life, "report_done", held["grid_worker"]).code == "not_now"
    life.move("accept_return", held["committee"])
    assert (life.row.step, life.row.return_pending) == ("dispatching", False)
    assert parts(life)[0].ended_at is not None


def test_a_return_rejected_stays_with_the_handler(county: people.County) -> None:
    life = xuyi(county).to("handling")
    held = county.holders
    life.move("return", held["grid_worker"], reason="不归我管")
    assert refused(life, "reject_return", held["committee"]).code == "reason_needed"
    life.move("reject_return", held["committee"], reason="归您管")
    life.move("report_done", held["grid_worker"])
    assert life.stands() == "verifying"


def test_returns_are_bounded(county: people.County) -> None:
    life = xuyi(county).to("handling")
    held = county.holders
    for _ in range(2):
        life.move("return", held["grid_worker"], reason="不归我管")
        life.move("reject_return", held["committee"], reason="归您管")
    assert refused(life, "return", held["grid_worker"], reason="再退").code == "too_many_returns"


def test_who_gave_it_back_undone_may_verify_the_work_of_another(county: people.County) -> None:
    life = xuyi(county).to("handle")
    held = county.holders
    sun = held["supervisor"]
    life.move("dispatch", held["committee"], assignees=(Assignee(sun.pk),))
    life.move("return", sun, reason="应由网格办")
    life.move("accept_return", held["committee"])
    life.to("verifying")
    assert life.move("verify", sun).stage == "appraise"


# Nobody judges his own work


def test_the_handler_never_verifies(county: people.County) -> None:
    life = xuyi(county).to("handle")
    sun = county.holders["supervisor"]
    life.move("dispatch", county.holders["committee"], assignees=(Assignee(sun.pk),))
    life.move("report_done", sun)
    assert refused(life, "verify", sun).code == "own_work"
    assert refused(life, "send_back", sun, reason="自己退自己").code == "own_work"


def test_a_colleague_of_the_handling_unit_does_not_verify(county: people.County) -> None:
    life = xuyi(county).to("handle")
    held = county.holders
    sun = held["supervisor"]
    sun_of_water = appoint(county, sun, "dept_officer", "town")
    sun.appointments.filter(role="dept_officer").update(organisation=county.water)
    life.move("dispatch", held["committee"], assignees=(Assignee(None, county.water.pk),))
    life.move("report_done", held["dept_officer"])
    assert refused(life, "verify", sun_of_water).code == "own_work"


def test_the_database_refuses_it_too(county: people.County) -> None:
    life = xuyi(county).to("verifying")
    with pytest.raises(Exception, match="may not verify"), connection.cursor() as cursor:
        cursor.execute(
            "insert into matters_event (matter_id, seq, verb, at, by_id, position)"
            " values (%s, 99, 'verify', now(), %s, '{}')",
            [life.id, county.holders["grid_worker"].pk],
        )


def test_near_kin_of_the_raiser_does_not_decide(county: people.County) -> None:
    life = xuyi(county)
    appoint(county, county.brother, "committee", "village")
    assert refused(life, "accept", county.brother).code == "conflict"
    life.to("verifying")
    appoint(county, county.brother, "verifier", "village")
    assert refused(life, "verify", county.brother).code == "conflict"


def test_sent_back_it_is_a_new_round_of_the_same_hands(county: people.County) -> None:
    life = xuyi(county).to("verifying")
    life.move("send_back", county.holders["supervisor"], reason="还是不亮")
    assert (life.row.round, life.row.step) == (2, "handling")
    assert [(p.round, p.done_at is None) for p in parts(life)] == [(1, False), (2, True)]
    life.to("end")
    assert life.row.settled_level == "village"
