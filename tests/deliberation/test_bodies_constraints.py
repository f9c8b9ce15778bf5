"""What must never be false of a body and its seats is refused by the database."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

import people
from assemblies import body, one_four_one

pytestmark = pytest.mark.django_db

WRONG = {
    "law_rules_statutory_bodies": "update bodies_body set rule = 'villagers_assembly'"
    " where id = {body}",
    "body_in_order": "update bodies_body set to_on = from_on - 1 where id = {body}",
    "cadence_1_to_60_months": "update bodies_body set cadence_months = 0 where id = {body}",
    "one_open_body_a_name": "insert into bodies_body (place_id, kind, blueprint, name, level, rule,"
    " edition, house, electorate, template, from_on) select place_id, kind, blueprint, name, level,"
    " rule, edition, house, electorate, template, from_on from bodies_body where id = {body}",
    "one_open_seat": "insert into bodies_seat (body_id, person_id, seat_class, why, from_on)"
    " select body_id, person_id, 'expert', '', from_on from bodies_seat where body_id = {body}"
    " limit 1",
    "seat_in_order": "update bodies_seat set to_on = from_on - 1 where body_id = {body}",
    "area_of_owners": "update bodies_seat set area = 100 where body_id = {body}",
}


@pytest.mark.parametrize("name", WRONG)
def test_the_database_refuses(county: people.County, name: str) -> None:
    made, _seated = one_four_one(county)
    refused = pytest.raises(IntegrityError, match=f'"{name}"')
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRONG[name].format(body=made.body))


def test_every_constraint_is_tried() -> None:
    declared = {
        constraint.name
        for model in apps.get_app_config("bodies").get_models()
        for constraint in model._meta.constraints
    }
    assert declared == set(WRONG)


def test_a_body_decides_by_its_law_and_a_forum_never_binds(county: people.County) -> None:
    from gongzhi.deliberation.bodies import queries, rules

    for blueprint, binding in (("villagers_assembly", True), ("small_stool", False)):
        row = queries.whereabouts(body(county, blueprint))
        rule = rules.rule_of(row["rule"], row["edition"], row["house"])
        assert rule.binding is binding
        assert bool(rule.articles) is binding
