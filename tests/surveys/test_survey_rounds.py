"""A round from the questionnaire to the result: on phones, on paper, once, sealed until then."""

import pytest
from django.db import DatabaseError, connection, transaction

import people
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.core.models import Outbox
from gongzhi.surveys import actions, board, queries
from gongzhi.surveys.models import Answer, Instrument, Question, Response, Roll, Round
from lives import statements
from surveys.asking import AFTER, NOW, SOON, codes, counted, crowd, opened, survey, typed

pytestmark = pytest.mark.django_db


def refused(sql: str, *params: object, match: str) -> None:
    """The database itself says no."""
    with (
        pytest.raises(DatabaseError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, params)


def test_a_questionnaire_in_use_is_never_changed(county: people.County) -> None:
    made = survey(county)
    opened(county, made)
    first = Question.objects.filter(instrument=made).first()
    assert first is not None
    with pytest.raises(Refused, match="不能再改"):
        actions.remove_question(question_id=first.pk, viewer=county.viewer("supervisor"), at=NOW)
    refused(
        "update surveys_question set words = 'x' where id = %s", first.pk, match="never changed"
    )
    refused("delete from surveys_question where id = %s", first.pk, match="never changed")
    refused("update surveys_instrument set title = 'x' where id = %s", made, match="never changed")
    newer = actions.new_version(instrument_id=made, viewer=county.viewer("supervisor"), at=NOW)
    assert Instrument.objects.get(pk=newer).version == 2
    assert [q["words"] for q in queries.questions(newer)] == [
        q["words"] for q in queries.questions(made)
    ]
    again = actions.new_version(instrument_id=made, viewer=county.viewer("supervisor"), at=NOW)
    assert again == newer  # the draft there is


def test_questions_change_places(county: people.County) -> None:
    made = survey(county)
    ids = [q["id"] for q in queries.questions(made)]
    viewer = county.viewer("supervisor")
    actions.move_question(question_id=ids[1], up=True, viewer=viewer, at=NOW)
    assert [q["id"] for q in queries.questions(made)][:2] == [ids[1], ids[0]]
    actions.move_question(question_id=ids[1], up=True, viewer=viewer, at=NOW)
    actions.remove_question(question_id=ids[1], viewer=viewer, at=NOW)
    assert [q["position"] for q in queries.questions(made)] == [1, 2, 3, 4]


def test_a_roll_answers_once_each_without_a_name(county: people.County) -> None:
    crowd(county, 8)
    round_id = opened(county, survey(county), audience="roll", sheets=0)
    assert not Roll.objects.filter(round=round_id, person=county.he).exists()
    answers = typed(round_id, "2", "4", ["0", "2"], "0", "路灯早点修")
    for mark in Roll.objects.filter(round=round_id)[:7]:
        viewer = county.viewer(mark.person)
        assert actions.answer(round_id=round_id, viewer=viewer, at=SOON, typed=answers)
        assert not actions.answer(round_id=round_id, viewer=viewer, at=SOON, typed=answers)
    assert Response.objects.count() == 7
    columns = {f.name for f in Response._meta.fields} | {f.name for f in Answer._meta.fields}
    assert columns == {"id", "round", "channel", "response", "question", "rated", "picks", "words"}
    with pytest.raises(NotFound):
        actions.answer(round_id=round_id, viewer=county.viewer(county.he), at=SOON, typed=answers)
    counts = queries.counts(round_id)
    assert (counts.handed, counts.returned, counts.valid) == (11, 7, 7)


def test_it_is_sealed_until_the_count(county: people.County) -> None:
    round_id = opened(county, survey(county))
    with pytest.raises(queries.Sealed):
        queries.result(round_id, county.viewer("supervisor"))
    refused(
        "insert into surveys_reading (round_id, by_id, purpose, at) values (%s, %s, '看看', now())",
        round_id, county.holders["supervisor"].pk, match="sealed until the count",
    )  # fmt: skip
    with pytest.raises(Refused, match="不能计票"):
        actions.count_round(round_id=round_id, viewer=county.viewer("supervisor"), at=SOON)


def test_results_are_counted_with_intervals(county: people.County) -> None:
    round_id = opened(county, survey(county))
    actions.hand_out(round_id=round_id, first=1, last=12, viewer=county.viewer("supervisor"),
                     at=SOON)  # fmt: skip
    for i, code in enumerate(codes(round_id)[:12]):
        group = "2" if i < 7 else "1" if i < 9 else "0"
        answers = typed(round_id, group, str(i % 5), ["0"], str(i % 2))
        assert actions.answer_sheet(code=code.lower(), at=SOON, typed=answers)
        assert not actions.answer_sheet(code=code, at=SOON, typed=answers)
    found = counted(county, round_id)
    counts = found["counts"]
    assert (counts.handed, counts.returned, counts.valid, counts.void) == (12, 12, 12, 0)
    assert counts.printed == 20
    who, scale, *_ = found["questions"]
    assert [(s.words, s.k) for s in who.shares] == [("村民", 7), ("村民代表、党员", 5)]
    assert scale.mean == sum(i % 5 + 1 for i in range(12)) / 12
    assert [p.names for p in scale.parts] == [("村民",), ("村民代表", "党员")]
    assert all(p.n >= 5 for p in scale.parts)
    assert found["questions"][4].hidden  # nobody wrote words


def test_a_small_group_is_not_found_by_subtraction(county: people.County) -> None:
    round_id = opened(county, survey(county))
    for i, code in enumerate(codes(round_id)[:12]):
        group = "2" if i < 9 else "1"  # nine villagers, three party members
        actions.answer_sheet(code=code, at=SOON, typed=typed(round_id, group, "4", ["1"], "0"))
    found = counted(county, round_id)
    assert all(not one.parts for one in found["questions"])  # nine would give away the three
    rows = queries.table(found["questions"])
    assert not any("党员" in str(cell) for row in rows for cell in row)
    assert found["questions"][0].hidden  # not even how many they are
    assert "党员" not in str(board.body(found["counts"], found["questions"], [], ""))


def test_four_answers_show_nothing(county: people.County) -> None:
    round_id = opened(county, survey(county))
    for code in codes(round_id)[:4]:
        actions.answer_sheet(code=code, at=SOON, typed=typed(round_id, "2", "4", ["1"], "0"))
    found = counted(county, round_id)
    assert all(one.hidden and not one.shares and not one.n for one in found["questions"])
    with pytest.raises(Refused, match="不显示"):
        queries.raw(round_id=round_id, viewer=county.viewer("supervisor"), purpose="整理意见",
                    at=AFTER)  # fmt: skip


def test_words_are_read_by_the_supervisors_with_a_line_each_time(county: people.County) -> None:
    round_id = opened(county, survey(county))
    for i, code in enumerate(codes(round_id)[:5]):
        answers = typed(round_id, "2", "4", ["1"], "0", f"话{i}")
        actions.answer_sheet(code=code, at=SOON, typed=answers)
    counted(county, round_id)
    with pytest.raises(NotAllowed):
        queries.raw(round_id=round_id, viewer=county.viewer("committee"), purpose="看看", at=AFTER)
    with pytest.raises(BadInput):
        queries.raw(round_id=round_id, viewer=county.viewer("supervisor"), purpose="", at=AFTER)
    said = queries.raw(
        round_id=round_id, viewer=county.viewer("supervisor"), purpose="整理意见", at=AFTER
    )
    assert [(words, sorted(lines)) for words, lines in said] == [
        ("还想说什么", [f"话{i}" for i in range(5)])
    ]
    row = Round.objects.get(pk=round_id)
    assert [(r.by.name, r.purpose) for r in row.readings.all()] == [("孙", "整理意见")]
    refused("delete from surveys_reading", match="append-only")


def test_the_box_is_shaken_before_it_is_counted(county: people.County) -> None:
    round_id = opened(county, survey(county))
    for code in codes(round_id)[:6]:
        actions.answer_sheet(code=code, at=SOON, typed=typed(round_id, "2", "4", ["1"], "0"))
    before = set(Response.objects.values_list("id", flat=True))
    counted(county, round_id)
    after = set(Response.objects.values_list("id", flat=True))
    assert len(after) == 6
    assert not before & after
    assert Answer.objects.count() == 24
    refused("delete from surveys_answer", match="none after the count")
    refused("update surveys_answer set words = 'x'", match="never changed")
    refused(
        "insert into surveys_response (id, round_id, channel)"
        " values (gen_random_uuid(), %s, 'phone')",
        round_id, match="none after the count",
    )  # fmt: skip


def test_answers_that_do_not_add_up_are_not_counted(county: people.County) -> None:
    round_id = opened(county, survey(county))
    for code in codes(round_id)[:5]:
        actions.answer_sheet(code=code, at=SOON, typed=typed(round_id, "2", "4", ["1"], "0"))
    Response.objects.create(round_id=round_id, channel="phone")  # slipped in
    viewer = county.viewer("supervisor")
    actions.close_round(round_id=round_id, viewer=viewer, at=AFTER)
    with pytest.raises(Refused, match="对不上"), transaction.atomic():
        actions.count_round(round_id=round_id, viewer=viewer, at=AFTER)
    assert Round.objects.get(pk=round_id).state == "closed"


def test_a_round_only_goes_on(county: people.County) -> None:
    round_id = opened(county, survey(county))
    refused("update surveys_round set state = 'draft' where id = %s", round_id, match="goes draft")
    refused("update surveys_round set state = 'counted' where id = %s", round_id, match="goes")
    viewer = county.viewer("supervisor")
    assert actions.close_round(round_id=round_id, viewer=viewer, at=SOON)
    assert not actions.close_round(round_id=round_id, viewer=viewer, at=SOON)
    with pytest.raises(Refused, match="截止"):
        actions.answer_sheet(code=codes(round_id)[0], at=SOON, typed={})
    kinds = list(Outbox.objects.filter(kind__startswith="survey.").values_list("kind", flat=True))
    assert kinds == ["survey.opened", "survey.closed"]


def test_the_roll_is_frozen_when_it_opens(county: people.County) -> None:
    round_id = opened(county, survey(county), audience="roll", sheets=0)
    refused(
        "insert into surveys_roll (round_id, person_id, how) values (%s, %s, '')",
        round_id, county.he.pk, match="fixed when the round opens",
    )  # fmt: skip
    refused("delete from surveys_roll where round_id = %s", round_id, match="fixed when")
    refused(
        "insert into surveys_rated (round_id, person_id, name, post) values (%s, %s, '何', '')",
        round_id, county.he.pk, match="fixed when the round opens",
    )  # fmt: skip


def test_the_same_key_opens_one_round(county: people.County) -> None:
    made = survey(county)
    one = opened(county, made, key="k")
    assert opened(county, made, key="k") == one
    with pytest.raises(Refused):
        opened(county, made, key="k", sheets=30)
    assert Round.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"closes_at": NOW}, {"audience": "all"}, {"sheets": 3}, {"fail_over": "1/9"}]
)
def test_an_opening_that_makes_no_sense_is_refused(
    county: people.County, wrong: dict[str, object]
) -> None:
    with pytest.raises(BadInput):
        opened(county, survey(county), **wrong)


