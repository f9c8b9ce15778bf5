"""A head is written on a chain once, whatever breaks on the way, and anybody can find it there."""

import builtins
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.test import Client

from gongzhi.cli import log as cli
from gongzhi.cli import say
from gongzhi.log import actions, anchors, chain, checkpoints, jobs, keys, queries
from gongzhi.log.chain import ChainTrouble, Setting
from gongzhi.log.models import Anchor, AnchorEnd
from log import chains
from log.chains import Node

# Looked for, not imported: they would raise the recursion limit of all tests of this process.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not (find_spec("eth_tester") and find_spec("web3")), reason="gongzhi[chain] is not here"
    ),
]
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def node() -> Iterator[Node]:
    with chains.node() as made:
        yield made


@pytest.fixture
def setting(node: Node, tmp_path: Path) -> Setting:
    return Setting(node.url, node.chain_id, node.key(tmp_path), depth=2, every=3600)


@pytest.fixture
def told(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings as the environment says them."""
    for name, value in (("URL", node.url), ("ID", node.chain_id), ("KEY", node.key(tmp_path)),
                        ("DEPTH", 2)):  # fmt: skip
        monkeypatch.setenv(f"GONGZHI_CHAIN_{name}", str(value))


def grow(count: int) -> None:
    for number in range(count):
        actions.append(kind="a.b", subject=str(number), fields={"n": number}, at=NOW)
    jobs.sequence(at=NOW)


def head() -> checkpoints.Checkpoint:
    return checkpoints.parse(queries.bare(queries.size() or 0))[0]


def said(setting: Setting, at: datetime = NOW) -> str:
    return anchors.anchor(setting, at=at).said


def test_only_a_tag_and_a_hash_of_the_head_leave_the_house(node: Node, setting: Setting) -> None:
    grow(3)
    assert said(setting) == "waiting"
    node.mine()
    found = node.web3.eth.get_transaction(bytes(Anchor.objects.get().tx))
    body = "".join(f"{line}\n" for line in (queries.bare(3).split("\n")[:3]))
    assert bytes(found["input"]) == b"gongzhi/1 " + hashlib.sha256(body.encode()).digest()
    assert (found["value"], found["to"]) == (0, found["from"])


def test_it_counts_when_enough_blocks_lie_on_top_and_is_not_sent_twice(
    node: Node, setting: Setting
) -> None:
    assert said(setting) == "empty"
    grow(3)
    assert said(setting) == "waiting"
    assert said(setting) == "waiting"
    node.mine()
    assert said(setting) == "written"
    assert anchors.newest() is None
    node.mine(2)
    assert said(setting) == "deep"
    assert said(setting) == "already"
    assert node.sent() == Anchor.objects.count() == 1
    found = anchors.newest()
    assert found is not None
    assert (found["size"], found["block"]) == (3, 1)


def test_a_longer_log_is_written_again_and_the_same_one_never(node: Node, setting: Setting) -> None:
    for size in (2, 5):
        grow(size)
        said(setting)
        node.mine(3)
        assert said(setting) == "deep"
        assert said(setting) == "already"
    assert [row.checkpoint_id for row in Anchor.objects.order_by("id")] == [2, 5]
    assert [row.number for row in Anchor.objects.order_by("id")] == [0, 1]


def test_while_one_waits_no_other_is_begun(node: Node, setting: Setting) -> None:
    grow(2)
    said(setting)
    grow(5)
    assert anchors.anchor(setting, at=NOW).size == 2
    assert Anchor.objects.count() == 1


def test_a_node_that_dies_after_taking_it_is_asked_not_told_again(
    node: Node, setting: Setting
) -> None:
    grow(2)
    node.deaf = True
    with pytest.raises(ChainTrouble):
        said(setting)
    node.deaf = False
    node.mine()
    assert said(setting) == "written"
    assert (node.sent(), Anchor.objects.count()) == (1, 1)


def test_a_node_that_never_got_it_is_given_the_very_same_bytes(
    node: Node, setting: Setting
) -> None:
    grow(2)
    node.forgets = {"eth_sendRawTransaction"}
    with pytest.raises(ChainTrouble, match="not now"):
        said(setting)
    kept = bytes(Anchor.objects.get().raw)
    node.forgets = set()
    assert said(setting) == "waiting"
    node.mine(3)
    assert said(setting) == "deep"
    assert bytes(Anchor.objects.get().raw) == kept
    assert node.web3.eth.get_transaction_count(Anchor.objects.get().sender) == 1


def test_another_transaction_of_the_account_is_noticed_and_the_next_head_goes_on(
    node: Node, setting: Setting
) -> None:
    grow(2)
    node.forgets = {"eth_sendRawTransaction"}
    with pytest.raises(ChainTrouble):
        said(setting)
    node.forgets = set()
    sender = Anchor.objects.get().sender
    node.web3.eth.send_transaction({"from": sender, "to": sender, "value": 1})
    node.mine()
    assert said(setting) == "overtaken"
    assert said(setting) == "overtaken"
    assert anchors.newest() is None
    grow(4)
    assert said(setting) == "waiting"
    node.mine(3)
    assert said(setting) == "deep"


def test_two_that_begin_at_once_write_one(node: Node, setting: Setting) -> None:
    grow(2)
    one = chain.Chain(setting.url, setting.chain_id)
    key = chain.secret(setting.key)
    for _ in range(2):
        anchors._begin(one, 2, key, NOW)
    assert Anchor.objects.count() == 1


def test_the_worker_writes_one_an_hour_and_goes_on_when_the_node_is_away(
    node: Node, told: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    grow(2)
    assert jobs.anchor(at=NOW) == 0
    node.mine(3)
    jobs.anchor(at=NOW)
    grow(5)
    jobs.anchor(at=NOW + HOUR / 2)
    assert Anchor.objects.count() == 1
    jobs.anchor(at=NOW + HOUR)
    assert Anchor.objects.count() == 2
    monkeypatch.setenv("GONGZHI_CHAIN_URL", "http://127.0.0.1:1")
    assert jobs.anchor(at=NOW + HOUR) == 0
    assert "the node refused" in caplog.text
    monkeypatch.delenv("GONGZHI_CHAIN_URL")
    assert jobs.anchor(at=NOW + 2 * HOUR) == 0


def test_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONGZHI_CHAIN_URL", raising=False)
    assert chain.setting() is None
    with pytest.raises(say.Trouble, match="GONGZHI_CHAIN_URL"):
        cli.main(["anchor"])


@pytest.mark.parametrize(("name", "value", "told_in"), [
    ("KEY", "", "GONGZHI_CHAIN_KEY"), ("ID", "", "GONGZHI_CHAIN_ID"),
    ("ID", "0", "GONGZHI_CHAIN_ID"), ("ID", "main", "GONGZHI_CHAIN_ID"),
    ("DEPTH", "-1", "GONGZHI_CHAIN_DEPTH"), ("EVERY", "1", "GONGZHI_CHAIN_EVERY"),
])  # fmt: skip
def test_a_setting_that_lacks_or_cannot_be_is_named(
    told: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told_in: str
) -> None:
    monkeypatch.setenv(f"GONGZHI_CHAIN_{name}", value)
    with pytest.raises(say.Trouble, match=told_in):
        cli.main(["anchor"])


def test_the_defaults_are_twelve_blocks_and_an_hour(
    told: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GONGZHI_CHAIN_DEPTH")
    found = chain.setting()
    assert found is not None
    assert (found.depth, found.every) == (12, 3600)


def test_a_node_of_another_chain_is_refused(node: Node, setting: Setting) -> None:
    grow(1)
    other = Setting(setting.url, setting.chain_id + 1, setting.key)
    with pytest.raises(ChainTrouble, match="the node is of chain"):
        said(other)
    assert Anchor.objects.count() == 0


def test_without_the_extra_it_says_what_to_install(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def lacking(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "web3":
            raise ImportError(name)
        return real(name, *rest, **more)

    grow(1)
    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(ChainTrouble, match=r"pip install 'gongzhi\[chain\]'"):
        said(setting)
    assert Anchor.objects.count() == 0


@pytest.mark.parametrize(("text", "mode", "why"), [
    ("ab" * 32, 0o644, "chmod 600"), ("ab" * 31, 0o600, "64 hexadecimal"),
    ("zz" * 32, 0o600, "64 hexadecimal"), ("00" * 32, 0o600, "no private key"),
    (None, 0o600, "cannot read the key"),
])  # fmt: skip
def test_a_key_that_others_can_read_or_that_is_none_is_refused_and_not_shown(
    setting: Setting, text: str | None, mode: int, why: str
) -> None:
    grow(1)
    if text is None:
        setting.key.unlink()
    else:
        setting.key.write_text(text)
        setting.key.chmod(mode)
    with pytest.raises(ChainTrouble, match=why) as trouble:
        said(setting)
    assert str(text) not in str(trouble.value)


def test_an_account_without_money_waits_until_it_has_some(node: Node, setting: Setting) -> None:
    grow(1)
    setting.key.write_text("11" * 32)
    with pytest.raises(ChainTrouble):
        said(setting)
    rich = node.web3.eth.accounts[1]
    poor = chain._account("11" * 32).address
    node.web3.eth.send_transaction({"from": rich, "to": poor, "value": 10**18})
    node.mine()
    assert said(setting) == "waiting"
    assert Anchor.objects.count() == 1


def in_block(node: Node, setting: Setting, size: int = 3) -> None:
    grow(size)
    said(setting)
    node.mine(3)
    assert said(setting) == "deep"


@pytest.mark.parametrize("sql", [
    "update log_anchor set at = now()", "delete from log_anchor", "truncate log_anchor cascade",
    "update log_anchorend set block = 9", "delete from log_anchorend", "truncate log_anchorend",
    "insert into log_anchor (chain_id, checkpoint_id, tx, raw, sender, number, at) select chain_id,"
    " checkpoint_id, sha256('x'), raw, sender, 9, at from log_anchor",
    "insert into log_anchor (chain_id, checkpoint_id, tx, raw, sender, number, at) select chain_id,"
    " 4, sha256('x'), raw, sender, number, at from log_anchor",
    "insert into log_anchor (chain_id, checkpoint_id, tx, raw, sender, number, at) select chain_id,"
    " 9, sha256('x'), raw, sender, 9, at from log_anchor; set constraints all immediate",
    "insert into log_anchor (chain_id, checkpoint_id, tx, raw, sender, number, at) select 0, 4,"
    " sha256('x'), raw, sender, 9, at from log_anchor",
    "insert into log_anchor (chain_id, checkpoint_id, tx, raw, sender, number, at) select chain_id,"
    " 4, 'short', raw, sender, 9, at from log_anchor",
    "insert into log_anchorend select anchor_id, 9, block_hash, block_at, at from log_anchorend",
])  # fmt: skip
def test_the_database_keeps_what_was_written_on_a_chain(
    node: Node, setting: Setting, sql: str
) -> None:
    in_block(node, setting)
    grow(4)
    with pytest.raises(Error), transaction.atomic():
        connection.cursor().execute(sql)


def test_an_end_names_a_whole_block_or_none(node: Node, setting: Setting) -> None:
    grow(3)
    said(setting)
    for values in ("9, null, now()", "null, sha256('x'), null", "9, 'short', now()",
                   "-1, sha256('x'), now()"):  # fmt: skip
        with pytest.raises(Error), transaction.atomic():
            connection.cursor().execute(
                f"insert into log_anchorend select id, {values}, now() from log_anchor"
            )
    assert AnchorEnd.objects.count() == 0


def test_the_page_shows_the_transaction_and_gives_what_a_stranger_needs(
    node: Node, setting: Setting
) -> None:
    client = Client()
    grow(1)
    assert "区块链" not in client.get("/log").content.decode()
    assert client.get("/log/anchor").status_code == 404
    in_block(node, setting)
    found = anchors.newest()
    assert found is not None
    page = client.get("/log").content.decode()
    for word in (found["tx"], f">{node.chain_id}<", ">1<", "到第3条为止"):
        assert word in page
    told, text = anchors.parse(client.get("/log/anchor").content.decode())
    assert told == {"chain": str(node.chain_id), "transaction": found["tx"], "block": "1"}
    assert text == queries.bare(3)


def anchored(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = cli.main(["anchored", *map(str, words)])
    return code, capsys.readouterr().out


def test_anybody_with_a_node_finds_the_head_on_the_chain(
    node: Node, setting: Setting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grow(3)
    said(setting)
    row = Anchor.objects.get()
    tx, file = f"0x{bytes(row.tx).hex()}", tmp_path / "record"
    file.write_text(queries.bare(3), "utf-8")
    alone = (file, "--url", node.url, "--chain-id", node.chain_id, "--transaction", tx)
    assert anchored(capsys, *alone)[0] == 1, "it is in no block yet"
    node.mine(3)
    said(setting)
    code, told = anchored(capsys, *alone)
    assert (code, "block 1" in told, "3 entries" in told) == (0, True, True)
    file.write_bytes(Client().get("/log/anchor").content)
    assert anchored(capsys, file, "--url", node.url)[0] == 0
    other = file.read_text("utf-8").replace("\n3\n", "\n2\n")
    file.write_text(other, "utf-8")
    assert anchored(capsys, file, "--url", node.url)[0] == 1
    for text in ("nonsense", queries.bare(3)):
        file.write_text(text, "utf-8")
        with pytest.raises(say.Trouble):
            cli.main(["anchored", str(file), "--url", node.url])


def test_a_split_log_cannot_show_both_its_heads_on_the_chain(
    node: Node, setting: Setting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_block(node, setting)
    record = Client().get("/log/anchor").content.decode()
    shown = head()._replace(root=bytes(32))
    forged = str(checkpoints.sign(shown, keys.signers(), 0))
    (tmp_path / "forged").write_text(record.replace(queries.bare(3), forged), "utf-8")
    assert anchored(capsys, tmp_path / "forged", "--url", node.url)[0] == 1


def test_the_libraries_of_chains_leave_the_recursion_limit_alone() -> None:
    """They raise it to 100,000, with which deep JSON ends the process instead of being refused."""
    asked = (
        "import sys; from gongzhi.log import chain; before = sys.getrecursionlimit();"
        "chain._library(); chain._account('11' * 32);"
        "sys.exit(0 if sys.getrecursionlimit() == before else 1)"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(chain.__file__).parents[2])}
    assert subprocess.run([sys.executable, "-c", asked], env=env, check=False).returncode == 0
