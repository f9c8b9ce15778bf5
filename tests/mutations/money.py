"""Plants each bug in a database of its own and runs the tests of money against it.

    DATABASE_URL=… python -m mutations.money [--sample N] [--database NAME]

Prints a table: caught (by which test), survived, or equal with the reason. Ends with 1 when a bug
survives that is not marked equal, or when one can no longer be planted. Without --database a
scratch database is made, and dropped in the end; one that is named is spoiled.
"""

import argparse
import contextlib
import importlib
import inspect
import itertools
import os
import random
import re
import sys
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

HOUSE = Path(__file__).parents[2]
SQL = HOUSE / "src/gongzhi/ledger/sql"
WALKS, STEPS = 3, 120
# A role belongs to the whole server: another run beside this one may have made it.
NOT_ALONE = {"test_a_role_of_its_own_may_look_and_call_but_not_write"}


class Verdict(NamedTuple):
    """What became of a bug."""

    name: str
    caught_by: str
    seconds: float
    equal: str

    @property
    def bad(self) -> bool:
        """A bug nobody saw, or one marked invisible that was seen."""
        return bool(self.caught_by) == bool(self.equal)


# What is run against each bug.


def walk(seed: int) -> None:
    """A walk at random in step with the plain model, everything compared after each step."""
    from ledger_lines import Books, agree
    from ledger_model import day_of
    from walks import steps

    books = Books()
    at = None
    for step in itertools.islice(steps(books.model, random.Random(seed)), STEPS):
        at = step[1].get("at", at)
        agree(books.told(books.model, step), books.send(step)(), step)
        books.same(books.model)
    for name, said in (("expire_holds", {"at": at}), ("expire_day", {"on": day_of(at)})):
        agree(books.told(books.model, (name, said)), books.send((name, said))(), (name, said))
    books.same(books.model)
    sound()


def sound() -> None:
    """Deferred rules hold, and the audit finds nothing."""
    from ledger_books import whole

    whole()


def walks() -> Iterator[tuple[str, Callable[[], None]]]:
    for seed in range(WALKS):
        yield f"walk {seed}", lambda seed=seed: walk(seed)  # type: ignore[misc]


def tests() -> Iterator[tuple[str, Callable[[], None]]]:
    """The tests of the books that need nothing but books, with each of their parameters."""
    for name in ("test_ledger", "test_ledger_lots", "test_ledger_holds", "test_ledger_batches",
                 "test_ledger_guards"):  # fmt: skip
        module = importlib.import_module(f"ledger.{name}")
        make = inspect.unwrap(module.books)
        make = getattr(make, "__pytest_wrapped__", make)
        make = getattr(make, "obj", None) or getattr(make, "_fixture_function", make)
        for test, call in vars(module).items():
            if test.startswith("test_") and test not in NOT_ALONE:
                yield from _each(test, call, make)


def _each(
    name: str, call: Callable[..., None], make: Callable[[], Any]
) -> Iterator[tuple[str, Callable[[], None]]]:
    wanted = set(inspect.signature(call).parameters)
    choices: list[dict[str, Any]] = [{}]
    for mark in getattr(call, "pytestmark", ()):
        if mark.name == "parametrize":
            names, values = mark.args
            keys = names.split(",") if isinstance(names, str) else names
            keys = [key.strip() for key in keys]
            given = [dict(zip(keys, v if len(keys) > 1 else (v,), strict=True)) for v in values]
            choices = [a | b for a in choices for b in given]
    for said in choices:
        if wanted <= said.keys() | {"books"}:
            yield (
                name,
                lambda said=said: call(  # type: ignore[misc]
                    **said, **({"books": make()} if "books" in wanted else {})
                ),
            )


def of_the_mall() -> Iterator[tuple[str, Callable[[], None]]]:
    """The rules of clearing, on paper."""
    for module in ("machines.test_clearing_machine", "mutations.clearing"):
        for name, call in vars(importlib.import_module(module)).items():
            if name.startswith("test_"):
                yield name, call


def beside() -> Iterator[tuple[str, Callable[[], None]]]:
    """Two at two connections: really committed, so that each sees the other."""
    from mutations import beside as two

    for name, call in vars(two).items():
        if name.startswith("test_"):
            yield name, call


def first_that_fails(checks: Iterator[tuple[str, Callable[[], None]]], *, kept: bool) -> str:
    """The name of the first check that fails; "" when all pass. Nothing stays unless `kept`."""
    from django.db import transaction

    for name, check in checks:
        try:
            if kept:
                check()
            else:
                with transaction.atomic():
                    try:
                        check()
                    finally:
                        transaction.set_rollback(True)
        except Exception as error:
            if type(error).__name__ == "Skipped":
                continue
            return name
        except BaseException as error:  # pytest's own Failed is not an Exception
            if type(error).__name__ == "Skipped":
                continue
            if isinstance(error, KeyboardInterrupt):
                raise
            return name
    return ""


# Planting.


