"""Everybody can be found by the first letters of his name, however he came into the register."""

import importlib
from datetime import timedelta

from django.apps import apps
from django.db import connection
from test_roster import row, sheet, upload

from gongzhi.people import actions, roster
from gongzhi.people.models import Person
from people import NOW, County

migration = importlib.import_module("gongzhi.people.migrations.0006_first_letters")


def test_a_roster_brings_the_letters_and_undo_takes_them_back(county: County) -> None:
    before = Person.objects.get(pk=county.ah_mei.pk).initials
    mei = row("阿花", "320999199001010021")
    batch = upload(county, sheet(row("曾小明", ""), mei))
    roster.apply(batch_id=batch, by=None, at=NOW)
    assert Person.objects.get(name="曾小明").initials == "zxm"
    assert Person.objects.get(pk=county.ah_mei.pk).initials == "ah"
    roster.undo(batch_id=batch, by=None, at=NOW + timedelta(hours=1))
    assert Person.objects.get(pk=county.ah_mei.pk).initials == before == "am"


def test_a_person_by_hand_has_them_and_a_new_name_has_new_ones(county: County) -> None:
    made = actions.register_person(name="张三丰", by=None, at=NOW)
    person = Person.objects.get(pk=made)
    assert person.initials == "zsf"
    person.name = "李四"
    person.save()
    person.refresh_from_db()
    assert person.initials == "ls"


def test_many_at_once_have_them_and_those_from_before_get_them(county: County) -> None:
    made = Person.objects.bulk_create([Person(name="王五"), Person(name="赵六")])
    assert [p.initials for p in made] == ["ww", "zl"]
    Person.objects.filter(pk__in=[p.pk for p in made]).update(initials="")
    with connection.schema_editor() as editor:
        migration.fill(apps, editor)
    assert not Person.objects.filter(initials="").exists()
    assert Person.objects.get(pk=made[1].pk).initials == "zl"
