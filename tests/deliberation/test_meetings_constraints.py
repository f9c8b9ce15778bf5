"""What must never be false of a session is refused by the database itself, whoever asks."""

import pytest
from django.apps import apps
from django.db import IntegrityError, InternalError, connection, transaction

import people
from assemblies import DAY, meeting, one_four_one
from gongzhi.deliberation.meetings import actions
from gongzhi.deliberation.meetings.models import Pledge, Question
from gongzhi.matters.actions import Assignee

pytestmark = pytest.mark.django_db

_SESSION = "update meetings_session set {} where id = {{open}}"
# One statement per constraint; {open} is a running session, {draft} one in preparation.
WRONG = {
    "session_number_once": "update meetings_session set number = 2, body_id ="
    " (select body_id from meetings_session where id = {second}) where id = {first}",
    "session_in_order": _SESSION.format("closed_at = opened_at"),
    "cancelled_with_reason": "update meetings_session set state = 'cancelled' where id = {draft}",
    "item_while_open": "update meetings_session set item_id = {item} where id = {draft}",
    "outcome_whole": "update meetings_agendaitem set outcome = 'opinion' where id = {item}",
    "outcome_names_matter": "update meetings_agendaitem set outcome = 'matter', outcome_at = now()"
    " where id = {item}",
    "part_in_order": "update meetings_agendaitem set started_at = now(),"
    " ended_at = now() - interval '1 hour' where id = {item}",
    "part_of_another": "update meetings_agendaitem set parent_id = id where id = {item}",
    "part_1_to_480_minutes": "update meetings_agendaitem set minutes = 0 where id = {item}",
    "on_session_roll_once": "insert into meetings_roll (session_id, person_id, seat_class, area)"
    " select {noticed}, id, 'member', 0 from people_person, generate_series(1, 2)"
    " where id = {who}",
    "signed_in_once": "insert into meetings_attendance (session_id, person_id, guest, came_as, how,"
    " at) values ({open}, {who}, '', '', 'desk', now())",
    "guest_once": "insert into meetings_attendance (session_id, guest, came_as, how, at)"
    " values ({open}, '老张', '', 'desk', now()), ({open}, '老张', '', 'paper', now())",
    "person_or_guest": "insert into meetings_attendance (session_id, person_id, guest, came_as,"
    " how, at) values ({open}, {other}, '也写了名字', '', 'desk', now())",
    "represented_once": "insert into meetings_mandate (session_id, holder_id, for_person_id, slot,"
    " paper, at) values ({open}, {who}, {other}, 1, '书', now()),"
    " ({open}, {third}, {other}, 1, '书', now())",
    "mandate_slot_once": "insert into meetings_mandate (session_id, holder_id, for_person_id, slot,"
    " paper, at) values ({open}, {who}, {other}, 1, '书', now()),"
    " ({open}, {who}, {third}, 1, '书', now())",
    "three_mandates_most": "insert into meetings_mandate (session_id, holder_id, for_person_id,"
    " slot, paper, at) values ({open}, {who}, {other}, 4, '书', now())",
    "mandate_for_another": "insert into meetings_mandate (session_id, holder_id, for_person_id,"
    " slot, paper, at) values ({open}, {who}, {who}, 1, '书', now())",
    "mandate_written": "insert into meetings_mandate (session_id, holder_id, for_person_id, slot,"
    " paper, at) values ({open}, {who}, {other}, 1, '', now())",
    "waits_once": "insert into meetings_speaker (item_id, name, at)"
    " values ({item}, '阿梅', now()), ({item}, '阿梅', now())",
    "speech_in_order": "insert into meetings_speaker (item_id, name, at, ended_at)"
    " values ({item}, '阿梅', now(), now() - interval '1 minute')",
    "question_number_once": "insert into meetings_question (session_id, number, text, suggestion,"
    " asker, how, state, answer, answerer, at) values ({open}, 1, '再问', false, '', 'slip',"
    " 'open', '', '', now())",
    "answered_with_words": "update meetings_question set state = 'answered' where id = {question}",
    "sorted_one_thing": "update meetings_sorting set question_id = null where id = {sorting}",
    "sorted_to_somebody": "update meetings_sorting set lead_person_id = null where id = {sorting}",
    "joint_has_others": "update meetings_sorting set kind = 'joint' where id = {sorting}",
    "sorted_elsewhere": "update meetings_sorting set merged_into_id = id where id = {sorting}",
    "pledged_by_somebody": "insert into meetings_pledge (body_id, session_id, text, due_on, state,"
    " at) select body_id, session_id, text, due_on, state, at from meetings_pledge"
    " where id = {pledge}",
    "pledge_judged_with_words": "insert into meetings_pledgeevent (pledge_id, verb, note, at)"
    " values ({pledge}, 'kept', '', now())",
    "heard_in_order": "insert into meetings_party (item_id, position, name, stand, statement)"
    " values ({item}, 1, '甲方', 'for', ''), ({item}, 1, '乙方', 'for', '')",
    "party_once": "insert into meetings_party (item_id, position, name, stand, statement)"
    " values ({item}, 1, '甲方', 'for', ''), ({item}, 2, '甲方', 'for', '')",
    "survey_in_its_part": "update meetings_agendaitem set survey_id = 1 where id = {item}",
    "statement_whole": "insert into meetings_party (item_id, position, name, stand, statement)"
    " values ({item}, 1, '甲方', 'for', '说了')",
    "minutes_version_once": "insert into meetings_minutes (session_id, version, body, digest,"
    " reason, at) values ({open}, 1, '{{}}', '', '', now()), ({open}, 1, '{{}}', '', '', now())",
    "correction_has_reason": "insert into meetings_minutes (session_id, version, body, digest,"
    " reason, at) values ({open}, 2, '{{}}', '', '', now())",
    "session_event_in_order": "insert into meetings_sessionevent (session_id, seq, verb, at, data)"
    " values ({open}, 2, 'x', now(), '{{}}')",
    # Guards that are triggers or beyond Django's own words.
    "noticed_in_time": "update meetings_session set starts_at = noticed_at + interval '1 day'"
    " where id = {noticed}",
    "session_goes_forward": _SESSION.format("state = 'noticed', opened_at = null"),
    "composition_complete": "update meetings_session set state = 'open', opened_at = now()"
    " where id = {noticed}",
    "every_item_leaves": _SESSION.format("state = 'closed', closed_at = now() + interval '1 year',"
                                         " item_id = null"),
    "session_is_over": "update meetings_agendaitem set title = '改了' where session_id = {first}",
    "roll_frozen": "insert into meetings_roll (session_id, person_id, seat_class, area)"
    " values ({open}, {who}, 'member', 0)",
    "owner_never_judges": "insert into meetings_pledgeevent (pledge_id, verb, note, at, by_id)"
    " values ({pledge}, 'kept', '我自己看过', now(), {owner})",
    "question_stands": "delete from meetings_question where id = {question}",
    "pledge_stands": "update meetings_pledge set owner_id = {other} where id = {pledge}",
    "pledge_as_judged": "update meetings_pledge set state = 'kept' where id = {pledge};"
    " set constraints all immediate",
}  # fmt: skip
TRIGGERS = {
    "noticed_in_time", "session_goes_forward", "composition_complete", "every_item_leaves",
    "session_is_over", "roll_frozen", "owner_never_judges",
    "question_stands", "pledge_stands", "pledge_as_judged",
}  # fmt: skip


