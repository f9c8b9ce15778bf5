"""`gongzhi backup FILE` and `gongzhi restore FILE`: everything in one file, and back.

The file is a tar: `manifest.json`, `database.dump` (pg_dump, one consistent moment; photos are in
it), `secret.key` and the keys the log signs with. A restore is one transaction: it replaces
everything or changes nothing.
"""

import argparse
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

import gongzhi
from gongzhi.cli import attach, binaries, prepare, say
from gongzhi.cli.folder import Folder
from gongzhi.cli.postgres import Postgres

_EMPTY = "drop schema public cascade; create schema public;\n"
_ANY_TABLE = "select count(*) from pg_tables where schemaname = 'public'"


# What the log and its own witness sign with: with other keys the log would be another one.
SIGNING = ("log.key", "witness.key")


def main(argv: list[str]) -> int:
    """Back up or restore, by the verb in `argv[0]`."""
    verb, *words = argv
    parser = argparse.ArgumentParser(prog=f"gongzhi {verb}")
    parser.add_argument("file", type=Path)
    if verb == "restore":
        parser.add_argument("--replace", action="store_true", help="overwrite what is there")
    options = parser.parse_args(words)
    place = Folder(os.environ["GONGZHI_DATA"])
    if verb == "backup":
        return backup(place, options.file.absolute())
    return restore(place, options.file.absolute(), replace=options.replace)


def backup(place: Folder, target: Path) -> int:
    """Write the file; it appears under its name only when it is whole."""
    with attach.database(place, "backup") as url, beside(target) as scratch:
        dump = scratch / "database.dump"
        program("pg_dump", "--format=custom", "--no-owner", "--file", str(dump), url)
        part = scratch / "backup"
        with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as tar:
            _add_text(tar, "manifest.json", json.dumps(_manifest(url)))
            _add_text(tar, "secret.key", place.secret())
            for name in SIGNING:
                if (place.path / name).exists():
                    tar.add(place.path / name, name)
            tar.add(dump, "database.dump")
        part.chmod(0o600)
        part.replace(target)
    size = target.stat().st_size // 2**20
    say.say(f"已备份到 {target}（{size} MB）。", f"Backed up to {target} ({size} MB).")
    return 0


def restore(place: Folder, source: Path, *, replace: bool) -> int:
    """Put everything back as it was. Trouble when it runs, or when data would be lost unasked."""
    with unpacked(source) as content, stopped_database(place) as url:
        manifest = json.loads((content / "manifest.json").read_text())
        if not replace and has_tables(url):
            raise say.Trouble(
                "这里已有数据；确定要用备份替换，请加 --replace。",
                "There is data here already; to replace it with the backup, add --replace.",
            )
        _put_back(content / "database.dump", url)
        prepare.write_stamp(url, migrations="", demo=manifest.get("demo", "none"))
        for name in ("secret.key", *SIGNING):
            if (content / name).exists():
                shutil.copyfile(content / name, place.path / name)
                (place.path / name).chmod(0o600)
        env = prepare.environment(place, url)
        prepare.bring_up_to_date(url, env, place.log_path("migrate"))
    made = manifest.get("at", "?")
    say.say(f"已恢复到 {made} 的状态。", f"Restored to the state of {made}.")
    return 0


@contextmanager
def stopped_database(place: Folder) -> Iterator[str]:
    """The database with nobody else on it: ours, started for this, or the user's own."""
    place.hold("restore")
    own = os.environ.get("DATABASE_URL")
    server = None if own else Postgres(place)
    try:
        if server is not None:
            server.start()
        else:
            prepare.check_server(str(own))
        yield own or (server.url if server else "")
    finally:
        if server is not None:
            server.stop()
        place.release()


@contextmanager
def unpacked(source: Path) -> Iterator[Path]:
    """The content of a backup file. Trouble when it is none, or cut short."""
    with tempfile.TemporaryDirectory(prefix="gongzhi-restore-") as scratch:
        try:
            with tarfile.open(source) as tar:
                tar.extractall(scratch, filter="data")
            for name in ("manifest.json", "database.dump", "secret.key"):
                (Path(scratch) / name).stat()
        except (OSError, tarfile.TarError) as error:
            raise say.Trouble(
                f"{source} 不是完整的共治备份文件。", f"{source} is not a whole Gongzhi backup."
            ) from error
        yield Path(scratch)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A folder on the same disk as the target, so that the last step is a rename."""
    try:
        with tempfile.TemporaryDirectory(prefix=".gongzhi-", dir=target.parent) as scratch:
            yield Path(scratch)
    except OSError as error:
        raise say.Trouble(
            f"写不了 {target}：{error.strerror}。", f"Cannot write {target}: {error.strerror}."
        ) from error


def has_tables(url: str) -> bool:
    """Whether there is anything that a restore would replace."""
    with psycopg.connect(url) as link:
        found = link.execute(_ANY_TABLE).fetchone()
    return bool(found and found[0])


def program(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs. Trouble with its last line when it fails."""
    command = [str(binaries.find() / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    _check(name, done.returncode, done.stderr)


def _put_back(dump: Path, url: str) -> None:
    """All or nothing: the dump as SQL, behind the emptying, in one transaction."""
    bin = binaries.find()
    reader = subprocess.Popen(
        [str(bin / "pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    writer = subprocess.Popen(
        [str(bin / "psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, url],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert reader.stdout is not None
    assert writer.stdin is not None
    try:
        writer.stdin.write(_EMPTY.encode())
        shutil.copyfileobj(reader.stdout, writer.stdin)
        if reader.wait():  # a broken dump must not be committed as far as it went
            writer.kill()
    except BrokenPipeError:
        reader.kill()
    said = writer.communicate()[1].decode("utf-8", "replace")
    _check("pg_restore", reader.wait() or writer.returncode, said)


def _check(name: str, code: int, said: str) -> None:
    if code:
        last = ([text for text in said.splitlines() if text.strip()] or [f"exit {code}"])[-1]
        raise say.Trouble(f"{name} 没有成功：{last}", f"{name} failed: {last}")


def _manifest(url: str) -> dict[str, Any]:
    return {
        "gongzhi": gongzhi.__version__,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "demo": prepare.read_stamp(url).get("demo", "none"),
    }


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(text.encode()), 0o600
    tar.addfile(entry, io.BytesIO(text.encode()))
