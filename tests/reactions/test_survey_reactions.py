"""When a questionnaire opens, those on its roll are told once, each in his language."""

import pytest

import people
from gongzhi import reactions
from gongzhi.core import db
from gongzhi.people import notes
from gongzhi.people.actions import give_consent
from gongzhi.people.models import Account, Note
from gongzhi.surveys import actions
from lives import statements
from surveys.asking import AFTER, NOW, SOON, appraisal, crowd, opened, survey, typed

pytestmark = pytest.mark.django_db


def words_of(person: people.Person) -> list[str]:
    return [note["words"] for note in notes.of(person.pk)]


def test_everybody_on_the_roll_is_told_once_and_nobody_else(county: people.County) -> None:
    crowd(county, 8)
    opened(county, survey(county), audience="roll", sheets=0)
    while reactions.run(at=SOON):
        pass
    assert words_of(county.ah_mei) == [
        "有一份问卷请您填：“村里的路”，11月30日截止。不记名，点“问卷和评议”就能填。"
    ]
    assert Note.objects.filter(words__contains="村里的路").count() == 11
    assert words_of(county.he) == []


def test_each_reads_it_in_his_language_and_those_rated_are_not_asked(
    county: people.County,
) -> None:
    Account.objects.filter(person=county.ah_mei).update(language="en")
    rated = [county.holders["committee"].pk]
    opened(county, appraisal(county), audience="roll", sheets=0, rated=rated)
    while reactions.run(at=SOON):
        pass
    assert "appraisal" in words_of(county.ah_mei)[0]
    assert "民主评议" in words_of(county.neighbour)[0]
    assert words_of(county.holders["committee"]) == []


def test_a_text_goes_to_those_who_asked_for_texts(county: people.County) -> None:
    me = county.ah_mei.pk
    give_consent(person_id=me, purpose=notes.TEXTS, by=me, at=NOW, words="可以给我发短信")
    people.Person.objects.filter(pk=me).update(phone="13900000001")
    opened(county, survey(county), audience="roll", sheets=0)
    while reactions.run(at=SOON):
        pass
    # Events that another test left behind are told too: only the texts about this survey count.
    deferred = db.rows(
        "select n.person_id from procrastinate_jobs j join people_note n on n.key = j.args->>'key'"
        " where n.words like '%%村里的路%%' and n.person_id = any(%s)",
        ([me, county.neighbour.pk, county.he.pk, *(p.pk for p in county.holders.values())],),
    )
    assert deferred == [(me,)]


def test_who_has_answered_before_the_note_is_not_asked_again(county: people.County) -> None:
    crowd(county, 5)
    round_id = opened(county, survey(county), audience="roll", sheets=0)
    answers = typed(round_id, "2", "4", ["0", "2"], "0", "")
    actions.answer(round_id=round_id, viewer=county.viewer(county.ah_mei), at=SOON, typed=answers)
    while reactions.run(at=SOON):
        pass
    assert words_of(county.ah_mei) == []
    assert words_of(county.neighbour) != []


def test_a_round_that_ended_before_anybody_was_told_stays_quiet(county: people.County) -> None:
    round_id = opened(county, survey(county), audience="roll", sheets=0)
    actions.close_round(round_id=round_id, viewer=county.viewer("supervisor"), at=AFTER)
    while reactions.run(at=AFTER):
        pass
    assert not Note.objects.filter(words__contains="村里的路").exists()


def test_a_thousand_are_told_in_as_many_statements_as_ten(county: people.County) -> None:
    def told() -> int:
        opened(county, survey(county), audience="roll", sheets=0)
        return len(statements(lambda: reactions.run(at=SOON)))

    few = told()
    crowd(county, 40)
    assert told() == few
