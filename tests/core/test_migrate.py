"""Our `migrate` is quicker than Django's and comes to the same tables."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from gongzhi.core.management.commands.migrate import GrowingState

LAST = ("people", "0006_first_letters")  # far enough for every kind of operation, and quick
PLAIN = """
import django; django.setup()
from django.core.management import call_command
from django.core.management.commands.migrate import Command
call_command(Command(), verbosity=0)
"""
OURS = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
OF_A_TABLE = "(select oid from pg_class where relnamespace = 'public'::regnamespace)"
FACTS = (
    f"select attrelid::regclass::text, attnum, attname, format_type(atttypid, atttypmod),"
    f" attnotnull, attidentity, pg_get_expr(adbin, adrelid) from pg_attribute left join pg_attrdef"
    f" on adrelid = attrelid and adnum = attnum where attnum > 0 and attrelid in {OF_A_TABLE}",
    f"select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
    f" where conrelid in {OF_A_TABLE}",
    f"select pg_get_indexdef(indexrelid) from pg_index where indrelid in {OF_A_TABLE}",
    f"select pg_get_triggerdef(oid) from pg_trigger where tgrelid in {OF_A_TABLE}"
    " and not tgisinternal",
    "select pg_get_functiondef(oid) from pg_proc where prokind <> 'a'"
    " and pronamespace = 'public'::regnamespace",
    "select app, name from django_migrations",
    "select app_label, model from django_content_type",
    "select codename, app_label, model from auth_permission p"
    " join django_content_type t on t.id = p.content_type_id",
)


def migrated(kind: type[ProjectState]) -> ProjectState:
    """The state after the first migrations, its classes made at the beginning and kept up."""
    loader = MigrationLoader(None)
    state = kind(real_apps=loader.unmigrated_apps)
    assert state.apps
    for key in loader.graph.forwards_plan(LAST):
        loader.graph.nodes[key].mutate_state(state, preserve=False)
    return state


def test_its_state_and_its_classes_are_those_of_django() -> None:
    plain, ours = migrated(ProjectState), migrated(GrowingState)
    assert ours == plain
    assert ProjectState.from_apps(ours.apps) == ProjectState.from_apps(plain.apps)
    assert [model._meta.label for model in ours.apps.get_models()]
    for model in plain.apps.get_models():
        same = ours.apps.get_model(model._meta.label)
        assert related(same) == related(model), model


def related(model: Any) -> set[tuple[str, str]]:
    """Who points to it, and with what."""
    return {(r.related_model._meta.label, r.field.name) for r in model._meta.related_objects}


@pytest.fixture
def two_databases() -> Iterator[list[str]]:
    """The addresses of two empty databases beside that of the tests."""
    ours = connection.settings_dict
    base = urlsplit(os.environ.get("DATABASE_URL", "postgresql://gongzhi@127.0.0.1:54329/gongzhi"))
    names = [f"{ours['NAME']}_{which}" for which in ("plain", "ours")]
    with psycopg.connect(base._replace(path="/postgres").geturl(), autocommit=True) as link:
        for name in names:
            link.execute(f'create database "{name}"')
        yield [base._replace(path=f"/{name}").geturl() for name in names]
        for name in names:
            link.execute(f'drop database "{name}" with (force)')


@pytest.mark.nightly
def test_it_comes_to_the_very_same_tables(two_databases: list[str]) -> None:
    found = []
    for address, script in zip(two_databases, (PLAIN, OURS), strict=True):
        env = {**os.environ, "DATABASE_URL": address, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        with psycopg.connect(address) as link:
            found.append([set(link.execute(asked).fetchall()) for asked in FACTS])
    assert all(found[1])
    assert found[0] == found[1]
