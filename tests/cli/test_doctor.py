"""`gongzhi doctor`: names what is wrong and what to do; silent about nothing."""

from pathlib import Path

import psycopg
import pytest

from gongzhi.cli import doctor
from gongzhi.cli.folder import Folder
from installations import Installation


def test_a_running_installation_is_well(house: Installation) -> None:
    done = house.run("doctor")
    assert house.record()["address"] in done.stdout
    looked = "Python,data folder,disk space,pages,live stream,database,writable,checksums,tables"
    for what in (looked + ",PDF,CJK font,time,holidays").split(","):
        assert f" {what}:" in done.stdout, what
    assert "BAD  pages" not in done.stdout
    assert "BAD  database" not in done.stdout


def test_a_table_behind_is_bad_and_says_what_to_do(house: Installation) -> None:
    with psycopg.connect(house.record()["database"], autocommit=True) as link:
        stamp = link.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname='gongzhi'"
        ).fetchone()
        assert stamp
        link.execute("comment on database gongzhi is '{}'")
        done = house.run("doctor")
        link.execute("comment on database gongzhi is " + psycopg.sql.quote(stamp[0]))
    assert done.returncode == 1
    assert "BAD  tables" in done.stdout
    assert "start gongzhi up again" in done.stdout


def test_a_database_away_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    found = list(doctor.database(Folder(tmp_path)))
    assert [finding.good for finding in found] == [False]
    assert "DATABASE_URL" in found[0].todo


def test_a_check_that_breaks_is_itself_a_finding(tmp_path: Path) -> None:
    def breaks(place: Folder):  # type: ignore[no-untyped-def]
        raise OSError("gone")
        yield

    found = list(doctor.guarded(breaks, Folder(tmp_path)))
    assert [finding.good for finding in found] == [False]
    assert "gone" in doctor.line(found[0])


def test_it_makes_nothing(tmp_path: Path) -> None:
    house = Installation(tmp_path / "none")
    house.run("doctor")
    assert not house.data.exists()
