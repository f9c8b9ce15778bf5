"""What every test may count on: nightly tests wait for the night, browser tests for a browser."""

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation

import people
from gongzhi.cli import testing
from gongzhi.places import queries
from installations import SHARED

HERE = Path(__file__).parent
# What takes long begins first, so that no process is left with it at the end. The first file makes
# the demonstration for all of `browser`; meanwhile the next two need none.
FIRST = (
    "browser/test_single_pages.py", "security/test_matrix.py", "test_checks.py",
    "browser/", "cli/", "machines/", "ledger/",
)  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="also the long tests, nothing else cut")


def pytest_configure(config: pytest.Config) -> None:
    """One folder for what all processes of this run share; its path leaves room for a socket."""
    if not hasattr(config, "workerinput"):
        path = Path(tempfile.mkdtemp(prefix="gz-", dir="/tmp"))
        path.chmod(0o755)
        os.environ[SHARED] = str(path)
        if sys.dont_write_bytecode:
            # Nothing is to be left in the checkout. Beside it, for this run, it is to be kept: the
            # many processes that tests start would each compile the house and its libraries.
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            os.environ["PYTHONPYCACHEPREFIX"] = str(path / "bytecode")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--nightly"):
        long = [item for item in items if item.get_closest_marker("nightly")]
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=long)
    if hasattr(config, "workerinput"):  # one of several processes
        _long_files_first(items)
    if not testing.browser():
        reason = "no browser: apt install chromium fonts-noto-cjk"
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=reason))


def _long_files_first(items: list[pytest.Item]) -> None:
    """Whole files, each in its own order; after the long ones those with many tests."""
    tests = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int, str]:
        name = os.path.relpath(item.path, HERE)
        early = next((at for at, start in enumerate(FIRST) if name.startswith(start)), len(FIRST))
        return early, -tests[item.path], name

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What one test's process remembered of places is gone before the next."""
    queries.forget()
    yield
    queries.forget()
    translation.deactivate()  # a page in English leaves its language in the thread


@pytest.fixture
def now() -> datetime:
    """A Monday morning with the office open."""
    return people.NOW


@pytest.fixture
def county(db: None) -> people.County:
    """The cast in its places, with both shipped playbooks adopted."""
    return people.make_county()


# What Django makes again after each emptying, which takes it most of a second.
STAYS = {"django_content_type", "auth_permission"}


@pytest.fixture(autouse=True, scope="session")
def _tables_may_be_emptied_between_tests() -> Iterator[None]:
    """Append-only tables refuse TRUNCATE, which is how tests with real transactions clean up."""
    run, listed = DatabaseOperations.execute_sql_flush, DatabaseOperations.sql_flush

    def sql_flush(
        self: DatabaseOperations, style: Any, tables: Sequence[str], **more: Any
    ) -> list[str]:
        return listed(self, style, [table for table in tables if table not in STAYS], **more)

    def execute_sql_flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "select tgrelid::regclass::text, tgname,"
                " has_table_privilege(tgrelid, 'TRUNCATE') from pg_trigger"
                " where tgname like '%_no_truncate'"
            )
            guards = cursor.fetchall()
        off = [f"alter table {table} disable trigger {name}" for table, name, _ in guards]
        on = [f"alter table {table} enable trigger {name}" for table, name, _ in guards]
        # Some tables take the right itself from their own owner.
        for table in {table for table, _, may in guards if not may}:
            off.append(f"grant truncate on {table} to current_user")
            on.append(f"revoke truncate on {table} from current_user")
        run(self, [*off, *sql_list, *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        patch.setattr(DatabaseOperations, "execute_sql_flush", execute_sql_flush)
        patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", _nothing)
        yield


def _nothing(*_: object) -> None:
    pass