def judge(bug: Any) -> Verdict:
    """Plant one bug, look who sees it, take it out again."""
    started = time.monotonic()
    if bug.where == "mall":
        with _in_the_mall(bug):
            by = first_that_fails(of_the_mall(), kept=True)
    elif bug.where == "table":
        by = _with_statement(bug.new)
    else:
        with _in_the_function(bug):
            checks = beside() if bug.beside else itertools.chain(walks(), tests())
            by = first_that_fails(checks, kept=bug.beside)
    return Verdict(bug.name, by, time.monotonic() - started, bug.equal)


def _with_statement(statement: str) -> str:
    """A change of a table is never committed: every check makes it anew."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)  # one that cannot be planted would look as if it were caught
        transaction.set_rollback(True)

    def changed(check: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            with connection.cursor() as cursor:
                cursor.execute(statement)
            check()

        return run

    checks = itertools.chain(walks(), tests())
    return first_that_fails(((n, changed(c)) for n, c in checks), kept=False)


@contextlib.contextmanager
def _in_the_function(bug: Any) -> Iterator[None]:
    file, name = bug.where.split(":")
    whole = (SQL / file).read_text(encoding="utf-8")
    found = re.search(rf"create function {name}\(.*?\n(?:end )?\$\$;", whole, re.DOTALL)
    assert found, f"no function {name}"
    text = found[0].replace("create function", "create or replace function", 1)
    assert text.count(bug.old) == 1, f"{bug.name}: {text.count(bug.old)} places in {name}"
    _run(text.replace(bug.old, bug.new))
    try:
        yield
    finally:
        _run(text)


def _run(sql: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)


@contextlib.contextmanager
def _in_the_mall(bug: Any) -> Iterator[None]:
    from gongzhi.mall import rules

    source = Path(rules.__file__).read_text(encoding="utf-8")
    assert source.count(bug.old) == 1, f"{bug.name}: {source.count(bug.old)} places"
    copy = types.ModuleType("gongzhi.mall.rules")
    copy.__file__ = rules.__file__
    sys.modules["gongzhi.mall.rules"], before = copy, dict(vars(rules))
    try:
        exec(compile(source.replace(bug.old, bug.new), rules.__file__, "exec"), vars(copy))
        changed = {k: v for k, v in vars(copy).items() if isinstance(v, types.FunctionType)}
        vars(rules).update(changed)
        yield
    finally:
        vars(rules).update(before)
        sys.modules["gongzhi.mall.rules"] = rules


# A database of one's own.


@contextlib.contextmanager
def scratch() -> Iterator[str]:
    """A new database with all tables; its address."""
    from urllib.parse import urlsplit

    base = urlsplit(os.environ["DATABASE_URL"])
    name = f"money_{os.getpid()}"
    with psycopg.connect(base._replace(path="/postgres").geturl(), autocommit=True) as admin:
        admin.execute(f'create database "{name}"')
        try:
            yield base._replace(path=f"/{name}").geturl()
        finally:
            admin.execute(f'drop database "{name}" with (force)')


def main(argv: list[str]) -> int:
    """Judge all bugs, or some; print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--database", default="")
    asked = parser.parse_args(argv)
    with contextlib.ExitStack() as stack:
        address = asked.database or stack.enter_context(scratch())
        _begin(address, migrate=not asked.database)
        verdicts = _judged(asked.sample, asked.only)
        from django.db import connection

        connection.close()
    bad = [v for v in verdicts if v.bad]
    caught, equal = sum(bool(v.caught_by) for v in verdicts), sum(bool(v.equal) for v in verdicts)
    print(f"{len(verdicts)} bugs: {caught} caught, {equal} equal, {len(bad)} not as they should be")
    return 1 if bad else 0


def _begin(address: str, *, migrate: bool) -> None:
    os.environ["DATABASE_URL"] = address
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings")
    sys.path[:0] = [str(HOUSE / "src"), str(HOUSE / "tests")]
    import django

    django.setup()
    if migrate:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)


def _judged(sample: int, only: str) -> list[Verdict]:
    from hypothesis import settings

    from mutations.planted import bugs as planted

    settings.register_profile("mutants", database=None, deadline=None, derandomize=True)
    settings.load_profile("mutants")
    # Those seen by two at once leave rows behind: they come last.
    bugs = sorted((bug for bug in planted() if only in bug.name), key=lambda bug: bug.beside)
    if sample:
        # The same ones in every run: others at night.
        visible = [bug for bug in bugs if not (bug.equal or bug.beside)]
        bugs = random.Random(20261123).sample(visible, sample)
    clean = first_that_fails(itertools.chain(walks(), tests(), of_the_mall()), kept=False)
    clean = clean or first_that_fails(beside(), kept=True)
    assert not clean, f"{clean} fails without any bug"
    verdicts = []
    for bug in bugs:
        verdict = judge(bug)
        said = f"caught by {verdict.caught_by}" if verdict.caught_by else "SURVIVED"
        if verdict.equal and not verdict.caught_by:
            said = f"equal: {verdict.equal}"
        print(f"{verdict.seconds:6.1f} s  {bug.name:55} {said}", flush=True)
        verdicts.append(verdict)
    return verdicts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
