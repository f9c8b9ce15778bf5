"""民主评议: chaired by the supervision committee; those rated neither open, see nor answer."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

import people
from gongzhi import reactions
from gongzhi.core.errors import BadInput, NotAllowed, NotFound
from gongzhi.people.models import Household, Person
from gongzhi.people.permissions import NOBODY
from gongzhi.publications.models import Publication
from gongzhi.surveys import actions, jobs, queries
from gongzhi.surveys.models import Rated, Reading, Roll, Round, Sheet, Verdict
from surveys.asking import AFTER, LATER, SOON, appraisal, codes, counted, opened, survey, typed

pytestmark = pytest.mark.django_db


def appraise(county: people.County, *votes: str, made: int = 0) -> int:
    """A round in which Chen of the committee gets these votes: "0" 称职 … "2" 不称职."""
    chen = county.holders["committee"].pk
    round_id = opened(county, made or appraisal(county), rated=[chen], sheets=30)
    for code, vote in zip(codes(round_id), votes, strict=False):
        actions.answer_sheet(code=code, at=SOON, typed=typed(round_id, vote))
    return round_id


def test_it_is_counted_and_published_by_totals(county: people.County) -> None:
    round_id = appraise(county, *"0000112222")
    found = counted(county, round_id)
    one = found["questions"][0]
    assert (one.about, [s.k for s in one.shares]) == ("陈 村（居）两委成员", [4, 2, 4])
    verdict = queries.verdicts(round_id)[0]
    assert (verdict["failed"], verdict["valid"], verdict["office_ends"]) == (False, 10, False)
    assert queries.result(round_id, county.viewer("committee"))["questions"] == found["questions"]


def test_totals_about_people_are_for_the_place(county: people.County) -> None:
    round_id = appraise(county, *"0000112222")
    counted(county, round_id)
    assert queries.result(round_id, county.viewer(county.ah_mei))["questions"]
    for who in (county.viewer(county.he), NOBODY):
        with pytest.raises(NotFound, match="本村"):
            queries.result(round_id, who)


def test_two_in_a_row_are_stated_with_the_article_and_nothing_is_done(
    county: people.County,
) -> None:
    made = appraisal(county)
    counted(county, appraise(county, *"222220", made=made))
    last = appraise(county, *"222200", made=made)
    counted(county, last)
    verdict = queries.verdicts(last)[0]
    assert (verdict["failed"], verdict["office_ends"]) == (True, True)
    assert county.viewer("committee").posts  # the program ends nobody's office


def test_only_the_supervision_committee_opens_it(county: people.County) -> None:
    made, chen = appraisal(county), county.holders["committee"].pk
    for who in ("committee", "party_secretary", "town_officer"):
        with pytest.raises(NotAllowed, match="监督委员会"):
            opened(county, made, by=who, rated=[chen])
    with pytest.raises(NotAllowed, match="监督委员会"):
        opened(county, made, rated=[chen], chair=county.holders["party_secretary"].pk)
    with pytest.raises(BadInput, match="两委"):
        opened(county, made, rated=[county.holders["supervisor"].pk])
    with pytest.raises(BadInput):
        opened(county, made)


def test_the_database_wants_a_supervisor_in_the_chair(county: people.County) -> None:
    made, village = appraisal(county), county.place("village")
    row = Round.objects.create(
        instrument_id=made, place=village, place_path=village.path, title="x", audience="sheets",
        chair=county.holders["town_officer"], opened_by=county.holders["town_officer"],
        opened_at=people.NOW, closes_at=LATER,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="chaired and opened"), transaction.atomic():
        Round.objects.filter(pk=row.pk).update(state="open")


def test_those_rated_are_shut_out_everywhere(county: people.County) -> None:
    round_id = appraise(county, *"00000")
    chen = county.viewer("committee")
    for call in (
        lambda: queries.for_desk(round_id, chen),
        lambda: actions.answer(round_id=round_id, viewer=chen, at=SOON, typed={}),
        lambda: actions.hand_out(round_id=round_id, first=1, last=2, viewer=chen, at=SOON),
        lambda: actions.enter(
            round_id=round_id, number=1, check="", viewer=chen, at=SOON, typed={}
        ),
        lambda: actions.close_round(round_id=round_id, viewer=chen, at=SOON),
        lambda: actions.count_round(round_id=round_id, viewer=chen, at=SOON),
        lambda: queries.raw(round_id=round_id, viewer=chen, purpose="看看", at=AFTER),
    ):
        with pytest.raises(NotAllowed, match="评的是您"):
            call()
    assert queries.desk(chen)["rounds"] == []
    assert len(queries.desk(county.viewer("supervisor"))["rounds"]) == 1


def test_not_even_the_database_lets_them_in(county: people.County) -> None:
    round_id = appraise(county, *"00000")
    chen = county.holders["committee"]
    sheet = Sheet.objects.filter(round=round_id).first()
    assert sheet is not None
    with pytest.raises(IntegrityError, match="rated"), transaction.atomic():
        sheet.entries.create(by=chen, at=SOON, answers={})
    counted(county, round_id)
    with pytest.raises(IntegrityError, match="rated"), transaction.atomic():
        Reading.objects.create(round_id=round_id, by=chen, purpose="看看", at=AFTER)


def test_they_are_not_on_the_roll(county: people.County) -> None:
    chen = county.holders["committee"]
    chen.household = Household.objects.create(place=county.place("building"), door="9单元 1")
    chen.save()
    round_id = opened(county, appraisal(county), rated=[chen.pk], audience="roll", sheets=0)
    assert Roll.objects.filter(round=round_id).count() == 3
    assert not Roll.objects.filter(round=round_id, person=chen).exists()
    with pytest.raises(BadInput):
        opened(county, appraisal(county), rated=[chen.pk], audience="roll", persons=[chen.pk])


def test_people_of_a_unit_that_is_rated_stay_out(county: people.County) -> None:
    """The water station's own man may neither open the questionnaire about it nor see it."""
    round_id = opened(county, survey(county), rated_units=[county.water.pk])
    with pytest.raises(NotAllowed):
        actions.close_round(round_id=round_id, viewer=county.viewer("dept_officer"), at=SOON)
    assert queries.desk(county.viewer("dept_officer"))["rounds"] == []
    assert Rated.objects.get(round=round_id).name == "马坝镇水务站"


