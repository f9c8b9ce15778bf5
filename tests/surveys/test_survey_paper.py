"""Paper sheets: handed out, returned, typed by two different people until they agree."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

import people
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.people.permissions import Viewer
from gongzhi.surveys import actions, queries, rules
from gongzhi.surveys.models import Entry, Response, Sheet
from surveys.asking import SOON, codes, counted, crowd, opened, second_supervisor, survey, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_id(county: people.County) -> int:
    made = opened(county, survey(county))
    actions.hand_out(round_id=made, first=1, last=8, viewer=county.viewer("supervisor"), at=SOON)
    return made


def enter(round_id: int, viewer: Viewer, number: int, *values: str, **more: bool) -> str:
    check = rules.check_of(codes(round_id)[number - 1])
    return actions.enter(
        round_id=round_id, number=number, check=check, viewer=viewer, at=SOON,
        typed=typed(round_id, *values), **more,
    ).state  # fmt: skip


def test_two_people_who_agree_make_one_answer(county: people.County, round_id: int) -> None:
    one, two = county.viewer("supervisor"), county.viewer("committee")
    assert enter(round_id, one, 1, "2", "4", "0", "1") == "first"
    assert enter(round_id, one, 1, "2", "4", "0", "1") == "first"  # twice alone is still once
    assert Entry.objects.count() == 1
    assert enter(round_id, two, 1, "2", "4", "0", "1") == "merged"
    assert enter(round_id, two, 1, "2", "4", "0", "1") == "merged"
    assert Response.objects.count() == 1
    assert Sheet.objects.get(round=round_id, number=1).channel == "paper"


def test_a_difference_is_shown_and_typed_again(county: people.County, round_id: int) -> None:
    one, two = county.viewer("supervisor"), county.viewer("committee")
    enter(round_id, one, 1, "2", "4", "0", "1")
    found = actions.enter(
        round_id=round_id, number=1, check=rules.check_of(codes(round_id)[0]), viewer=two, at=SOON,
        typed=typed(round_id, "2", "3", "0", "1"),
    )  # fmt: skip
    assert found.state == "differs"
    assert len(found.differs) == 1
    assert Response.objects.count() == 0
    assert enter(round_id, one, 1, "2", "3", "0", "1") == "merged"


def test_the_database_wants_two_people(county: people.County, round_id: int) -> None:
    one = county.viewer("supervisor")
    enter(round_id, one, 1, "2", "4", "0", "1")
    sheet = Sheet.objects.get(round=round_id, number=1)
    with (
        pytest.raises(IntegrityError, match="two different people"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "insert into surveys_entry (sheet_id, by_id, at, answers, void)"
            " select sheet_id, by_id, at, answers, void from surveys_entry;"
            "update surveys_sheet set state = 'valid', channel = 'paper' where id = %s",
            [sheet.pk],
        )
    for sql in ("delete from surveys_entry", "update surveys_entry set void = true"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)


def test_a_merged_sheet_is_never_merged_again(county: people.County, round_id: int) -> None:
    one, two = county.viewer("supervisor"), county.viewer("committee")
    enter(round_id, one, 1, "2", "4", "0", "1")
    enter(round_id, two, 1, "2", "4", "0", "1")
    with pytest.raises(DatabaseError, match="merged once"), transaction.atomic():
        Sheet.objects.filter(number=1).update(state="returned", channel="")


def test_a_blank_sheet_is_void_and_counted_as_returned(
    county: people.County, round_id: int
) -> None:
    one, two = county.viewer("supervisor"), county.viewer("committee")
    assert enter(round_id, one, 2) == "first"
    assert enter(round_id, two, 2) == "void"
    counts = queries.counts(round_id)
    assert (counts.handed, counts.returned, counts.valid, counts.void) == (8, 1, 0, 1)


def test_the_count_waits_for_every_sheet_that_came_back(
    county: people.County, round_id: int
) -> None:
    one, two = county.viewer("supervisor"), county.viewer("committee")
    actions.take_back(round_id=round_id, first=1, last=6, viewer=one, at=SOON)
    assert queries.counts(round_id).waiting == 6
    actions.close_round(round_id=round_id, viewer=one, at=SOON)
    with pytest.raises(Refused, match="还有6张"):
        actions.count_round(round_id=round_id, viewer=one, at=SOON)
    for number in range(1, 7):
        enter(round_id, one, number, "2", "4", "0", "1")
        enter(round_id, two, number, "2", "4", "0", "1")
    found = counted(county, round_id)
    assert found["counts"].paper == 6
    assert found["questions"][1].mean == 5


def test_a_mistyped_number_is_noticed(county: people.County, round_id: int) -> None:
    viewer = county.viewer("supervisor")
    with pytest.raises(BadInput, match="对不上"):
        actions.enter(round_id=round_id, number=1, check="???", viewer=viewer, at=SOON, typed={})
    with pytest.raises(Refused, match="没有登记发出"):
        enter(round_id, viewer, 15, "2", "4", "0", "1")
    with pytest.raises(BadInput):
        actions.hand_out(round_id=round_id, first=5, last=99, viewer=viewer, at=SOON)


def test_a_sheet_answered_on_the_phone_is_not_typed(county: people.County, round_id: int) -> None:
    answers = typed(round_id, "2", "4", ["0"], "1")
    actions.answer_sheet(code=codes(round_id)[0], at=SOON, typed=answers)
    assert enter(round_id, county.viewer("supervisor"), 1, "0") == "merged"
    assert Response.objects.count() == 1
    actions.take_back(
        round_id=round_id, first=2, last=2, viewer=county.viewer("supervisor"), at=SOON
    )
    with pytest.raises(Refused, match="已经交回"):
        actions.answer_sheet(code=codes(round_id)[1], at=SOON, typed=answers)


def test_who_takes_paper_answers_on_paper_only(county: people.County) -> None:
    crowd(county, 5)
    made = opened(county, survey(county), audience="roll", sheets=3)
    clerk, ah_mei = county.viewer("committee"), county.viewer(county.ah_mei)
    give = {"round_id": made, "viewer": clerk, "at": SOON}
    assert actions.give_paper(person_id=county.ah_mei.pk, **give)
    assert not actions.give_paper(person_id=county.ah_mei.pk, **give)
    with pytest.raises(Refused, match="纸质"):
        actions.answer(round_id=made, viewer=ah_mei, at=SOON, typed={})
    with pytest.raises(NotFound):
        actions.give_paper(person_id=county.he.pk, **give)
    with pytest.raises(NotFound):
        actions.answer_sheet(code=codes(made)[0], at=SOON, typed={})  # a roll has no code to try


def test_more_paper_than_people_who_took_some_is_not_counted(county: people.County) -> None:
    crowd(county, 5)
    made = opened(county, survey(county), audience="roll", sheets=3)
    one, two = county.viewer("supervisor"), county.viewer(second_supervisor(county))
    for viewer in (one, two):
        enter(made, viewer, 1, "2", "4", "0", "1")
    actions.close_round(round_id=made, viewer=one, at=SOON)
    with pytest.raises(Refused, match="对不上"), transaction.atomic():
        actions.count_round(round_id=made, viewer=one, at=SOON)


def test_strangers_do_not_touch_paper(county: people.County, round_id: int) -> None:
    for who in (county.he, county.ah_mei, county.foreign["committee"]):
        with pytest.raises(NotFound):
            actions.hand_out(round_id=round_id, first=1, last=2, viewer=county.viewer(who), at=SOON)
