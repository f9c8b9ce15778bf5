"""`gongzhi up`: it serves, it heals, it stops, it leaves nothing behind."""

import http.client
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from installations import Installation, children_of, eventually

CHILDREN = ("web", "live", "worker", "postgres")


@pytest.fixture(scope="module")
def house(short_folder: Path) -> Iterator[Installation]:
    """Begun from nothing, here for once: the first start is a start too."""
    installation = Installation(short_folder / "data")
    assert not installation.data.exists()
    installation.up()
    yield installation
    if installation.process is not None and installation.process.poll() is None:
        installation.stop()


def test_it_serves_and_says_where(house: Installation) -> None:
    assert house.record()["address"] in house.said
    eventually(house.healthy)
    assert set(house.record()["children"]) == set(CHILDREN)


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_comes_back(house: Installation, name: str) -> None:
    before = house.record()["children"][name]
    os.kill(before, signal.SIGKILL)
    after = eventually(lambda: house.record()["children"][name] not in (0, before))
    assert after
    eventually(house.healthy)


def test_a_killed_web_worker_comes_back(house: Installation) -> None:
    web = house.record()["children"]["web"]
    before = children_of(web)
    os.kill(before[-1], signal.SIGKILL)
    eventually(lambda: before[-1] not in children_of(web) and len(children_of(web)) == len(before))
    eventually(house.healthy)


def test_a_second_up_says_it_already_runs(house: Installation) -> None:
    second = house.run("up")
    assert second.returncode == 0
    assert len(second.stdout.strip().splitlines()) == 1
    assert house.record()["address"] in second.stdout


def test_other_commands_use_the_running_database(house: Installation) -> None:
    shown = house.run("manage", "shell", "-v", "0", "-c", "print('works')")
    assert "works" in shown.stdout, shown.stderr


@pytest.mark.parametrize(
    ("address", "kind", "sent"),
    [
        ("/report", "application/x-www-form-urlencoded", 13),
        ("/api/v1/suggest/similar", "application/x-www-form-urlencoded", 13),
        ("/report/photo", "multipart/form-data; boundary=x", 140),
    ],
)
def test_who_sends_too_much_reads_why_it_was_refused(
    house: Installation, address: str, kind: str, sent: int
) -> None:
    link = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
    megabyte = b"a" * 2**20
    link.request(
        "POST", address, body=(megabyte for _ in range(sent)),
        headers={"Content-Type": kind, "Content-Length": str(sent * 2**20)},
    )  # fmt: skip
    answer = link.getresponse()
    words = answer.read().decode()
    assert answer.status == 413
    assert ("too_large" if "/api/" in address else "提交的内容太大了") in words


def test_the_web_does_not_own_the_database_server(house: Installation) -> None:
    with psycopg.connect(house.record()["database"]) as link:
        asked = "select rolsuper from pg_roles where rolname = current_user"
        assert link.execute(asked).fetchone() == (False,)


def test_a_taken_port_is_named_with_its_holder(house: Installation, new_folder: Path) -> None:
    other = Installation(new_folder / "data")
    refused = other.run("up", "--port", str(house.port))
    assert refused.returncode == 1
    assert "taken by" in refused.stderr
    assert "--port" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_it_stops_when_asked_and_starts_again_without_migrating(house: Installation) -> None:
    """The last one of this file: it stops the shared installation and starts it anew."""
    assert house.stop() == 0
    assert house.processes() == []
    migrated = (house.data / "log" / "migrate.log").stat().st_mtime_ns
    house.up()
    assert (house.data / "log" / "migrate.log").stat().st_mtime_ns == migrated
    eventually(house.healthy)


def test_its_own_violent_death_takes_the_children_along(house: Installation) -> None:
    house.stop(signal.SIGKILL)
    eventually(lambda: house.processes() == [])
    house.up()
    eventually(house.healthy)


def test_a_pid_file_that_names_somebody_else_does_not_stop_it(house: Installation) -> None:
    assert house.stop() == 0
    pid_file = house.data / "pg" / "data" / "postmaster.pid"
    database_owner = pid_file.parent.stat().st_uid
    extra: dict[str, Any] = {} if database_owner == os.geteuid() else {"user": database_owner}
    sleeper = subprocess.Popen(["sleep", "600"], **extra)
    try:
        pid_file.write_text(f"{sleeper.pid}\n{pid_file.parent}\n0\n5432\n\n\n")
        house.up()
        eventually(house.healthy)
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()