def test_a_rated_person_opens_no_questionnaire_about_himself(county: people.County) -> None:
    made = survey(county, by="committee")
    with pytest.raises(NotAllowed, match="不能发起"):
        opened(county, made, by="committee", rated=[county.holders["committee"].pk])


def test_a_verdict_is_counted_never_typed(county: people.County) -> None:
    round_id = appraise(county, *"000001")
    counted(county, round_id)
    verdict = Verdict.objects.get()
    values = (verdict.rated_id, verdict.person_id, verdict.place_id)
    for sql in ("delete from surveys_verdict", "update surveys_verdict set failed = true"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)
    insert = (
        "insert into surveys_verdict (rated_id, person_id, place_id, competent, basic, incompetent,"
        " fail_num, fail_den, failed, at) values (%s, %s, %s, {}, 1, 2, {}, now())"
    )
    for counts, failed, match in (
        ("0, 0, 6", "false", "verdict_follows_the_share|never typed"),
        ("0, 0, 6", "true", "never typed"),
        ("1, 0, 0", "false", "verdict_of_five|never typed"),
    ):
        with pytest.raises(IntegrityError, match=match), transaction.atomic():
            connection.cursor().execute(insert.format(counts, failed), values)


def test_fewer_than_five_valid_sheets_give_no_verdict(county: people.County) -> None:
    round_id = appraise(county, *"2222")
    counted(county, round_id)
    assert queries.verdicts(round_id) == []


def test_an_appraisal_of_a_village_is_closed_to_strangers(county: people.County) -> None:
    round_id = appraise(county, *"00000")
    for who in (county.he, county.foreign["supervisor"], Person.objects.create(name="路人")):
        with pytest.raises(NotFound):
            queries.for_desk(round_id, county.viewer(who))


def test_the_clock_closes_a_round_when_its_time_is_over(county: people.County) -> None:
    round_id = appraise(county, *"00000")
    with pytest.raises(Exception, match="还没到"):
        actions.close_round(round_id=round_id, viewer=None, at=SOON)
    assert actions.close_round(round_id=round_id, viewer=None, at=LATER + timedelta(minutes=1))


def test_the_totals_hang_on_the_board_at_once(county: people.County) -> None:
    counted(county, appraise(county, *"0000112222"))
    reactions.run(at=AFTER)
    item = Publication.objects.get(subject="survey")
    told = str(item.body)
    assert "称职4票，基本称职2票，不称职4票" in told
    assert "发出10份，收回10份，有效10份" in told
    reactions.run(at=AFTER)
    assert Publication.objects.filter(subject="survey").count() == 1


def test_the_sweep_closes_what_is_over(county: people.County) -> None:
    appraise(county, *"00000")
    assert jobs.sweep(at=SOON) == 0
    assert jobs.sweep(at=LATER) == 1
    assert jobs.sweep(at=LATER) == 0
