"""Every move, made by whom it belongs to and refused to others."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

import people
from gongzhi.core.clock import Term
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound, Refused, Stale
from gongzhi.matters import actions, jobs
from gongzhi.matters.actions import Assignee
from gongzhi.matters.models import Assignment, Attachment, Event, Follower, Matter
from gongzhi.places import queries as places
from gongzhi.playbooks.moves import Attendance, Tally, Verb
from lives import CAME, DAY, FOR, HOUR, Life, appoint, raised, statements, xindu, xuyi

pytestmark = pytest.mark.django_db


def refused(life: Life, verb: str, by: Any, **more: Any) -> Refused:
    """The move is refused and leaves nothing behind."""
    before = life.events
    with pytest.raises(Refused) as found:
        life.move(verb, by, **more)
    assert life.events == before
    return found.value


def parts(life: Life) -> list[Assignment]:
    return list(Assignment.objects.filter(matter=life.id).order_by("id"))


# Both playbooks from end to end


@pytest.mark.parametrize("begin", [xuyi, xindu])
def test_a_matter_walks_its_way_and_ends(county: people.County, begin: Any) -> None:
    life: Life = begin(county).to("end")
    assert life.row.outcome == "done"
    assert [e.seq for e in life.events] == list(range(1, len(life.events) + 1))


STEPS = [
    ("xuyi", "propose", "accept", {}), ("xuyi", "propose", "refuse", {"reason": "不归村里管"}),
    ("xuyi", "deliberate", "hear", {"attendance": CAME}),
    ("xuyi", "decide", "resolve", {"tally": FOR}),
    ("xuyi", "handle", "dispatch", {"assignees": (Assignee(1),)}),
    ("xuyi", "handling", "report_done", {}), ("xuyi", "verifying", "verify", {}),
    ("xuyi", "verifying", "send_back", {"reason": "没修好"}), ("xuyi", "publish", "publish", {}),
    ("xindu", "report", "accept", {}), ("xindu", "file", "accept", {}),
    ("xindu", "file", "refuse", {"reason": "重复"}), ("xindu", "handling", "report_done", {}),
    ("xindu", "verifying", "verify", {}), ("xindu", "publish", "publish", {}),
]  # fmt: skip
CARE: list[tuple[str, dict[str, Any]]] = [
    ("escalate", {"reason": "办不了"}), ("extend", {"reason": "等材料"}),
    ("send_down", {"reason": "小事"}), ("divert", {"reason": "走信访"}),
    ("park", {"reason": "缺钱", "until": people.NOW + 30 * DAY}), ("recall", {}), ("reopen", {}),
    ("merge", {"into": "GZ260000001"}), ("pause", {"reason": "waiting_villager"}),
]  # fmt: skip
BEGIN = {"xuyi": xuyi, "xindu": xindu}


@pytest.mark.parametrize(("playbook", "stop", "verb", "more"), STEPS)
def test_an_outsider_plays_no_step(
    county: people.County, playbook: str, stop: str, verb: str, more: dict[str, Any]
) -> None:
    life: Life = BEGIN[playbook](county).to(stop)
    outsider = county.he if playbook == "xuyi" else county.ah_mei
    for who in (outsider, county.holders["merchant"], county.foreign["volunteer"]):
        assert isinstance(refused(life, verb, who, **more), NotAllowed)


@pytest.mark.parametrize("playbook", ["xuyi", "xindu"])
@pytest.mark.parametrize(("verb", "more"), CARE)
def test_an_outsider_takes_no_care_of_it(
    county: people.County, playbook: str, verb: str, more: dict[str, Any]
) -> None:
    life: Life = BEGIN[playbook](county)
    refused(life, verb, county.he if playbook == "xuyi" else county.ah_mei, **more)


@pytest.mark.parametrize("begin", [xuyi, xindu])
def test_what_the_stage_does_not_wait_for_is_refused(county: people.County, begin: Any) -> None:
    life: Life = begin(county)
    held = county.holders if begin is xuyi else county.foreign
    for verb in (
        "publish",
        "dispatch",
        "verify",
        "report_done",
        "resolve",
        "hear",
        "accept_return",
    ):
        assert refused(life, verb, held["committee"]).code == "not_now"


@pytest.mark.parametrize("verb", ["raise", "rate", "tick"])
def test_what_has_its_own_way_is_not_a_move_by_hand(county: people.County, verb: str) -> None:
    life = xuyi(county).to("appraise")
    assert refused(life, verb, county.ah_mei).code == "not_yours"


def test_a_verb_nobody_knows_a_matter_nobody_knows_and_nobody(county: people.County) -> None:
    life = xuyi(county)
    assert isinstance(refused(life, "explode", county.ah_mei), BadInput)
    with pytest.raises(NotFound):
        actions.move(matter_id=10**9, verb="accept", by=county.ah_mei.pk, at=people.NOW)
    with pytest.raises(NotAllowed):
        actions.move(matter_id=life.id, verb="accept", by=None, at=people.NOW)


@pytest.mark.parametrize(
    ("stop", "verb", "who"),
    [
        ("propose", "refuse", "committee"), ("verifying", "send_back", "supervisor"),
        ("handling", "transfer", "committee"), ("handling", "return", "grid_worker"),
        ("handling", "extend", "committee"), ("handling", "pause", "committee"),
        ("handling", "park", "committee"), ("handling", "divert", "committee"),
        ("handling", "escalate", "committee"),
    ],
)  # fmt: skip
def test_what_weighs_on_somebody_needs_a_reason(
    county: people.County, stop: str, verb: str, who: str
) -> None:
    life = xuyi(county).to(stop)
    assert refused(life, verb, county.holders[who], reason=" \n").code == "reason_needed"


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


# Meetings and tallies


@pytest.mark.parametrize(
    "tally",
    [
        Tally(30, 31, 20, 5, 6), Tally(30, 20, 15, 5, 1), Tally(30, 20, -1, 5, 1),
        Tally(30, 20, 15, -5, 1), Tally(-1, 0, 0, 0, 0), None,
    ],
)  # fmt: skip
def test_a_tally_that_cannot_be_is_refused(county: people.County, tally: Tally | None) -> None:
    life = xuyi(county).to("decide")
    assert refused(life, "resolve", county.holders["workshop_host"], tally=tally).code == (
        "tally_wrong"
    )


def test_fifty_of_a_hundred_is_no_majority(county: people.County) -> None:
    host = county.holders["workshop_host"]
    even = xuyi(county).to("decide")
    assert even.move("resolve", host, tally=Tally(100, 100, 50, 50, 0)).result == "fail"
    more = xuyi(county).to("decide")
    assert more.move("resolve", host, tally=Tally(100, 100, 51, 49, 0)).result == "pass"


def test_without_a_quorum_nothing_is_decided(county: people.County) -> None:
    life = xuyi(county).to("decide")
    moved = life.move("resolve", county.holders["workshop_host"], tally=Tally(30, 19, 19, 0, 0))
    assert (moved.result, life.row.stage) == ("no_decision", "decide")
    life = xuyi(county).to("deliberate")
    few = Attendance(seats=11, present=5, by_role={"affected": 1})
    moved = life.move("hear", county.holders["workshop_host"], attendance=few)
    assert (moved.result, life.row.stage) == ("no_decision", "deliberate")


@pytest.mark.parametrize(
    "came", [None, Attendance(5, 6), Attendance(5, -1), Attendance(5, 4, {"affected": 5})]
)
def test_attendance_that_cannot_be_is_refused(
    county: people.County, came: Attendance | None
) -> None:
    life = xuyi(county).to("deliberate")
    assert refused(life, "hear", county.holders["workshop_host"], attendance=came).code == (
        "attendance_wrong"
    )


# Time


def test_one_extension_adds_half_and_no_more(county: people.County) -> None:
    life = xuyi(county).to("handling")
    due, calendar = life.row.due_at, places.calendar(life.row.place_id)
    assert due is not None
    life.move("extend", county.holders["committee"], reason="等配件")
    assert life.row.due_at == calendar.add(due, Term.parse("15wd"))
    assert refused(life, "extend", county.holders["committee"], reason="再等").code == (
        "too_many_extensions"
    )


def test_a_pause_moves_the_deadline_by_what_it_took(county: people.County) -> None:
    life = xindu(county).to("handling")
    held, due = county.foreign, life.row.due_at
    assert due is not None
    assert refused(life, "pause", held["committee"], reason="我想歇歇").code == "reason_unknown"
    life.move("pause", held["committee"], reason="waiting_resident")
    assert (life.row.pause_reason, life.row.tick_at) == ("waiting_resident", None)
    assert refused(life, "report_done", held["generalist_worker"]).code == "paused"
    life.move("resume", held["committee"], later=3 * DAY)
    assert life.row.due_at == due + 3 * DAY
    assert refused(life, "resume", held["committee"]).code == "not_paused"


def test_a_stage_that_knows_no_pause_cannot_be_paused(county: people.County) -> None:
    life = xuyi(county)
    assert refused(life, "pause", county.holders["committee"], reason="busy_season").code == (
        "no_pause"
    )


def test_parked_it_comes_up_again_on_its_day(county: people.County) -> None:
    life = xuyi(county).to("handling")
    chen, due = county.holders["committee"], life.row.due_at
    day = life.at + 60 * DAY
    assert refused(life, "park", chen, reason="缺钱").code == "until_wrong"
    assert refused(life, "park", chen, reason="缺钱", until=life.at).code == "until_wrong"
    life.move("park", chen, reason="等明年预算", until=day)
    assert life.row.parked_until == life.row.tick_at == day
    assert refused(life, "report_done", county.holders["grid_worker"]).code == "parked"
    assert jobs.sweep(at=day - HOUR) == 0
    assert life.sweep(day) == 1
    row = life.row
    assert (row.parked_until, row.paused_at, row.pause_reason) == (None, None, "")
    assert row.due_at is not None
    assert due is not None
    assert row.due_at > due + 50 * DAY
    assert life.events[-1].result == "review"


def test_taken_off_the_list_by_hand(county: people.County) -> None:
    life = xuyi(county).to("handling")
    chen = county.holders["committee"]
    life.move("park", chen, reason="等明年预算", until=life.at + 60 * DAY)
    life.move("unpark", chen)
    assert life.row.parked_until is None
    assert refused(life, "unpark", chen).code == "not_parked"


# Up, down, out


def test_up_by_decision_the_parts_end_and_the_next_rung_holds_it(county: people.County) -> None:
    life = xindu(county).to("handling")
    moved = life.move("escalate", county.foreign["committee"], reason="要街道协调")
    assert (moved.result, moved.level) == ("up", "community")
    assert life.row.held_by == county.place("community")
    assert parts(life)[0].ended_at == life.at
    assert (life.row.climbs, life.row.step) == (1, "dispatching")


def test_down_is_bounded_and_never_below_the_place(county: people.County) -> None:
    life = xindu(county).to("handle")
    desk, officer = county.foreign["committee"], county.foreign["town_officer"]
    assert refused(life, "send_down", desk, reason="小事").code == "no_way_down"
    for _ in range(2):
        life.move("escalate", desk, reason="要社区办")
        life.move("send_down", desk, reason="网格能办")
    life.move("escalate", desk, reason="要社区办")
    assert refused(life, "send_down", desk, reason="再交").code == "no_way_down"
    above = xindu(county, place_id=county.place("community").pk)
    above.move("accept", desk)
    above.move("accept", desk)
    assert refused(above, "send_down", desk, reason="小事").code == "no_place"
    above.move("escalate", desk, reason="要街道办")
    assert refused(above, "escalate", desk, reason="再上").code == "not_yours"
    above.move("send_down", officer, reason="社区能办")


def test_the_top_of_the_ladder_is_the_joint_meeting_of_leaders(county: people.County) -> None:
    life = xindu(county, category="safety.major").to("report")
    high = county.foreign["county_leader"]
    life.move("accept", high)
    life.move("accept", high)
    moved = life.move("escalate", high, reason="要会办")
    assert (moved.stage, moved.level) == ("leaders_joint", "district")
    assert refused(life, "escalate", high, reason="还要上").code == "at_top"


def test_recalled_only_by_the_raiser_and_only_early(county: people.County) -> None:
    life = xuyi(county)
    assert refused(life, "recall", county.neighbour).code == "not_yours"
    late = xuyi(county).to("decide")
    assert refused(late, "recall", county.ah_mei).code == "too_late"
    life.move("recall", county.ah_mei)
    row = life.row
    assert (row.outcome, row.due_at, row.tick_at) == ("recalled", None, None)
    assert refused(life, "accept", county.holders["committee"]).code == "ended"
    life.move("comment", county.ah_mei, note="自己修好了")


def test_reopened_once_within_thirty_days_without_a_reason(county: people.County) -> None:
    life = xuyi(county).to("end")
    assert refused(life, "reopen", county.neighbour).code == "not_yours"
    assert refused(life, "reopen", county.ah_mei, later=31 * DAY).code == "too_late"
    life.move("reopen", county.ah_mei, later=29 * DAY)
    row = life.row
    assert (row.stage, row.outcome, row.closed_at, row.round) == ("handle", "", None, 2)
    assert (row.settled_level, row.reopened) == ("", 1)
    life.to("end")
    assert refused(life, "reopen", county.ah_mei).code == "reopened_once"


def test_what_did_not_end_well_is_not_reopened(county: people.County) -> None:
    life = xuyi(county)
    assert refused(life, "reopen", county.ah_mei).code == "not_ended"
    life.move("recall", county.ah_mei)
    assert refused(life, "reopen", county.ah_mei).code == "ended"


def test_a_petition_is_diverted_with_advice(county: people.County) -> None:
    life = xuyi(county)
    life.move("divert", county.holders["committee"], reason="属于信访", note="请到镇信访办登记")
    assert (life.row.outcome, life.row.advice) == ("diverted", "请到镇信访办登记")


def test_merged_all_who_follow_go_along(county: people.County) -> None:
    target = xuyi(county, by=county.neighbour.pk)
    life = xuyi(county)
    actions.join(matter_id=life.id, by=county.brother.pk, at=life.at)
    life.move("merge", county.holders["committee"], into=target.number.lower())
    row = life.row
    assert (row.outcome, row.merged_into_id) == ("merged", target.id)
    followers = Follower.objects.filter(matter=target.id).values_list("person", "why")
    assert set(followers) == {(county.ah_mei.pk, "merged"), (county.brother.pk, "merged")}


def test_merged_into_itself_the_unknown_the_closed_the_sensitive_or_far_away_is_refused(
    county: people.County,
) -> None:
    life = xuyi(county)
    chen = county.holders["committee"]
    closed = xuyi(county)
    closed.move("recall", county.ah_mei)
    secret = xuyi(county, sensitive=True)
    for into in ("", "GZ269999999", life.number, closed.number, secret.number,
                 xindu(county).number):  # fmt: skip
        found = refused(life, "merge", chen, into=into)
        assert isinstance(found, BadInput)
        assert found.field == "into"
    assert Follower.objects.count() == 0


# Several in one, remarks, categories


def test_split_each_part_is_the_raisers_own_matter(county: people.County) -> None:
    life = xuyi(county, anonymous=False)
    chen = county.holders["committee"]
    made = actions.split(matter_id=life.id, parts=("路灯坏了要修", "路面有坑要补"), by=chen.pk,
                         at=life.at, reason="两件事", key="k")  # fmt: skip
    rows = Matter.objects.filter(parent=life.id).order_by("id")
    assert [r.number for r in rows] == [m.number for m in made]
    assert all((r.raised_by, r.entered_by) == (county.ah_mei, chen) for r in rows)
    assert all(not r.anonymous and r.consent_note for r in rows)
    assert life.row.outcome == ""
    assert life.events[-1].data["split"] == [m.number for m in made]
    again = actions.split(matter_id=life.id, parts=("路灯坏了要修", "路面有坑要补"), by=chen.pk,
                          at=life.at, reason="两件事", key="k")  # fmt: skip
    assert [m.id for m in again] == [m.id for m in made]
    assert len(life.events) == 2


def test_split_what_nobody_raised_stays_nobodys(county: people.County) -> None:
    life = xuyi(county, by=None)
    actions.split(matter_id=life.id, parts=("路灯坏了要修",), by=county.holders["committee"].pk,
                  at=life.at, reason="两件事", key=None)  # fmt: skip
    assert Matter.objects.get(parent=life.id).raised_by is None


def test_split_is_the_work_of_who_sorts_and_needs_a_reason(county: people.County) -> None:
    life = xuyi(county)
    held = county.holders
    two = ("路灯坏了要修", "路面有坑要补")

    def split(who: Any, given: tuple[str, ...] = two, reason: str = "两件事") -> None:
        actions.split(matter_id=life.id, parts=given, by=who.pk, at=life.at, reason=reason,
                      key=None)  # fmt: skip

    for who in (held["observer"], held["merchant"], county.foreign["committee"], county.ah_mei):
        with pytest.raises(NotAllowed):
            split(who)
    for given, reason in (((), "两件事"), (two, ""), (("",), "两件事"), (two * 6, "太多")):
        with pytest.raises(BadInput):
            split(held["committee"], given, reason)
    life.move("recall", county.ah_mei)
    with pytest.raises(Refused):
        split(held["committee"])


def test_a_dispatcher_confirms_the_category_wherever_the_matter_stands(
    county: people.County,
) -> None:
    life = xuyi(county)
    moved = actions.classify(matter_id=life.id, category="facilities.lighting", at=life.at,
                             by=county.holders["dispatcher"].pk)  # fmt: skip
    assert (life.row.category, life.row.category_confirmed) == ("facilities.lighting", True)
    event = life.events[-1]
    assert (event.verb, event.private, moved.seq) == ("comment", True, 2)
    assert event.data == {"category": "facilities.lighting", "category_before": ""}
    with pytest.raises(BadInput):
        actions.classify(matter_id=life.id, category="no.such", at=life.at,
                         by=county.holders["dispatcher"].pk)  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.classify(matter_id=life.id, category="", at=life.at,
                         by=county.holders["observer"].pk)  # fmt: skip


def test_only_a_remark_is_private(county: people.County) -> None:
    life = xuyi(county)
    chen = county.holders["committee"]
    life.move("comment", chen, note="先问水务站", private=True)
    assert life.events[-1].private
    with pytest.raises(BadInput):
        life.move("accept", chen, private=True)


def test_photos_come_with_a_move(county: people.County) -> None:
    from test_intake import uploaded

    life = xuyi(county).to("handling")
    wen = county.holders["grid_worker"]
    key = uploaded(wen.pk, "upload-1")
    life.move("report_done", wen, uploads=(key,))
    photo = Attachment.objects.get(matter=life.id)
    assert photo.seq == life.row.last_seq
    assert life.events[-1].data["photos"] == 1
    assert isinstance(refused(life, "comment", wen, note="x", uploads=("other-one",)), BadInput)


# The same request twice; somebody was quicker


def test_the_same_key_moves_once_and_gives_the_first_answer(county: people.County) -> None:
    life = xuyi(county)
    chen = county.holders["committee"]
    first = life.move("accept", chen, key="k")
    life.to("decide")
    again = life.move("accept", chen, key="k")
    assert again.repeated
    assert (again.seq, again.result, again.stage) == (first.seq, first.result, first.stage)
    with pytest.raises(KeyReused):
        life.move("accept", chen, key="k", note="别的话")


def test_who_looked_at_an_old_page_is_told_who_moved_it(county: people.County) -> None:
    life = xuyi(county)
    seen = life.row.last_seq
    life.move("accept", county.holders["committee"])
    with pytest.raises(Stale) as found:
        life.move("accept", county.holders["party_secretary"], seen=seen)
    assert found.value.data["moved_by"] == "陈"
    assert "陈" in found.value.words
    life.sweep(life.row.due_at)
    with pytest.raises(Stale) as found:
        life.move("comment", county.ah_mei, seen=seen + 1)
    assert found.value.data["moved_by"] == "系统"


@pytest.mark.parametrize(
    ("stop", "verb", "who", "more"),
    [
        ("propose", "accept", "committee", {}),
        ("decide", "resolve", "workshop_host", {"tally": FOR}),
        ("handling", "report_done", "grid_worker", {}),
        ("verifying", "verify", "supervisor", {}),
        ("handling", "escalate", "committee", {"reason": "办不了"}),
    ],
)
def test_a_move_costs_at_most_six_statements(
    county: people.County, stop: str, verb: str, who: str, more: dict[str, Any]
) -> None:
    xuyi(county).to("end")
    life = xuyi(county).to(stop)
    by, seen = county.holders[who], life.row.last_seq
    assert len(statements(lambda: life.move(verb, by, key="k", seen=seen, **more))) <= 6


def test_every_move_has_one_event_and_one_message(county: people.County) -> None:
    from gongzhi.core.models import Outbox

    life = xuyi(county).to("end")
    told = Outbox.objects.filter(kind__startswith="matter.", subject_id=life.id)
    assert [o.kind for o in told.order_by("id")] == [f"matter.{e.verb}" for e in life.events]


def test_events_name_every_verb_the_playbook_knows() -> None:
    longest = Event._meta.get_field("verb").max_length
    assert longest is not None
    assert max(len(verb.value) for verb in Verb) <= longest


def test_raising_again_after_refusal_is_a_new_matter(county: people.County) -> None:
    life = xuyi(county)
    life.move("refuse", county.holders["committee"], reason="不归村里管")
    assert raised(county).id != life.id
    assert timedelta(0) < life.at - people.NOW
