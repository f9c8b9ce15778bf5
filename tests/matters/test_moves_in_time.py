"""Extensions, pauses and waiting lists; several matters in one, remarks, categories."""

from datetime import datetime
from typing import Any

import pytest

import people
from gongzhi.core.clock import Term
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.matters import actions, jobs, queries
from gongzhi.matters.models import Attachment, Matter
from gongzhi.places import queries as places
from lives import DAY, HOUR, xindu, xuyi
from matters.hands import refused

pytestmark = pytest.mark.django_db


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


def test_what_is_overdue_offers_no_extension_and_refuses_one(county: people.County) -> None:
    life = xuyi(county)
    chen = county.holders["committee"]
    due = life.row.due_at
    assert due is not None

    def offered(at: datetime) -> set[str]:
        found = queries.get(county.viewer(chen, at), life.number, at)
        return {move["verb"] for move in found["allowed"]}

    assert "extend" in offered(due - HOUR)
    assert "extend" not in offered(due)
    late = refused(life, "extend", chen, later=due - life.at, reason="料没到")
    assert late.code == "overdue"


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
