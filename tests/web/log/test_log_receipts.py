"""'Verify this': the receipt of what somebody looks at, and the promise while it is on its way."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from gongzhi import reactions
from gongzhi.core import db
from gongzhi.ledger.models import Transfer
from gongzhi.log import actions, jobs, keys, queries, receipts
from gongzhi.log.actions import register
from gongzhi.log.leaves import decode
from gongzhi.log.notes import COSIGNATURE, Signer
from gongzhi.matters.actions import Raised
from gongzhi.matters.models import Matter
from gongzhi.publications import actions as publications
from ledger import points_life as life
from log.test_verifier import verify
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _keys(settings: LazySettings, tmp_path: Path, at_now: None) -> None:
    settings.DATA = tmp_path


def stands(text: str) -> tuple[str, dict[str, str]]:
    """(subject, what is opened) as the file anybody can carry away reads it."""
    _, _, _, entry, opened = verify.check_receipt(text, verify.parse_policy(queries.policy_text()))
    return entry[1], opened


def ended(lamp: Raised) -> None:
    Matter.objects.filter(pk=lamp.id).update(
        outcome="done", closed_at=NOW, due_at=None, tick_at=None
    )
    db.run(
        "insert into core_outbox (kind, subject_id, data)"
        " values ('matter.close', %s::bigint, '{}')",
        (lamp.id,),
    )  # fmt: skip
    reactions.run(at=NOW)


def test_an_ended_matter_gives_a_promise_at_once_and_then_a_receipt(
    county: County, sign_in: SignIn, lamp: Raised
) -> None:
    mei, address = sign_in(county.ah_mei), f"/log/of/matter/{lamp.number}"
    assert mei.get(address).status_code == 404, "it has not ended"
    assert "?of=matter/" not in mei.get(f"/matters/{lamp.number}").content.decode()
    ended(lamp)
    assert f"/log/verify?of=matter/{lamp.number}" in (
        mei.get(f"/matters/{lamp.number}").content.decode())  # fmt: skip
    promise, note = receipts.parse_promise(mei.get(address).content.decode())
    assert keys.signer().verifier.signs(note.lines[0])
    assert promise.due - promise.at == 60_000_000
    jobs.sequence(at=NOW)
    subject, opened = stands(mei.get(address).content.decode())
    assert subject.startswith(f"matter:{lamp.id}:")
    assert opened == {"matter": f"matter:{lamp.id}"}
    assert sign_in(county.he).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_who_was_forgotten_still_has_a_receipt_that_opens_nothing(
    county: County, sign_in: SignIn, lamp: Raised
) -> None:
    ended(lamp)
    jobs.sequence(at=NOW)
    actions.forget(f"matter:{lamp.id}")
    text = sign_in(county.ah_mei).get(f"/log/of/matter/{lamp.number}").content.decode()
    assert stands(text)[1] == {}


def test_every_entry_of_ones_own_points_can_be_checked_and_nobody_elses(
    county: County, sign_in: SignIn
) -> None:
    life.entered(county, life.in_force(county))
    jobs.sequence(at=NOW)
    mei = sign_in(county.ah_mei)
    page = mei.get("/log/own").content.decode()
    award = Transfer.objects.get(code="award")
    assert f"/log/verify?of=transfer/{award.pk}" in page
    assert "做好事得的" in page
    subject, opened = stands(mei.get(f"/log/of/transfer/{award.pk}").content.decode())
    assert subject == f"transfer:{award.pk}"
    assert opened == {"credit": f"account:{award.credit_id}"}
    assert sign_in(county.he).get(f"/log/of/transfer/{award.pk}").status_code == 404
    assert Client().get(f"/log/of/ledger.transfer/transfer:{award.pk}").status_code == 404
    fund = Transfer.objects.get(code="fund")
    assert mei.get(f"/log/of/transfer/{fund.pk}").status_code == 404
    assert mei.get("/log/of/transfer/999999").status_code == 404
    assert "还没有积分账户" in sign_in(county.he).get("/log/own").content.decode()


def test_what_hangs_on_the_board_leads_to_its_check(county: County) -> None:
    item = publications.publish(
        place_id=county.place("village").pk, subject="survey", subject_id=1, title="公示",
        body={"text": "谁都能看"}, audience="public", days=15, by=None, at=NOW,
    )  # fmt: skip
    while reactions.run(at=NOW):
        pass
    address = f"publication.version/publication:{item}"
    stranger = Client()
    assert stranger.get(f"/log/of/{address}").content.startswith(b"gongzhi-promise/1")
    jobs.sequence(at=NOW)
    assert stands(stranger.get(f"/log/of/{address}").content.decode())[0] == f"publication:{item}"
    assert stranger.get("/log/of/publication.version/publication:99").status_code == 404


def test_the_rule_of_witnesses_is_told_in_words(county: County, sign_in: SignIn) -> None:
    page = Client().get("/log/witnesses").content.decode()
    assert "没有外面的见证人" in page
    chen = county.holders["supervisor"].pk
    for number, title in enumerate(("双马监委", "蔡庄监委", "镇纪检")):
        key = Signer(f"w/{number}", COSIGNATURE, bytes([number]) * 32).verifier
        register(name=f"w/{number}", title=title, public=key.public, by=chen, at=NOW)
    page = Client().get("/log/witnesses").content.decode()
    assert "3个见证人里，至少2个核对过" in page
    assert page.count("记号：") == 4
    assert "停用" not in page
    assert "停用" in sign_in("supervisor").get("/log/witnesses").content.decode()


def test_a_lost_telephone_counts_no_more(county: County, sign_in: SignIn) -> None:
    sun = county.holders["supervisor"].pk
    for number, by in ((0, sun), (1, None)):
        key = Signer(f"w/{number}", COSIGNATURE, bytes([number]) * 32).verifier
        register(name=f"w/{number}", title=f"见证{number}", public=key.public, by=by, at=NOW)
    supervisor = sign_in("supervisor")
    assert sign_in("committee").post("/log/witnesses/end", {"name": "w/0"}).status_code == 403
    assert supervisor.post("/log/witnesses/end", {"name": "w/1"}).status_code == 403
    assert supervisor.post("/log/witnesses/end", {"name": "w/0"}).status_code == 302
    assert [w["name"] for w in queries.watched(NOW)["witnesses"]] == ["w/1"]
    assert sign_in("audit_admin").post("/log/witnesses/end", {"name": "w/1"}).status_code == 302
    alone = Client().get("/log/witnesses").content.decode()
    assert "没有外面的见证人" in alone
    assert '<div class="note warn">' in alone, "nobody watching is no good news"


def test_nothing_that_only_its_owner_may_read_is_in_a_public_receipt(
    county: County, sign_in: SignIn, lamp: Raised
) -> None:
    ended(lamp)
    jobs.sequence(at=NOW)
    subject = f"matter:{lamp.id}:{int(NOW.timestamp() * 1e6)}"
    text = Client().get(f"/log/of/matter.closed/{subject}").content.decode()
    assert stands(text)[1] == {}
    fields = decode(queries.entry("matter.closed", subject)).fields
    assert set(fields) == {"ended", "matter", "steps"}