def everything(county: people.County) -> dict[str, int]:
    """A running session with one of everything, and others in their states."""
    made, seated = one_four_one(county)
    made.notice().begins().comes(*seated.values()).opens()
    host = made.host.pk
    actions.ask(session_id=made.id, words="路灯不亮", by=county.ah_mei.pk, at=made.at)
    asked = Question.objects.get(session=made.id)
    sorted_ = actions.hand_over(question_id=asked.pk, by=host, at=made.at, due_at=made.at + DAY,
                                lead=Assignee(county.holders["grid_worker"].pk))  # fmt: skip
    pledge = actions.pledge(session_id=made.id, words="把路灯修好", by=host, at=made.at,
                            due_on=(made.at + DAY).date(), owner_id=county.ah_mei.pk)  # fmt: skip
    noticed = meeting(county, of=made.body, days=6).notice()
    stool = meeting(county)
    stool.notice().begins().comes(county.ah_mei).opens().closes()
    second = meeting(county, of=stool.body, days=40)
    return {
        "open": made.id, "item": made.item("item").pk, "noticed": noticed.id, "question": asked.pk,
        "draft": meeting(county, "workshop").id, "first": stool.id, "second": second.id,
        "sorting": sorted_.id, "pledge": pledge, "owner": county.ah_mei.pk,
        "who": county.ah_mei.pk, "other": county.neighbour.pk, "third": county.brother.pk,
    }  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_the_database_refuses(county: people.County, name: str) -> None:
    names = everything(county)
    refused = pytest.raises(IntegrityError, match=name if name not in TRIGGERS else ".")
    with refused as seen, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRONG[name].format(**names))
    cause = seen.value.__cause__
    assert cause is not None
    assert cause.diag.constraint_name == name  # type: ignore[attr-defined]


def test_every_constraint_is_tried() -> None:
    declared = {
        constraint.name
        for model in apps.get_app_config("meetings").get_models()
        for constraint in model._meta.constraints
    }
    assert declared | TRIGGERS == set(WRONG)


@pytest.mark.parametrize("table", ["sessionevent", "minutes", "pledgeevent", "roll"])
@pytest.mark.parametrize(
    "statement", ["delete from {}", "truncate {} cascade", "update {} set id = id"]
)
def test_what_happened_is_never_changed(county: people.County, table: str, statement: str) -> None:
    names = everything(county)
    assert Pledge.objects.filter(pk=names["pledge"]).exists()
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        refused = pytest.raises((InternalError, IntegrityError), match="append-only")
        with refused, transaction.atomic():
            cursor.execute(statement.format(f"meetings_{table}"))
