"""Nothing acknowledged is lost and no event stands without its state, whoever is killed when.

Each promise has a control that breaks it on purpose: a test that could not see a loss proves
nothing. The few kills here are many in the nightly tier.
"""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gongzhi.cli.folder import Folder
from gongzhi.cli.postgres import Postgres
from installations import eventually

WRITER = Path(__file__).with_name("writer.py")
WRITERS = 3
TORN = "select id from state s where n <> (select count(*) from event e where e.id = s.id)"

BUSY = """select count(*) from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()"""


class Writer:
    """A writing process and what it was promised."""

    def __init__(self, url: str, number: int, how: str, out: Path) -> None:
        self.number = number
        self.out = out
        with out.open("ab") as sink:
            command = [sys.executable, str(WRITER), url, str(number), how]
            self.process = subprocess.Popen(command, stdout=sink)

    def promised(self) -> int:
        """The last number acknowledged; a line cut short by the kill was not yet said."""
        return max(map(int, self.out.read_text().split("\n")[:-1]), default=0)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(new_folder: Path) -> Iterator[Postgres]:
    place = Folder(new_folder / "data")
    place.open()
    server = Postgres(place)
    server.start()
    with psycopg.connect(server.url) as link:
        link.execute("create table state (id int primary key, n int not null)")
        link.execute("create table event (id int not null, n int not null)")
        link.execute("insert into state select x, 0 from generate_series(1, %s) x", [WRITERS])
    yield server
    server.stop()


@pytest.fixture
def writers(server: Postgres, new_folder: Path) -> Iterator[list[Writer]]:
    started: list[Writer] = []
    yield started
    for writer in started:
        writer.kill()


def start(writers: list[Writer], server: Postgres, folder: Path, how: str) -> None:
    for number in range(1, WRITERS + 1):
        writers.append(Writer(server.url, number, how, folder / f"promised-{number}"))


def let_them_write(writers: list[Writer], random: random.Random) -> None:
    """Until each has been promised something new, and then a moment that differs each time."""
    before = {writer.number: writer.promised() for writer in writers}
    more = random.randint(1, 30)
    eventually(lambda: all(w.promised() >= before[w.number] + more for w in writers), 300)


def lost(server: Postgres, writers: list[Writer]) -> list[int]:
    """Writers who were promised more than there is."""
    promised = {writer.number: writer.promised() for writer in writers}
    with psycopg.connect(server.url) as link:
        there = dict(link.execute("select id, n from state").fetchall())
    return [number for number, n in promised.items() if n > there[number]]


def torn(server: Postgres) -> list[int]:
    """Whose events do not match the state."""
    with psycopg.connect(server.url) as link:
        return [number for (number,) in link.execute(TORN).fetchall()]


def kill_database(server: Postgres) -> None:
    """kill -9 of the server, then what the supervisor does about it."""
    assert server.child is not None
    os.kill(server.child.pid, signal.SIGKILL)
    assert server.child.process is not None
    server.child.process.wait()

    def running_again() -> bool:
        assert server.child is not None
        if server.child.ended():  # its orphans may still hold the shared memory for a moment
            server.start_again()
        return server.answers()

    eventually(running_again)


def database_kills(
    server: Postgres, writers: list[Writer], folder: Path, kills: int, how: str
) -> tuple[list[int], list[int]]:
    """Kill the database that often under load. Who lost something, whose events do not match."""
    chance = random.Random(kills)
    start(writers, server, folder, how)
    losers: list[int] = []
    for _ in range(kills):
        let_them_write(writers, chance)
        for writer in writers:
            writer.process.send_signal(signal.SIGSTOP)  # so what is promised stands still
        kill_database(server)
        losers += lost(server, writers)
        if losers:
            break
        for writer in writers:
            writer.process.send_signal(signal.SIGCONT)
    return losers, torn(server)


def process_kills(
    server: Postgres, writers: list[Writer], folder: Path, kills: int, how: str
) -> tuple[list[int], list[int]]:
    """Kill writers one after another, each in the middle of something."""
    chance = random.Random(kills)
    start(writers, server, folder, how)
    for kill in range(kills):
        let_them_write(writers, chance)
        victim = writers[kill % WRITERS]
        victim.kill()
        writers[kill % WRITERS] = Writer(server.url, victim.number, how, victim.out)
    for writer in writers:
        writer.kill()
    with psycopg.connect(server.url, autocommit=True) as link:  # what they had begun is undone
        eventually(lambda: link.execute(BUSY).fetchone() == (0,))
    return lost(server, writers), torn(server)


@pytest.mark.slow
def test_no_promise_is_lost_when_the_database_is_killed(
    server: Postgres, writers: list[Writer], new_folder: Path
) -> None:
    assert database_kills(server, writers, new_folder, 3, "whole") == ([], [])


@pytest.mark.slow
def test_control_promises_made_in_haste_are_lost(
    server: Postgres, writers: list[Writer], new_folder: Path
) -> None:
    with psycopg.connect(server.url_of("postgres", "postgres"), autocommit=True) as link:
        link.execute("alter system set wal_writer_delay = '10s'")
        link.execute("select pg_reload_conf()")
    losers, _ = database_kills(server, writers, new_folder, 10, "hasty")
    assert losers


@pytest.mark.slow
def test_no_event_stands_alone_when_writers_are_killed(
    server: Postgres, writers: list[Writer], new_folder: Path
) -> None:
    assert process_kills(server, writers, new_folder, 6, "whole") == ([], [])


@pytest.mark.slow
def test_control_two_transactions_are_torn_apart(
    server: Postgres, writers: list[Writer], new_folder: Path
) -> None:
    _, mismatched = process_kills(server, writers, new_folder, 9, "torn")
    assert mismatched


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_twenty_five_kills_of_the_database(
    server: Postgres, writers: list[Writer], new_folder: Path
) -> None:
    assert database_kills(server, writers, new_folder, 25, "whole") == ([], [])


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_two_hundred_kills_of_writers(
    server: Postgres, writers: list[Writer], new_folder: Path
) -> None:
    assert process_kills(server, writers, new_folder, 210, "whole") == ([], [])
