"""Every move, made by whom it belongs to and refused to others."""

from datetime import timedelta
from typing import Any

import pytest

import people
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound, Stale
from gongzhi.matters import actions
from gongzhi.matters.actions import Assignee
from gongzhi.matters.models import Event, Follower
from gongzhi.playbooks.moves import Attendance, Tally, Verb
from lives import CAME, DAY, FOR, Life, raised, statements, xindu, xuyi
from matters.hands import parts, refused

pytestmark = pytest.mark.django_db


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
