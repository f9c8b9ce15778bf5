"""The log in the open: anybody reads heads and hashes, only auditors read entries."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from gongzhi import reactions
from gongzhi.log import actions, checkpoints, jobs, keys, notes, queries, receipts, witness
from gongzhi.log.models import Witness
from gongzhi.log.notes import Signer
from gongzhi.log.tiles import unbundle
from gongzhi.log.tree import Tree
from people import NOW
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _keys(settings: LazySettings, tmp_path: Path, at_now: None) -> None:
    settings.DATA = tmp_path


def grow(count: int) -> None:
    for number in range(count):
        actions.append(kind="matter.closed", subject=f"matter:{number}",
                       fields={"number": number}, at=NOW)  # fmt: skip
    jobs.sequence(at=NOW)


def test_an_empty_log_says_so(client: Client) -> None:
    assert "还没有开始" in client.get("/log").content.decode()
    assert client.get("/log/checkpoint").status_code == 404


def test_the_page_says_how_long_the_log_is_and_that_nobody_watches(client: Client) -> None:
    grow(3)
    page = client.get("/log").content.decode()
    assert "3条" in page
    assert "还没有外人见证" in page
    for address in ("/log/verify", "/log/worker.js", "/log/gongzhi_verify.py", "/log/policy"):
        assert client.get(address).status_code == 200


def test_a_stranger_checks_the_log_from_its_public_files(client: Client) -> None:
    grow(260)
    raw = client.get("/log/checkpoint").content.decode()
    head, _, _ = checkpoints.opened(raw, [keys.signer().verifier])
    hashes = client.get("/log/tile/0/000").content + client.get("/log/tile/0/001.p/4").content
    tree = Tree()
    tree.extend(hashes[at : at + 32] for at in range(0, len(hashes), 32))
    assert tree.root() == head.root
    assert client.get("/log/tile/0/000")["Cache-Control"].startswith("public")
    lines = client.get("/log/proof/7/260").content.decode().split()
    assert [notes.unb64(line) for line in lines] == tree.consistency(7)
    for address in ("/log/tile/0/001", "/log/tile/x/000", "/log/tile/0/..", "/log/proof/9/999"):
        assert client.get(address).status_code == 404


def test_a_receipt_of_what_concerns_everybody_is_there_for_everybody(client: Client) -> None:
    grow(2)
    read = receipts.parse(client.get("/log/receipts/matter.closed/matter:1").content.decode())
    head = checkpoints.parse(read.checkpoint)[0]
    assert read.stands(head.size, head.root)
    assert client.get("/log/receipts/ledger.transfer/transfer:1").status_code == 404
    assert client.get("/log/receipts/matter.closed/matter:9").status_code == 404


@pytest.mark.parametrize(("who", "status"), [
    ("supervisor", 200), ("audit_admin", 200), ("committee", 403), ("county_leader", 403),
])  # fmt: skip
def test_entries_are_for_those_who_audit(sign_in: SignIn, who: str, status: int) -> None:
    grow(2)
    answer = sign_in(who).get("/log/tile/entries/000.p/2")
    assert answer.status_code == status
    if status == 200:
        assert len(unbundle(answer.content)) == 2
    assert sign_in(who).get("/log/witness").status_code == status
    assert sign_in(who).get("/log/everything.zip").status_code == status


def test_a_supervision_committee_registers_its_telephone_and_cosigns(
    sign_in: SignIn, client: Client
) -> None:
    grow(2)
    one = Signer("x", notes.COSIGNATURE, bytes(32))
    public = base64.b64encode(one.verifier.public).decode()
    form = {"title": "双马村村务监督委员会", "public": public}
    assert sign_in("committee").post("/log/witness", form).status_code == 403
    assert sign_in("supervisor").post("/log/witness", {"public": "!"}).status_code == 422
    assert sign_in("supervisor").post("/log/witness", form | {"title": ""}).status_code == 422
    made = sign_in("supervisor").post("/log/witness", form).json()
    again = sign_in("supervisor").post("/log/witness", form).json()
    assert made == again
    assert Witness.objects.count() == 1
    signer = Signer(made["name"], notes.COSIGNATURE, bytes(32))
    head = checkpoints.parse(client.get("/log/newest").content.decode())[0]
    line = checkpoints.cosign(head, signer, int(NOW.timestamp()))
    other = checkpoints.cosign(head._replace(size=1), signer, int(NOW.timestamp()))

    def hand_in(body: str) -> int:
        return client.post("/log/cosignatures", body, content_type="text/plain").status_code

    assert hand_in(f"2\n{other}") == 422
    assert hand_in("nonsense") == 422
    assert hand_in("x" * 70_000) == 422
    assert hand_in(f"2\n{line}") == hand_in(f"2\n{line}") == 200
    page = client.get("/log").content.decode()
    assert "双马村村务监督委员会" in page
    assert "已经核对到第2条" in page


def test_this_installation_answers_other_logs_as_a_witness(client: Client) -> None:
    other, tree = Signer.new("neighbour/log"), Tree()
    tree.extend([bytes(32)] * 5)
    actions.watch(vkey=str(other.verifier))

    def ask(old: int) -> Any:
        head = checkpoints.Checkpoint(other.name, 5, tree.root())
        note = str(checkpoints.sign(head, [other], 0))
        body = witness.Asked(old, tuple(tree.consistency(old)), note).text()
        return client.post("/log/add-checkpoint", body.encode(), content_type="text/plain")

    assert ask(0).status_code == 200
    stale = ask(0)
    assert (stale.status_code, stale.content, stale["Content-Type"]) == (
        409, b"5\n", "text/x.tlog.size",
    )  # fmt: skip
    assert client.post("/log/add-checkpoint", b"x", content_type="text/plain").status_code == 400
    assert client.get("/log/add-checkpoint").status_code == 405


def test_the_page_of_the_log_asks_the_database_little(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    grow(3)
    with django_assert_max_num_queries(12):
        client.get("/log")


def test_what_is_published_enters_the_log_once(county: Any) -> None:
    from gongzhi.publications import actions as publications

    item = publications.publish(
        place_id=county.place("village").pk, subject="survey", subject_id=1, title="公示",
        body={"text": "谁都能看"}, audience="community", days=15, by=None, at=NOW,
    )  # fmt: skip
    for _ in range(2):
        while reactions.run(at=NOW):
            pass
        jobs.sequence(at=NOW)
    entry = queries.entry("publication.version", f"publication:{item}")
    assert "谁都能看" not in entry.decode()
    assert queries.size() == 1
