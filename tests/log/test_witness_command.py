"""`gongzhi log witness`: a committee's computer signs what grew out of what it signed, else not."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from gongzhi.cli import log as cli
from gongzhi.cli import say
from gongzhi.log import actions, checkpoints, jobs, keys, notes, policy, queries
from gongzhi.log.hashing import SHA256
from gongzhi.log.models import Witness
from gongzhi.log.tree import Tree
from people import make_county

pytestmark = pytest.mark.django_db(transaction=True)


def grow(to: int) -> None:
    for number in range(to):
        actions.append(kind="a.b", subject=str(number), fields={"n": number}, at=datetime.now(UTC))
    jobs.sequence(at=datetime.now(UTC))


def witness(site: str, folder: Path) -> int:
    return cli.main(["witness", site, "--folder", str(folder), "--name", "village1.example",
                     "--log-key", str(keys.signer().verifier)])  # fmt: skip


Register = Callable[..., Any]


@pytest.fixture
def register() -> Register:
    """A supervision committee at the page of the witnesses."""
    client = Client()
    client.force_login(make_county().holders["supervisor"].account)

    def post(vkey: str, title: str = "双马村村务监督委员会") -> Any:
        return client.post("/log/witnesses/add", {"vkey": vkey, "title": title})

    return post


@pytest.fixture
def forks(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An address that serves what is put into a folder."""
    folder = tmp_path / "fork"
    (folder / "proof").mkdir(parents=True)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()
    thread.join()


def forge(folder: Path, old: int, size: int) -> str:
    """Another history signed by the log's own key, with the best proof it can give."""
    tree = Tree()
    tree.extend(SHA256.leaf(b"forged %d" % number) for number in range(max(old, size)))
    head = checkpoints.Checkpoint(keys.signer().name, size, tree.root(size))
    raw = str(checkpoints.sign(head, keys.signers(), 0))
    (folder / "newest").write_text(raw, "utf-8")
    if old < size:
        (folder / "proof" / str(old)).mkdir(exist_ok=True)
        lines = "".join(f"{notes.b64(part)}\n" for part in tree.consistency(old, size))
        (folder / "proof" / str(old) / str(size)).write_text(lines, "ascii")
    return raw


def test_a_registered_computer_signs_and_refuses_every_fork(
    live_server: Any, register: Register, tmp_path: Path, forks: tuple[str, Path],
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("GONGZHI_LANG", "en")
    site, home = f"{live_server.url}/log", tmp_path / "witness"
    grow(9)
    with pytest.raises(say.Trouble, match="nothing signed"):
        witness(site, home)
    vkey = capsys.readouterr().out.split("to register: ")[1].split("\n")[0]
    assert (home / "witness.key").stat().st_mode & 0o077 == 0
    answer = register(vkey)
    assert answer.status_code == 302
    assert witness(site, home) == 0
    grow(700)
    assert witness(site, home) == 0
    assert queries.last_signed("village1.example") == 700
    rule = queries.policy()
    _, _, by = checkpoints.opened(queries.checkpoint(), rule.logs, rule.witnesses.values())
    assert [str(key) for key in by] == [vkey]
    assert not queries.watched(datetime.now(UTC))["behind"]
    other, folder = forks
    first = forge(folder, 700, 900)
    for size in (900, 700, 4):
        forge(folder, 700, size)
        assert witness(other, home) == 1
        assert "refused" in capsys.readouterr().out
    assert (home / "evidence.checkpoint").read_text("utf-8") == first
    assert checkpoints.parse((home / "last.checkpoint").read_text("utf-8"))[0].size == 700
    assert witness(site, home) == 0


def test_the_key_of_another_log_is_not_believed(
    tmp_path: Path, forks: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    other, folder = forks
    head = checkpoints.Checkpoint(keys.signer().name, 3, bytes(32))
    stranger = notes.Signer.new(keys.signer().name)
    (folder / "newest").write_text(str(checkpoints.sign(head, [stranger], 0)), "utf-8")
    with pytest.raises(say.Trouble):
        witness(other, tmp_path / "witness")
    assert not (tmp_path / "witness" / "last.checkpoint").exists()


@pytest.mark.parametrize(("vkey", "title", "why"), [
    ("nonsense", "监委会", "读不出来"), ("", "监委会", "读不出来"), (None, "", "代表谁"),
])  # fmt: skip
def test_a_key_that_cannot_be_read_is_told_and_what_was_typed_stays(
    register: Register, vkey: str | None, title: str, why: str
) -> None:
    good = str(notes.Signer.new("v.example", notes.COSIGNATURE).verifier)
    typed = good if vkey is None else vkey
    answer = register(typed, title)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{typed}"' in page.replace("&#43;", "+")
    assert title in page
    assert why in page or "请写明是谁来见证" in page
    assert Witness.objects.count() == 0


def test_the_key_of_a_log_is_none_of_a_witness_and_a_name_is_taken_once(
    register: Register,
) -> None:
    assert register(str(notes.Signer.new("v.example").verifier)).status_code == 422
    first = notes.Signer.new("v.example", notes.COSIGNATURE)
    assert register(str(first.verifier)).status_code == 302
    assert register(str(first.verifier)).status_code == 302, "the same again is the same"
    second = notes.Signer.new("v.example", notes.COSIGNATURE)
    assert register(str(second.verifier)).status_code == 409
    assert Witness.objects.count() == 1


def test_a_policy_file_decides_who_counts_registered_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (notes.Signer.new(f"v{n}.example", notes.COSIGNATURE) for n in (1, 2))
    file = tmp_path / "policy"
    file.write_text(
        f"log {keys.signer().verifier}\nwitness 双马村 {one.verifier}\n"
        f"witness 审计局 {two.verifier}\ngroup both all 双马村 审计局\nquorum both\n", "utf-8",
    )  # fmt: skip
    monkeypatch.setenv("GONGZHI_LOG_POLICY", str(file))
    grow(3)
    head, now = checkpoints.parse(queries.bare(3))[0], datetime.now(UTC)
    for signer, enough in ((one, False), (two, True), (two, True)):
        line = str(checkpoints.cosign(head, signer, int(now.timestamp())))
        actions.cosigned(size=3, line=line, at=now)
        assert queries.watched(now)["behind"] is not enough
    assert set(Witness.objects.values_list("title", flat=True)) == {"双马村", "审计局"}
    assert policy.parse(Client().get("/log/policy").content.decode()).quorum == "both"