def test_only_one_question_groups(county: people.County) -> None:
    made = survey(county)
    with pytest.raises(BadInput, match="只能有一道"):
        actions.add_question(
            instrument_id=made, kind="single", words="您几岁", options="老\n少", needed=True,
            groups=True, viewer=county.viewer("supervisor"), at=NOW,
        )  # fmt: skip
    refused(
        "insert into surveys_question (instrument_id, position, kind, words, options, needed,"
        " groups) values (%s, 99, 'single', 'x', '[]', true, true)", made, match="one_grouping",
    )  # fmt: skip


def test_a_result_takes_few_statements(county: people.County) -> None:
    round_id = opened(county, survey(county))
    for code in codes(round_id)[:12]:
        actions.answer_sheet(code=code, at=SOON, typed=typed(round_id, "2", "4", ["1"], "0"))
    viewer = county.viewer("supervisor")
    counted(county, round_id)
    assert len(statements(lambda: queries.result(round_id, viewer))) <= 6
    assert len(statements(lambda: queries.desk(viewer))) <= 2


def test_answering_takes_few_statements(county: people.County) -> None:
    crowd(county, 3)
    round_id = opened(county, survey(county), audience="roll", sheets=0)
    viewer, answers = county.viewer(county.ah_mei), typed(round_id, "2", "4", ["1"], "0")
    sent = statements(
        lambda: actions.answer(round_id=round_id, viewer=viewer, at=SOON, typed=answers)
    )
    assert len(sent) <= 8, sent
