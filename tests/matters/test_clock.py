"""The clock looks: it warns, it climbs one rung at a time, and it never decides for anybody."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

import people
from gongzhi.core.clock import SHANGHAI, Term, WorkCalendar
from gongzhi.matters import jobs, positions
from gongzhi.matters.actions import Assignee
from gongzhi.matters.models import Assignment, Event, Matter
from gongzhi.places import queries as places
from lives import DAY, HOUR, Life, appoint, statements, xindu, xuyi

pytestmark = pytest.mark.django_db


def ticks(life: Life) -> list[tuple[str, int]]:
    return [(e.result, e.data.get("warned", 0)) for e in life.events if e.verb == "tick"]


def test_each_warning_is_announced_once(county: people.County) -> None:
    life = xuyi(county).to("decide")
    row = life.row
    assert row.due_at is not None
    calendar = places.calendar(row.place_id)
    for percent in (50, 80):
        mark = calendar.fraction_point(row.entered_at, row.due_at, percent, "wd")
        assert life.row.tick_at == mark
        assert jobs.sweep(at=mark - timedelta(seconds=1)) == 0
        assert jobs.sweep(at=mark) == 1
        assert jobs.sweep(at=mark) == 0
        assert life.row.warned == percent
    assert life.sweep(row.due_at) == 1
    assert ticks(life) == [("warn", 50), ("warn", 80), ("up", 100)]


def test_a_clock_that_slept_announces_the_last_warning_only(county: people.County) -> None:
    life = xuyi(county).to("decide")
    row = life.row
    assert row.due_at is not None
    assert life.sweep(row.due_at - timedelta(minutes=1)) == 1
    assert ticks(life) == [("warn", 80)]


def test_however_late_it_climbs_one_rung(county: people.County) -> None:
    life = xindu(county)
    assert life.sweep(life.at + 400 * DAY) == 1
    assert (life.row.level, life.row.climbs) == ("community", 1)
    assert jobs.sweep(at=life.at) == 0


def test_a_dispute_climbs_all_four_rungs_by_deadline(county: people.County) -> None:
    life = xindu(county).to("handle")
    calendar: WorkCalendar = places.calendar(life.row.place_id)
    stood = [life.row.level]
    while life.row.stage == "handle":
        entered = life.row.entered_at
        due = life.row.due_at
        assert due == calendar.add(entered, Term.parse("7d"))
        life.sweep(due)
        stood.append(life.row.level)
    assert stood == ["grid", "community", "street", "district", "district"]
    row = life.row
    assert (row.stage, row.climbs, row.held_by) == ("leaders_joint", 3, county.place("district"))
    assert row.due_at == calendar.add(row.entered_at, Term.parse("15wd"))
    assert [e.result for e in life.events if e.verb == "tick"].count("up") == 4
    # At the top nothing climbs any more: it reminds, then waits.
    life.sweep(row.due_at)
    assert life.row.stage == "leaders_joint"
    assert (life.row.tick_at, life.row.warned) == (None, 100)
    high = county.foreign["county_leader"]
    appoint(county, county.foreign["verifier"], "verifier", "district")
    life.move("dispatch", high, assignees=(Assignee(county.foreign["dept_officer"].pk),))
    life.move("report_done", county.foreign["dept_officer"])
    assert life.move("verify", county.foreign["verifier"]).stage == "appraise"
    assert life.row.settled_level == "district"


def test_the_deadline_runs_in_working_time(county: people.County) -> None:
    friday = datetime(2026, 9, 18, 16, 0, tzinfo=SHANGHAI)
    life = xindu(county, at=friday)
    calendar: WorkCalendar = places.calendar(life.row.place_id)
    assert life.row.due_at == calendar.add(friday, Term.parse("1wd"))
    due = life.row.due_at
    assert due is not None
    assert due.astimezone(SHANGHAI) > friday + DAY
    assert calendar.is_workday(due.astimezone(SHANGHAI).date())
    assert not calendar.is_workday(date(2026, 9, 19))


def test_climbing_ends_the_work_and_the_next_rung_can_give_it_out_again(
    county: people.County,
) -> None:
    life = xindu(county).to("verifying")  # done, but nobody looked
    life.sweep(life.row.due_at)
    row = life.row
    assert (row.level, row.step) == ("community", "dispatching")
    assert Assignment.objects.get(matter=life.id).ended_at == life.at
    life.to("end")
    assert life.row.settled_level == "community"


def test_a_part_done_and_a_part_open_end_together(county: people.County) -> None:
    life = xindu(county).to("handle")
    held = county.foreign
    two = (Assignee(held["grid_worker"].pk), Assignee(held["volunteer"].pk))
    life.move("dispatch", held["committee"], assignees=two)
    life.move("report_done", held["grid_worker"])
    life.sweep(life.row.due_at)
    life.to("end")


def test_paused_it_is_never_swept(county: people.County) -> None:
    life = xindu(county).to("handling")
    life.move("pause", county.foreign["committee"], reason="waiting_resident")
    assert jobs.sweep(at=life.at + 400 * DAY) == 0
    assert life.row.level == "grid"


def test_ended_it_is_never_swept(county: people.County) -> None:
    life = xuyi(county)
    life.move("recall", county.ah_mei)
    assert jobs.sweep(at=life.at + 400 * DAY) == 0


def test_silence_passes_as_silence(county: people.County) -> None:
    life = xuyi(county).to("appraise")
    life.sweep(life.row.due_at)
    row = life.row
    assert (row.stage, row.silent) == ("publish", True)
    event = life.events[-1]
    assert (event.verb, event.result) == ("tick", "pass")
    assert event.data["ratings"] == {"asked": 1, "scores": {}, "not_solved": 0}
    life.to("end")
    assert life.row.silent


def test_who_answered_is_not_silent(county: people.County) -> None:
    life = xuyi(county).to("end")
    assert not life.row.silent


def test_a_silent_matter_reopened_and_answered_is_silent_no_more(county: people.County) -> None:
    life = xuyi(county).to("appraise")
    life.sweep(life.row.due_at)
    life.to("end")
    life.move("reopen", county.ah_mei)
    assert not life.row.silent
    life.to("end")
    assert not life.row.silent


# The same answer, one by one or many at once

FOLD = ("stage", "level", "step", "outcome", "due_at", "warned", "climbs", "held_path", "tick_at",
        "round", "settled_level", "silent", "entered_at", "closed_at")  # fmt: skip


def told(life: Life) -> dict[str, Any]:
    """All that is known of a matter, but for its number."""
    row: dict[str, Any] = dict(Matter.objects.values(*FOLD).get(pk=life.id))
    events = Event.objects.filter(matter=life.id).order_by("seq")
    row["events"] = list(events.values("seq", "verb", "result", "at", "position", "data"))
    row["parts"] = list(
        Assignment.objects.filter(matter=life.id).order_by("id").values("lead", "ended_at")
    )
    return row


PLACES = [
    (xuyi, "propose"), (xuyi, "deliberate"), (xuyi, "handle"), (xuyi, "handling"),
    (xuyi, "verifying"), (xuyi, "appraise"), (xuyi, "publish"), (xindu, "report"),
    (xindu, "file"), (xindu, "handling"), (xindu, "verifying"),
]  # fmt: skip


@pytest.mark.parametrize(("begin", "stop"), PLACES)
def test_swept_alone_or_among_many_is_the_same(
    county: people.County, monkeypatch: pytest.MonkeyPatch, begin: Any, stop: str
) -> None:
    # Alike, but one came earlier and one has heard its warnings.
    alone, early, warned = begin(county).to(stop), begin(county).to(stop), begin(county).to(stop)
    for life in (alone, early, warned):
        due = life.row.due_at
        assert due is not None
    Matter.objects.filter(pk__in=(alone.id, early.id)).update(tick_at=None)
    warned.sweep(warned.row.due_at - timedelta(minutes=1))
    late = warned.row.due_at + 5 * DAY
    results = {}
    for name in ("_tick_alike", "_tick_one"):
        with monkeypatch.context() as patch:
            if name == "_tick_one":
                patch.setattr(jobs, "_tick_alike", lambda *_: None)
            with transaction.atomic():
                Matter.objects.filter(outcome="").update(tick_at=late)
                jobs.sweep(at=late)
                results[name] = [told(life) for life in (alone, early, warned)]
                transaction.set_rollback(True)
    assert results["_tick_alike"] == results["_tick_one"]
    position = results["_tick_one"][0]["events"][-1]["position"]
    assert positions.from_json(position).stage == results["_tick_one"][0]["stage"]


def test_many_escalations_cost_few_statements(county: people.County) -> None:
    many = [xindu(county) for _ in range(30)]
    late = many[0].at + 10 * DAY
    assert len(statements(lambda: jobs.sweep(at=late))) <= 6
    assert {life.row.level for life in many} == {"community"}
    assert all(ticks(life) == [("up", 100)] for life in many)


def test_the_sweep_finds_what_is_due_by_its_index(county: people.County) -> None:
    xuyi(county)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(
            "explain select id from matters_matter where tick_at <= now() order by tick_at limit 10"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "matter_tick" in plan


def test_more_than_a_batch_is_swept_to_the_end(county: people.County) -> None:
    many = [xindu(county) for _ in range(7)]
    assert jobs.sweep(at=many[0].at + 10 * DAY, batch=2) == 7
    assert jobs.sweep(at=many[0].at + 10 * DAY, batch=2) == 0


def test_a_reminder_past_its_deadline_sleeps(county: people.County) -> None:
    life = xuyi(county).to("publish")
    life.sweep(life.row.due_at)
    assert life.row.tick_at is None
    assert jobs.sweep(at=life.at + 100 * DAY) == 0
    assert life.stands() == "publish"
    life.to("end")


def test_urgent_it_climbs_in_half_an_hour(county: people.County) -> None:
    life = xindu(county, urgent=True)
    assert life.sweep(people.NOW + timedelta(minutes=30)) == 1
    assert life.row.level == "community"
    assert life.row.due_at == people.NOW + HOUR


def test_a_matter_the_clock_cannot_read_does_not_hold_up_the_others(
    county: people.County,
) -> None:
    broken, sound = xuyi(county).to("deliberate"), xuyi(county).to("deliberate")
    Matter.objects.filter(pk=broken.id).update(stage="no_such_stage")
    late = sound.row.due_at
    assert late is not None
    jobs.sweep(at=late + DAY)
    assert sound.row.level == "town"
    assert broken.row.tick_at == late + DAY + jobs.AGAIN
