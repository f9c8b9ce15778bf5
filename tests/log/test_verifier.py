"""The verifier that anybody can carry away: no false alarm, and every bend named where it is."""

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gongzhi.log import checkpoints, notes, receipts, tiles
from gongzhi.log.hashing import SHA256
from gongzhi.log.notes import Signer
from gongzhi.log.tree import Tree
from gongzhi.log.verifier import vectors
from log import histories

FILE = Path(vectors.__file__).with_name("gongzhi_verify.py")
LOG = Signer("county/log", notes.ED25519, bytes(32))
WATCH = Signer("village/witness", notes.COSIGNATURE, bytes([1]) * 32)


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gongzhi_verify", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verify: Any = load()


def wrong(seeds: range) -> list[str]:
    """Honest histories with a finding, and bent ones without the right name at the right place."""
    said = []
    for seed in seeds:
        case, kind, place = histories.bent(seed)
        found = [(name, at) for name, at, _ in verify.audit(case)]
        if not any(name == kind and place in (None, at) for name, at in found):
            said.append(f"{seed}: {kind} at {place} gave {found}")
    return said


def alarms(seeds: range) -> list[str]:
    cases = ((seed, verify.audit(histories.honest_case(seed))) for seed in seeds)
    return [f"{seed}: {found}" for seed, found in cases if found]


def test_no_false_alarm_over_random_honest_histories() -> None:
    assert alarms(range(400)) == []


def test_every_single_bend_is_named_and_placed() -> None:
    assert wrong(range(2200)) == []


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_ten_thousand_honest_histories_without_an_alarm() -> None:
    assert alarms(range(10_000, 20_000)) == []


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(100_000, 200_000, 10_000))
def test_a_hundred_thousand_bends_all_caught(first: int) -> None:
    assert wrong(range(first, first + 10_000)) == []


def test_the_file_stands_alone_and_is_short() -> None:
    text = FILE.read_text("utf-8")
    assert text.count("\n") < 500
    roots = {line.split()[1].split(".")[0] for line in text.splitlines()
             if line.startswith(("import ", "from "))}  # fmt: skip
    assert roots - set(sys.stdlib_module_names) == {"cryptography"}


def test_the_shared_vectors_are_those_in_the_file() -> None:
    assert json.loads(vectors.FILE.read_text("utf-8")) == json.loads(json.dumps(vectors.made()))


@pytest.mark.parametrize("vector", vectors.made()["audit"], ids=lambda vector: vector["name"])
def test_the_vectors_of_audit(vector: dict[str, Any]) -> None:
    found = verify.audit(vectors.case(vector["case"]))
    assert [[kind, index] for kind, index, _ in found] == vector["found"]


@pytest.mark.parametrize("vector", vectors.made()["receipt"], ids=lambda vector: vector["name"])
def test_the_vectors_of_receipts(vector: dict[str, Any]) -> None:
    try:
        verify.check_receipt(vector["receipt"], verify.parse_policy(vector["policy"]))
        stands = True
    except verify.Bad:
        stands = False
    assert stands == vector["stands"]


def publish(folder: Path, entries: list[bytes]) -> None:
    """The log as static files, as a mirror would serve it."""
    tree = Tree()
    tree.extend(map(SHA256.leaf, entries))
    head = checkpoints.Checkpoint(LOG.name, len(tree), tree.root())
    note = str(checkpoints.sign(head, [LOG], 0)) + str(checkpoints.cosign(head, WATCH, 1))
    for at in range(0, len(entries), 256):
        part = entries[at : at + 256]
        name = tiles.path_of(at // 256, len(part))
        for what, raw in (("0", b"".join(map(SHA256.leaf, part))), ("entries", tiles.bundle(part))):
            path = folder / "tile" / what / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    (folder / "checkpoint").write_text(note, "utf-8")


def run(*words: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(FILE), *map(str, words)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_four_commands_on_a_folder(tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text(
        f"log {LOG.verifier}\nwitness village {WATCH.verifier}\nquorum village\n", "utf-8"
    )
    entries, state, shown = histories.honest(5, 900).entries, tmp_path / "state", tmp_path / "log"
    publish(shown, entries[:300])
    rule = ("--policy", policy)
    assert run("follow", shown, "--state", state, *rule)[0] == 0
    first = shown / "checkpoint"
    (tmp_path / "first").write_text(first.read_text("utf-8"), "utf-8")
    publish(shown, entries)
    assert run("follow", shown, "--state", state, *rule)[0] == 0
    assert run("audit", shown, "--state", state, *rule) == (0, "nothing found\n")
    assert run("compare", tmp_path / "first", first, "--source", shown, *rule)[0] == 0
    assert run("compare", tmp_path / "first", first, *rule)[0] == 2  # needs the log to decide
    publish(shown, [*entries[:17], *entries[18:]])
    for verb in ("follow", "audit"):
        code, said = run(verb, shown, "--state", state, *rule)
        assert (code, "delete at 17" in said) == (1, True)
    code, said = run("compare", tmp_path / "first", first, "--source", shown, *rule)
    assert (code, "split-view" in said) == (1, True)
    promise = receipts.Promise(LOG.name, SHA256.leaf(entries[17]), 1, 2).signed(LOG)
    (tmp_path / "promise").write_text(str(promise), "utf-8")
    code, said = run("audit", shown, "--promise", tmp_path / "promise", *rule)
    assert (code, "omission" in said) == (1, True)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path, dict[str, str]]]:
    """A folder on the network, and a list of addresses that are sent elsewhere."""
    elsewhere: dict[str, str] = {}

    class Sending(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path not in elsewhere:
                super().do_GET()
                return
            self.send_response(302)
            self.send_header("Location", elsewhere[self.path])
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), partial(Sending, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", tmp_path, elsewhere
    server.shutdown()
    server.server_close()
    thread.join()


TILE = "/log/tile/0/" + tiles.path_of(0, 40)


@pytest.mark.parametrize("sent", ["/log/checkpoint", TILE])
def test_what_is_sent_elsewhere_is_not_followed(
    served: tuple[str, Path, dict[str, str]], sent: str
) -> None:
    """A log that answers each asker with a place of his own could show each another history."""
    site, folder, elsewhere = served
    (folder / "policy").write_text(f"log {LOG.verifier}\nquorum none\n", "utf-8")
    entries = histories.honest(5, 60).entries[:40]
    publish(folder / "log", entries)
    publish(folder / "only-for-you", entries)
    rule = ("--policy", folder / "policy")
    audited = ("audit", f"{site}/log", *rule)
    assert run(*audited)[0] == run("follow", f"{site}/log", "--state", folder / "s", *rule)[0] == 0
    elsewhere[sent] = sent.replace("/log/", "/only-for-you/", 1)
    for words in (audited, ("follow", f"{site}/log", "--state", folder / "s", *rule)):
        code, said = run(*words)
        assert code == 2
        assert f"not given to everybody: {site}{sent}" in said
        assert "nothing found" not in said
    elsewhere.clear()
    assert run(*audited)[0] == 0


def test_a_receipt_is_checked_on_the_command_line(tmp_path: Path) -> None:
    good, bad = (v for v in vectors.made()["receipt"] if v["name"] in ("good", "other entry"))
    for vector, code in ((good, 0), (bad, 2)):
        (tmp_path / "policy").write_text(vector["policy"], "utf-8")
        (tmp_path / "receipt").write_text(vector["receipt"], "utf-8")
        assert run("receipt", tmp_path / "receipt", "--policy", tmp_path / "policy")[0] == code
