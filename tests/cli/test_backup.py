"""The restore drill: what was backed up comes back, whole or not at all."""

import tarfile
from pathlib import Path

import psycopg
import pytest

from installations import Installation

ROWS = "select coalesce(string_agg(name, ',' order by id), '') from drill"


def rows(house: Installation) -> str:
    with psycopg.connect(house.record()["database"]) as link:
        found = link.execute(ROWS).fetchone()
    return str(found[0]) if found else ""


def write(house: Installation, name: str) -> None:
    with psycopg.connect(house.record()["database"]) as link:
        link.execute("create table if not exists drill (id bigserial primary key, name text)")
        link.execute("insert into drill (name) values (%s)", [name])


@pytest.mark.slow
def test_the_drill(house: Installation, new_folder: Path) -> None:
    """Back up while it runs, restore into another folder and over the first one."""
    write(house, "盱眙")
    (house.data / "witness.key").write_text("what the witness signs with")
    target = new_folder / "county.backup"
    done = house.run("backup", str(target))
    assert done.returncode == 0, done.stderr
    assert target.stat().st_mode & 0o077 == 0
    write(house, "written later")
    secret = house.folder.secret()

    refused = house.run("restore", str(target))
    assert (refused.returncode, "Already running" in refused.stderr) == (1, True)

    assert house.stop() == 0
    refused = house.run("restore", str(target))
    assert (refused.returncode, "--replace" in refused.stderr) == (1, True)
    done = house.run("restore", "--replace", str(target))
    assert done.returncode == 0, done.stderr
    house.up()
    assert rows(house) == "盱眙"

    other = Installation(new_folder / "data")
    done = other.run("restore", str(target))
    assert done.returncode == 0, done.stderr
    other.up()
    try:
        assert rows(other) == "盱眙"
        assert other.folder.secret() == secret
        assert (other.data / "witness.key").read_text() == "what the witness signs with"
        assert other.healthy()
    finally:
        other.stop()


def test_a_broken_backup_changes_nothing(house: Installation, new_folder: Path) -> None:
    write(house, "stays")
    before = rows(house)
    target = new_folder / "broken.backup"
    assert house.run("backup", str(target)).returncode == 0
    assert house.stop() == 0
    _damage(target, new_folder)
    done = house.run("restore", "--replace", str(target))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    house.up()
    assert rows(house) == before


def _damage(target: Path, scratch: Path) -> None:
    """Cut the end off the dump inside; the tar around it stays whole."""
    with tarfile.open(target) as tar:
        tar.extractall(scratch / "content", filter="data")
    dump = scratch / "content" / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-20_000])
    with tarfile.open(target, "w") as tar:
        for part in sorted((scratch / "content").iterdir()):
            tar.add(part, part.name)


def test_something_else_is_no_backup(house: Installation, new_folder: Path) -> None:
    other = Installation(new_folder / "data")
    (new_folder / "letter").write_text("dear county")
    done = other.run("restore", str(new_folder / "letter"))
    assert done.returncode == 1
    assert "not a whole Gongzhi backup" in done.stderr
