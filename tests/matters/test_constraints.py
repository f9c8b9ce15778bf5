"""What must never be false is refused by the database itself, whoever asks."""

import pytest
from django.apps import apps
from django.db import IntegrityError, InternalError, connection, transaction

import people
from gongzhi.matters import models
from lives import xuyi

pytestmark = pytest.mark.django_db

# One statement per constraint; {life} is a matter in hand, {other} another, {who} a person.
WRONG = {
    "matter_ended_whole": "update matters_matter set closed_at = now() where id = {life}",
    "ended_has_no_clock": "update matters_matter set outcome = 'done', closed_at = now()"
    " where id = {life}",
    "pause_has_reason": "update matters_matter set paused_at = now() where id = {life}",
    "merged_elsewhere": "update matters_matter set merged_into_id = id where id = {life}",
    "reopened_once": "update matters_matter set reopened = 2 where id = {life}",
    "merged_names_the_other": "update matters_matter set outcome = 'merged', closed_at = now(),"
    " due_at = null, tick_at = null where id = {life}",
    "assigned_to_somebody": "update matters_assignment set person_id = null"
    " where matter_id = {life}",
    "done_by_somebody": "update matters_assignment set done_at = now() where matter_id = {life}",
    "one_lead": "insert into matters_assignment (matter_id, round, lead, person_id, due_at, at,"
    " done_note) values ({life}, 1, true, {who}, now(), now(), '')",
    "event_in_order": "insert into matters_event (matter_id, seq, verb, at, position)"
    " values ({life}, 1, 'comment', now(), '{{}}')",
    "follows_once": "insert into matters_follower (matter_id, person_id, why, at)"
    " values ({life}, {who}, 'joined', now()), ({life}, {who}, 'merged', now())",
    "asked_once_a_round": "insert into matters_callback (matter_id, round, person_id, ask_at,"
    " words) values ({life}, 1, {who}, now(), ''), ({life}, 1, {who}, now(), '')",
    "score_1_to_5": "insert into matters_callback (matter_id, round, person_id, ask_at, words,"
    " answered_at, solved, score) values ({life}, 1, {who}, now(), '', now(), true, 6)",
    "answer_whole": "insert into matters_callback (matter_id, round, person_id, ask_at, words,"
    " score) values ({life}, 1, {who}, now(), '', 5)",
    "migration_has_reason": "insert into matters_migration (place_id, old_id, new_id, at, reason,"
    " moved) select place_id, version_id, 'x', now(), '', '[]' from matters_matter"
    " where id = {life}",
    "law_decides_before_work": "update matters_matter set statutory = 'village_other'"
    " where id = {life}",
    "law_decides_before_work_event": "insert into matters_event (matter_id, seq, verb, at,"
    " position) values ({life}, 99, 'accept', now(),"
    " jsonb_build_object('step', 'handling', 'statutory', 'village_other'))",
    "resolution_is_from_a_ballot": "insert into matters_event (matter_id, seq, verb, at,"
    " position, data) values ({life}, 99, 'resolve', now(), jsonb_build_object('resolution', '3'),"
    " jsonb_build_object('resolution', jsonb_build_object('binding', false, 'verdict', 'pass',"
    " 'session_number', '3')))",
    "migration_to_another": "insert into matters_migration (place_id, old_id, new_id, at, reason,"
    " moved) select place_id, version_id, version_id, now(), 'x', '[]' from matters_matter"
    " where id = {life}",
    "handler_never_verifies": "insert into matters_event (matter_id, seq, verb, at, by_id,"
    " position) values ({life}, 99, 'verify', now(), {handler}, '{{}}')",
}


@pytest.mark.parametrize("name", WRONG)
def test_the_database_refuses(county: people.County, name: str) -> None:
    life = xuyi(county).to("handling")
    names = {
        "life": life.id, "other": xuyi(county).id, "who": county.neighbour.pk,
        "handler": county.holders["grid_worker"].pk,
    }  # fmt: skip
    refused = pytest.raises(IntegrityError, match=f'"{name}"|may not verify|no binding resolution')
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRONG[name].format(**names))


def test_every_constraint_is_tried() -> None:
    declared = {
        constraint.name
        for model in apps.get_app_config("matters").get_models()
        for constraint in model._meta.constraints
    }
    in_sql = {
        "handler_never_verifies", "law_decides_before_work_event", "resolution_is_from_a_ballot",
    }  # fmt: skip
    assert declared | in_sql == set(WRONG)


@pytest.mark.parametrize(
    "statement",
    [
        "update matters_event set reason = 'x' where matter_id = {life}",
        "update matters_event set private = true",
        "delete from matters_event where matter_id = {life}",
        "delete from matters_event",
        "truncate matters_event",
        "truncate matters_event cascade",
        "insert into matters_event (matter_id, seq, verb, at, position) select matter_id, seq,"
        " 'x', at, '{{}}' from matters_event on conflict (matter_id, seq) do update"
        " set verb = 'x'",
    ],
)
def test_what_happened_is_never_changed(county: people.County, statement: str) -> None:
    life = xuyi(county).to("deliberate")
    before = [e.verb for e in life.events]
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # nothing else stands in the way
        refused = pytest.raises((InternalError, IntegrityError), match=r"(?i)append|changed")
        with refused, transaction.atomic():
            cursor.execute(statement.format(life=life.id))
    assert [e.verb for e in life.events] == before


def test_a_matter_with_its_events_is_never_deleted(county: people.County) -> None:
    life = xuyi(county)
    with pytest.raises(Exception, match=r"protected|foreign key"):
        models.Matter.objects.filter(pk=life.id).delete()
