"""The witness a demonstration brings along: a real key, the same rule, and no word too much."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from gongzhi.cli.demo_data.log import WITNESS
from gongzhi.core import db
from gongzhi.log import actions, jobs, keys, queries
from gongzhi.log.verifier import gongzhi_verify
from people import NOW

pytestmark = pytest.mark.django_db
verifier: Any = gongzhi_verify


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    """A data folder of its own, with keys made in it."""
    settings.DATA = tmp_path
    return tmp_path


def grow(first: int, count: int, at: datetime = NOW) -> None:
    for number in range(first, first + count):
        actions.append(kind="a.b", subject=str(number), fields={"n": number}, at=at)
    while jobs.sequence(at=at):
        pass


def test_it_signs_every_head_and_a_receipt_carries_its_line(data: Path) -> None:
    grow(0, 5)
    actions.witness_here(title=WITNESS, at=NOW)
    jobs.ask_here(at=NOW)
    grow(5, 300)
    later = NOW + timedelta(seconds=5)
    jobs.ask_here(at=later)
    jobs.ask_here(at=later)
    assert db.rows("select count(*) from log_cosignature") == [(2,)]
    policy = verifier.parse_policy(queries.policy_text())
    head, times = verifier.open_checkpoint(queries.checkpoint(), policy)
    assert (head["size"], len(times)) == (305, 1)
    receipt = queries.receipt("a.b", "200")
    assert "gongzhi/witness/" in receipt
    assert len(verifier.check_receipt(receipt, policy)[1]) == 1
    assert (data / "witness.key").stat().st_mode & 0o777 == 0o600
    shown = queries.watched(later)
    assert shown["only_here"]
    assert not shown["behind"]


def test_it_refuses_what_did_not_grow_out_of_what_it_signed(data: Path) -> None:
    grow(0, 5)
    actions.witness_here(title=WITNESS, at=NOW)
    jobs.ask_here(at=NOW)
    db.run("update log_watched set root = sha256('another')")
    grow(5, 5)
    jobs.ask_here(at=NOW)
    assert db.rows("select max(checkpoint_id) from log_cosignature") == [(5,)]


def test_an_installation_that_is_no_demonstration_has_none_and_makes_no_key(data: Path) -> None:
    grow(0, 5)
    jobs.ask_here(at=NOW)
    assert queries.witness_here() is None
    assert not (data / "witness.key").exists()
    assert not db.rows("select 1 from log_cosignature")


def test_the_pages_say_that_it_is_the_demonstrations_own(data: Path, client: Client) -> None:
    grow(0, 5)
    actions.witness_here(title=WITNESS, at=NOW)
    jobs.ask_here(at=NOW)
    for page in ("/log", "/log/witnesses"):
        shown = client.get(page).content.decode()
        assert WITNESS in shown
        assert "不能代替外面的" in shown
    assert "过半数见证人已经核对" not in client.get("/log").content.decode()
    other = keys.Signer.new("w/outside", 4)
    actions.register(name="w/outside", title="双马村监委会", public=other.verifier.public, by=None,
                     at=NOW)  # fmt: skip
    assert "现在只有示范自带的见证人" not in client.get("/log").content.decode()


def test_no_private_key_is_shipped() -> None:
    """Secret keys begin as the notes of Go do; the sources hold none but of tests."""
    root = Path(actions.__file__).parents[1]
    secret = re.compile(r"PRIVATE\+KEY\+[^\s\"'{]+\+[0-9a-f]{8}\+")
    kinds = {".py", ".toml", ".json", ".key", ".js", ".txt"}
    held = [
        str(file) for file in root.rglob("*")
        if file.suffix in kinds and secret.search(file.read_text("utf-8", "replace"))
    ]  # fmt: skip
    assert held == []
