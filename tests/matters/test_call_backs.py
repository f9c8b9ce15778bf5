"""The system asks whether it is solved; those concerned answer, and nobody for them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

import people
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.matters import actions, jobs, queries
from gongzhi.matters.models import CallBack
from gongzhi.people.models import Person, Proxy
from gongzhi.publications.models import Publication
from lives import DAY, HOUR, Life, xindu, xuyi

pytestmark = pytest.mark.django_db


def followed(county: people.County, *more: Person) -> Life:
    life = xuyi(county)
    for person in (county.neighbour, *more):
        assert actions.join(matter_id=life.id, by=person.pk, at=life.at)
    return life.to("appraise")


def refused(life: Life, by: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as found, transaction.atomic():
        life.answer(by, **more)
    return found.value


def test_the_system_asks_after_two_days_and_not_before(county: people.County) -> None:
    life = xuyi(county).to("appraise")
    verified = life.at
    assert jobs.ask_those_concerned(at=verified + 2 * DAY - timedelta(minutes=1)) == []
    assert jobs.ask_those_concerned(at=verified + 2 * DAY) == [(life.id, county.ah_mei.pk)]
    assert jobs.ask_those_concerned(at=verified + 3 * DAY) == []


def test_it_asks_those_concerned_and_nobody_else(county: people.County) -> None:
    life = followed(county, county.brother)
    asked = jobs.ask_those_concerned(at=life.at + 2 * DAY)
    assert {person for _, person in asked} == {
        county.ah_mei.pk, county.neighbour.pk, county.brother.pk
    }  # fmt: skip
    assert refused(life, county.he).code == "not_asked"


def test_it_does_not_ask_when_it_is_decided_or_over(county: people.County) -> None:
    decided = followed(county, county.brother)
    decided.answer(county.ah_mei)
    decided.answer(county.neighbour)
    assert decided.row.stage == "publish"  # two of three are enough
    sent_back = xindu(county).to("appraise")
    sent_back.answer(county.he, solved=False)
    open_ = followed(county)
    asked = jobs.ask_those_concerned(at=open_.at + 3 * DAY)
    assert {matter for matter, _ in asked} == {open_.id}


def test_before_the_work_is_verified_nobody_answers(county: people.County) -> None:
    life = xuyi(county).to("verifying")
    assert refused(life, county.ah_mei).code == "not_asked"


def test_an_answer_may_be_changed_until_the_answers_decide(county: people.County) -> None:
    life = followed(county, county.brother)
    life.answer(county.ah_mei, solved=False, score=1, words="没修")
    life.answer(county.ah_mei, solved=True, score=5, words="修了")
    one = CallBack.objects.get(matter=life.id, person=county.ah_mei)
    assert (one.solved, one.score, one.words) == (True, 5, "修了")
    assert life.answer(county.neighbour).stage == "publish"
    assert refused(life, county.ah_mei, solved=False).code == "not_now"
    one.refresh_from_db()
    assert one.solved


def test_not_solved_says_the_one_who_raised_it_and_it_goes_back(county: people.County) -> None:
    life = xuyi(county).to("appraise")
    moved = life.answer(county.ah_mei, solved=False, score=5)
    assert (moved.result, moved.stage) == ("fail", "handle")
    row = life.row
    assert (row.round, row.step, row.settled_level, row.loops) == (2, "dispatching", "", 1)
    life.at += HOUR
    life.to("end")
    assert CallBack.objects.filter(matter=life.id).count() == 2  # one a round
    assert life.row.settled_level == "village"


@pytest.mark.parametrize(("solved", "stage"), [(True, "publish"), (False, "handle")])
def test_who_gives_no_score_is_given_none(county: people.County, solved: bool, stage: str) -> None:
    life = xuyi(county).to("appraise")
    life.answer(county.ah_mei, solved=solved)
    one = CallBack.objects.get(matter=life.id, round=1, person=county.ah_mei)
    assert (one.solved, one.score) == (solved, None)
    told = life.events[-1].data["ratings"]
    assert (told["scores"], told["unscored"], told["not_solved"]) == ({}, 1, int(not solved))
    assert life.row.stage == stage


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_is_one_to_five(county: people.County, score: int) -> None:
    life = xuyi(county).to("appraise")
    assert isinstance(refused(life, county.ah_mei, score=score), BadInput)


def test_the_handler_enters_no_answers(county: people.County) -> None:
    life = xuyi(county).to("appraise")
    wen = county.holders["grid_worker"]
    assert isinstance(refused(life, wen, for_person=county.ah_mei.pk), NotAllowed)
    assert CallBack.objects.get(matter=life.id).answered_at is None


def test_a_colleague_of_the_handling_unit_enters_no_answers(county: people.County) -> None:
    life = xuyi(county).to("handle")
    li, held = county.holders["dept_officer"], county.holders
    life.move("dispatch", held["committee"],
              assignees=(actions.Assignee(None, county.water.pk),))  # fmt: skip
    life.move("report_done", li)
    life.move("verify", held["supervisor"])
    held["generalist_worker"].appointments.update(organisation=county.water)
    assert isinstance(
        refused(life, held["generalist_worker"], for_person=county.ah_mei.pk), NotAllowed
    )


def test_a_handler_who_also_raised_it_does_not_judge_it(county: people.County) -> None:
    wen = county.holders["grid_worker"]
    life = xuyi(county, by=wen.pk, source="patrol").to("appraise")
    assert refused(life, wen).code == "own_work"


def test_other_staff_enter_what_came_on_paper(county: people.County) -> None:
    life = xuyi(county).to("appraise")
    sun = county.holders["generalist_worker"]
    moved = life.answer(sun, score=4, for_person=county.ah_mei.pk)
    assert moved.stage == "publish"
    event = life.events[-1]
    assert (event.by, event.data["entered_by"]) == (county.ah_mei, sun.pk)


@pytest.mark.parametrize("role", ["observer", "merchant", "system_admin"])
def test_a_post_without_that_work_enters_no_answers(county: people.County, role: str) -> None:
    life = xuyi(county).to("appraise")
    found = refused(life, county.holders[role], for_person=county.ah_mei.pk)
    assert isinstance(found, NotAllowed)
    assert isinstance(
        refused(life, county.foreign["committee"], for_person=county.ah_mei.pk), NotAllowed
    )


def test_a_term_that_is_over_or_has_not_begun_enters_no_answers(county: people.County) -> None:
    life = xuyi(county).to("appraise")
    sun = county.holders["generalist_worker"]
    for term in ({"to_on": date(2026, 11, 1)}, {"from_on": date(2027, 1, 1), "to_on": None}):
        sun.appointments.update(**term)
        assert isinstance(refused(life, sun, for_person=county.ah_mei.pk), NotAllowed)


def test_family_answers_with_a_proxy_while_it_lasts(county: people.County) -> None:
    life = xuyi(county).to("appraise")
    proxy = Proxy.objects.create(person=county.brother, acts_for=county.ah_mei,
                                 agreed_at=people.NOW, until_on=date(2026, 11, 22))  # fmt: skip
    assert isinstance(refused(life, county.brother, for_person=county.ah_mei.pk), NotAllowed)
    proxy.until_on = date(2027, 1, 1)
    proxy.save()
    assert life.answer(county.brother, for_person=county.ah_mei.pk).stage == "publish"


def test_the_board_counts_answers_beside_silence(county: people.County) -> None:
    life = followed(county, county.brother)
    jobs.ask_those_concerned(at=life.at + 2 * DAY)
    life.answer(county.ah_mei, score=5)
    life.answer(county.neighbour, score=4)
    life.to("end")
    page = Publication.objects.get(subject_id=life.id, replaced_at=None)
    assert page.body["ratings"] == {"asked": 3, "answered": 2, "solved": 2}


def test_no_event_tells_who_gave_which_answer(county: people.County) -> None:
    life = followed(county, county.brother)
    life.answer(county.ah_mei, solved=False, score=1)
    life.answer(county.neighbour, solved=False, score=2)
    rated = [e for e in life.events if e.verb == "rate"]
    assert "ratings" not in rated[0].data
    assert rated[1].data["ratings"]["not_solved"] == 2
    shown = queries.get(county.viewer("committee"), life.number, life.at)
    assert {(e["by"], e["by_id"]) for e in shown["events"] if e["verb"] == "rate"} == {
        ("居民", None)
    }
