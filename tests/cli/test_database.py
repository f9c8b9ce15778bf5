"""The embedded PostgreSQL: made right, found again, never half-made."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gongzhi.cli.folder import Busy, Folder
from gongzhi.cli.postgres import Postgres
from gongzhi.cli.say import Trouble
from installations import eventually


@pytest.fixture
def place(new_folder: Path) -> Folder:
    found = Folder(new_folder / "data")
    found.open()
    return found


@pytest.fixture
def server(place: Folder) -> Iterator[Postgres]:
    server = Postgres(place)
    server.start()
    yield server
    server.stop()


def show(server: Postgres, setting: str) -> str:
    with psycopg.connect(server.url) as link:
        found = link.execute("select current_setting(%s)", [setting]).fetchone()
    return str(found[0]) if found else ""


def test_it_is_durable_and_checks_its_pages(server: Postgres) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert show(server, setting) == "on", setting


def test_it_opens_no_port_and_lets_nobody_else_in(server: Postgres) -> None:
    assert show(server, "listen_addresses") == ""
    assert server.socket.stat().st_mode & 0o077 == 0


def test_it_sorts_by_code_point_and_knows_letters_that_are_not_ascii(server: Postgres) -> None:
    with psycopg.connect(server.url) as link:
        names = link.execute("select unnest(array['乙', '一', 'a']) as x order by x").fetchall()
        letters = link.execute("select 'É' ~ '[[:alpha:]]', lower('É')").fetchone()
    assert names == [("a",), ("一",), ("乙",)]
    assert letters == (True, "é")


def test_a_long_path_still_gets_a_socket(new_folder: Path) -> None:
    place = Folder(new_folder / ("long" * 30) / "data")
    place.open()
    for step in (place.path, place.path.parent):
        step.chmod(0o755)
    server = Postgres(place)
    server.start()
    try:
        assert len(os.fsencode(server.socket)) < 60
        assert show(server, "fsync") == "on"
    finally:
        server.stop()
        server.socket.rmdir()


def test_a_socket_folder_planted_by_somebody_else_is_refused(place: Folder) -> None:
    server = Postgres(place)
    server.socket.mkdir(mode=0o777)
    server.socket.chmod(0o777)
    with pytest.raises(Trouble, match=r"not ours|不属于"):
        server.start()


def test_an_interrupted_making_starts_from_nothing(place: Folder) -> None:
    server = Postgres(place)
    (server.home / "data.part" / "base").mkdir(parents=True)
    (server.home / "data.part" / "PG_VERSION").write_text("18\n")
    server.start()
    try:
        assert show(server, "fsync") == "on"
    finally:
        server.stop()


def test_a_server_left_over_on_the_folder_is_stopped_first(server: Postgres, place: Folder) -> None:
    again = Postgres(place)
    again.start()
    assert server.child is not None
    assert server.child.ended()
    assert show(again, "fsync") == "on"
    again.stop()


def test_everything_the_server_started_dies_with_it(server: Postgres) -> None:
    with psycopg.connect(server.url) as link:
        backend = link.info.backend_pid
        assert server.child is not None
        os.kill(server.child.pid, signal.SIGKILL)
        eventually(lambda: not Path(f"/proc/{backend}").exists())
    server.start_again()
    server.wait()
    assert show(server, "fsync") == "on"


def test_only_one_at_a_time_works_in_a_folder(place: Folder) -> None:
    place.hold("up")
    with pytest.raises(Busy):
        Folder(place.path).hold("demo")
    assert Folder(place.path).held()
    place.release()
    assert not Folder(place.path).held()
