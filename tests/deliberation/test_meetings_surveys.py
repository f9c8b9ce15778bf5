"""A questionnaire answered at a session: opened from the runner, counted, told in the minutes."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

import people
from assemblies import Meeting, meeting
from gongzhi import reactions
from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.deliberation.meetings import actions, queries
from gongzhi.surveys import actions as surveys
from gongzhi.surveys.models import Round, Sheet
from surveys.asking import appraisal, codes, opened, survey, typed

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def at_survey(county: people.County) -> Meeting:
    """A small-stool assembly in its sixth part, the questionnaire; Ah-Mei is there."""
    made = meeting(county).notice().begins().comes(county.ah_mei, county.neighbour).opens()
    actions.start_part(item_id=made.item("survey").pk, by=made.host.pk, at=made.at)
    return made


def hand_out(made: Meeting, form: int, sheets: int = 20) -> int:
    item = made.item("survey").pk
    given = actions.open_survey(
        item_id=item, by=made.host.pk, at=made.at, instrument_id=form, sheets=sheets
    )
    if sheets:
        surveys.hand_out(round_id=given, first=1, last=10, at=made.at,
                         viewer=made.county.viewer(made.host, made.at))  # fmt: skip
    return given


def answered(made: Meeting, given: int, many: int = 8) -> None:
    """So many sheets are answered by their codes: six satisfied, the rest not."""
    for n, code in enumerate(codes(given)[:many]):
        values = typed(given, "2", "4" if n < 6 else "1", ["0"], "0", "")
        surveys.answer_sheet(code=code, at=made.at + MINUTE, typed=values)


def counted(made: Meeting, given: int) -> None:
    viewer = made.county.viewer("supervisor", made.at)
    for end in (surveys.close_round, surveys.count_round):
        end(round_id=given, viewer=viewer, at=made.at + 2 * MINUTE)


def test_sheets_are_handed_out_from_the_runner_once(at_survey: Meeting) -> None:
    form = survey(at_survey.county)
    given = hand_out(at_survey, form)
    assert hand_out(at_survey, form, 0) == given  # pressed twice: the same questionnaire
    told = queries.surveys_of(at_survey.id)[at_survey.item("survey").pk]
    assert (told["counts"].printed, told["counts"].handed, told["counts"].valid) == (20, 10, 0)
    answered(at_survey, given)
    told = queries.surveys_of(at_survey.id)[at_survey.item("survey").pk]
    assert (told["counts"].returned, told["counts"].valid) == (8, 8)
    assert told["questions"] == []  # sealed until the count


def test_without_sheets_those_who_signed_in_are_asked_on_their_phones(at_survey: Meeting) -> None:
    given = hand_out(at_survey, survey(at_survey.county), 0)
    roll = {row["person_id"] for row in queries.roll(at_survey.id) if row["present"]}
    asked = db.rows("select person_id from surveys_roll where round_id = %s::bigint", (given,))
    assert {person for (person,) in asked} == roll == {
        at_survey.county.ah_mei.pk, at_survey.county.neighbour.pk,
    }  # fmt: skip


def test_the_minutes_say_what_was_answered_once_it_is_counted(at_survey: Meeting) -> None:
    given = hand_out(at_survey, survey(at_survey.county))
    answered(at_survey, given)
    at_survey.settles().closes()
    part = next(one for one in queries.minutes(at_survey.id)["body"]["agenda"] if one["survey"])
    assert (part["survey"]["handed"], part["survey"]["questions"]) == (10, [])
    counted(at_survey, given)
    while reactions.run(at=at_survey.at + 3 * MINUTE):
        pass
    kept = queries.minutes(at_survey.id)
    assert (kept["version"], kept["reason"]) == (2, "问卷已经计票，补上结果。")
    part = next(one for one in kept["body"]["agenda"] if one["survey"])
    road = next(q for q in part["survey"]["questions"] if q["words"] == "路修得怎么样")
    assert sum(share["k"] for share in road["shares"]) == road["n"] == 8
    assert max(share["k"] for share in road["shares"]) == 6
    for page in (f"/meetings/{at_survey.id}", f"/meetings/{at_survey.id}/minutes"):
        told = Client().get(page).content.decode()
        assert "发出10份，收回8份，有效8份" in told
        assert "75.0%" in told
    actions.survey_counted(given, at_survey.at + 4 * MINUTE)  # told again: no third version
    assert queries.minutes(at_survey.id)["version"] == 2


def test_an_appraisal_that_runs_is_taken_in_but_its_totals_stay_with_the_place(
    at_survey: Meeting,
) -> None:
    county = at_survey.county
    given = opened(county, appraisal(county), rated=[county.holders["party_secretary"].pk],
                   closes_at=at_survey.at + timedelta(days=7))  # fmt: skip
    item = at_survey.item("survey").pk
    assert actions.open_survey(item_id=item, by=at_survey.host.pk, at=at_survey.at,
                               round_id=given) == given  # fmt: skip
    assert queries.surveys_of(at_survey.id)[item]["questions"] == []


def test_a_part_that_is_no_questionnaire_takes_none(at_survey: Meeting) -> None:
    form, part = survey(at_survey.county), at_survey.item("part").pk
    with pytest.raises(Refused, match="不是问卷测评"), transaction.atomic():
        actions.open_survey(item_id=part, by=at_survey.host.pk, at=at_survey.at,
                            instrument_id=form, sheets=9)  # fmt: skip
    given = hand_out(at_survey, form)
    with pytest.raises(Exception, match="survey_in_its_part"), transaction.atomic():
        db.run("update meetings_agendaitem set survey_id = %s::bigint where id = %s::bigint",
               (given, part))  # fmt: skip


def test_the_host_hands_it_out_on_the_page(
    at_survey: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at_survey.at)
    form, desk = survey(at_survey.county), Client()
    desk.force_login(at_survey.host.account)
    run = f"/staff/meetings/{at_survey.id}/run"
    assert "村里的路" in desk.get(run).content.decode()
    item = str(at_survey.item("survey").pk)
    wrong = desk.post(run.replace("/run", "/steps/survey"),
                      {"item": item, "survey": f"form:{form}", "sheets": "二十"})  # fmt: skip
    assert (wrong.status_code, "二十" in wrong.content.decode()) == (422, True)
    desk.post(run.replace("/run", "/steps/survey"),
              {"item": item, "survey": f"form:{form}", "sheets": "20"})  # fmt: skip
    given = Round.objects.get()
    assert Sheet.objects.filter(round=given).count() == 20
    told = desk.get(run).content.decode()
    assert "发出0份，收回0份，有效0份" in told
    assert f"/staff/surveys/rounds/{given.pk}" in told
