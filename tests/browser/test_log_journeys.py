"""A resident checks a receipt off line; a committee's telephone witnesses, and refuses a fork."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from playwright.sync_api import Browser, Page

from browser import looking
from gongzhi.log import actions, checkpoints, jobs, keys, leaves, notes, queries, receipts
from gongzhi.log.hashing import SHA256
from gongzhi.log.verifier import vectors
from log.test_verifier import verify
from people import make_county

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True, scope="module")
def _beside_a_browser() -> Iterator[None]:
    # The browser's driver keeps an event loop in this thread; the database is asked all the same.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(autouse=True)
def _own_keys(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def waiting(number: int) -> None:
    fields = {"closed": 5, "root": bytes(32), "verdict": "pass"}
    actions.append(
        kind="ballot.board", subject=f"motion:{number}", fields=fields, at=datetime.now(UTC)
    )


def grow(to: int) -> None:
    for number in range(to):
        waiting(number)
    jobs.sequence(at=datetime.now(UTC))


@pytest.fixture(params=["plain", "elder"])
def phone(chromium: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=live_server.url, locale="zh-CN", viewport={"width": 390, "height": 844}
    )
    elder = str(int(request.param == "elder"))
    context.add_cookies([{"name": "elder", "value": elder, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    yield page
    context.close()


def for_everybody(page: Page) -> None:
    """Readable and reachable as it is shown now, large type or not."""
    large = page.evaluate("document.documentElement.classList.contains('elder')")
    assert looking.faults(page) == []
    assert looking.small_targets(page, 60 if large else 44) == []
    assert looking.overflowing(page) == []


def check(page: Page, text: str) -> str:
    page.fill("#receipt", text)
    page.click("#check button")
    page.wait_for_selector("#answer .note")
    return page.inner_text("#answer")


def test_a_resident_checks_a_receipt_without_a_network(phone: Page) -> None:
    grow(20)
    receipt = queries.receipt("ballot.board", "motion:7")
    phone.goto("/log/verify")
    phone.wait_for_selector("#offline:not([hidden])")
    phone.context.set_offline(True)
    phone.reload()
    good = check(phone, receipt)
    assert "账没被改过" in good
    assert "第8条" in good
    assert "通过" in good
    for_everybody(phone)
    bad = check(phone, receipt.replace("index 7", "index 8"))
    assert "不成立" in bad
    for_everybody(phone)
    assert "这不是存证回执" in check(phone, "你好")
    bent = receipt.replace("index 7\n", "index 7\n" + notes.b64(bytes(32)) + "\n")
    assert "不成立" in check(phone, bent)


def test_one_tap_from_what_one_looks_at_checks_it_and_keeps_the_receipt(phone: Page) -> None:
    grow(5)
    waiting(40)
    phone.goto("/log/verify?of=ballot.board/motion:40")
    phone.wait_for_selector("#answer .note:has-text('系统签字保证')")
    assert "以前记进账里" in phone.inner_text("#answer")
    for_everybody(phone)
    jobs.sequence(at=datetime.now(UTC))
    phone.wait_for_selector("#answer .note.ok:has-text('账没被改过')", timeout=15_000)
    with phone.expect_download() as kept:
        phone.click("#answer a[download]")
    saved = Path(kept.value.path()).read_text("utf-8")
    phone.wait_for_selector("#offline:not([hidden])")
    phone.context.set_offline(True)
    phone.goto("/log/verify")
    assert "账没被改过" in check(phone, saved)
    phone.goto("/log/verify?of=ballot.board/motion:3")
    phone.wait_for_selector("#answer .note:has-text('现在连不上')")


def test_a_promise_that_was_not_kept_or_is_not_ours_is_told(phone: Page) -> None:
    grow(2)
    waiting(9)
    phone.goto("/log/verify")
    old = queries.promise("ballot.board", "motion:9", datetime(2026, 1, 1, tzinfo=UTC))
    assert "已经过了时间" in check(phone, old)
    due = old.split("\n")[4]
    assert "不成立" in check(phone, old.replace(due, str(int(due) + 10**15)))


def as_supervisor(page: Page, address: str) -> None:
    client = Client()
    client.force_login(make_county().holders["supervisor"].account)
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": address}])


def pressed(page: Page) -> str:
    page.evaluate("document.getElementById('answer').replaceChildren()")
    page.click("#go")
    page.wait_for_selector("#answer .note")
    return page.inner_text("#answer")


def enrolled(page: Page, address: str) -> None:
    as_supervisor(page, address)
    page.goto("/log/witness")
    for_everybody(page)
    page.fill("#title", "双马村村务监督委员会")
    page.click("#enrol button")
    page.wait_for_selector("#sign:not([hidden])")
    assert "9条" in pressed(page)


def forged(size: int) -> str:
    """Another history of the log with this many entries, signed by the log's own key."""
    head = checkpoints.Checkpoint(keys.signer().name, size, bytes(32))
    return str(checkpoints.sign(head, keys.signers(), 0))


def saved(page: Page, link: str) -> str:
    with page.expect_download() as got:
        page.click(link)
    return Path(got.value.path()).read_text("utf-8")


def test_a_committee_witnesses_and_its_telephone_refuses_a_fork(
    phone: Page, live_server: Any
) -> None:
    grow(9)
    enrolled(phone, live_server.url)
    grow(30)
    assert "第30条" in pressed(phone)
    rule = queries.policy()
    _, _, by = checkpoints.opened(queries.checkpoint(), rule.logs, rule.witnesses.values())
    assert len(by) == 1
    raw, honest = forged(31), queries.bare(30)
    phone.route("**/log/newest", lambda route: route.fulfill(body=raw))
    phone.route("**/log/proof/**", lambda route: route.fulfill(body=notes.b64(bytes(32)) + "\n"))
    handed: list[str] = []
    phone.on("request", lambda asked: handed.append(asked.url) if "cosign" in asked.url else None)
    told = pressed(phone)
    assert "不要见证" in told
    assert "您上次见证的：30条" in told
    assert "现在给您看的：31条" in told
    assert notes.b64(checkpoints.parse(honest)[0].root) in told
    assert notes.b64(bytes(32)) in told
    ink = "getComputedStyle(document.querySelector('#answer .note.bad')).borderLeftColor"
    assert phone.evaluate(ink) == "rgb(179, 38, 30)", "red"
    for_everybody(phone)
    before, now = saved(phone, "#evidence-before"), saved(phone, "#evidence-now")
    assert (before, now) == (honest, raw)
    policy = verify.parse_policy(f"log {keys.signer().verifier}\nquorum none\n")
    assert [verify.open_checkpoint(text, policy)[0]["size"] for text in (before, now)] == [30, 31]
    assert handed == [], "nothing was signed"
    phone.unroute_all()
    phone.reload()
    phone.wait_for_selector("#answer .note.bad:has-text('证据还在')")
    assert saved(phone, "#evidence-now") == raw


@pytest.mark.parametrize("size", [9, 4])
def test_a_history_of_the_same_length_or_shorter_is_refused_too(
    phone: Page, live_server: Any, size: int
) -> None:
    grow(9)
    enrolled(phone, live_server.url)
    phone.route("**/log/newest", lambda route: route.fulfill(body=forged(size)))
    told = pressed(phone)
    assert "不要见证" in told
    assert f"现在给您看的：{size}条" in told


def test_a_head_that_the_log_did_not_sign_is_not_witnessed(phone: Page, live_server: Any) -> None:
    grow(9)
    enrolled(phone, live_server.url)
    other = notes.Signer.new(keys.signer().name)
    head = checkpoints.Checkpoint(other.name, 12, bytes(32))
    raw = str(checkpoints.sign(head, [other], 0))
    phone.route("**/log/newest", lambda route: route.fulfill(body=raw))
    assert "签名不对" in pressed(phone)


def audited(page: Page) -> str:
    page.evaluate("document.getElementById('found').replaceChildren()")
    page.click("#run")
    page.wait_for_selector("#run:not([disabled])")
    return page.inner_text("#found")


def booked(number: int, debit: str, credit: str, amount: int, at: datetime) -> None:
    entry = leaves.decode(vectors.transfer(number, debit, credit, amount))
    actions.append(kind=entry.kind, subject=entry.subject, fields=entry.fields, at=at)


def books(at: datetime) -> None:
    """Two accounts and a purchase, as the ledger writes them."""
    for number, name in enumerate(("issue", "amei")):
        fields: dict[str, leaves.Value] = {"account": vectors._who(name), "unit": "points"}
        floor: dict[str, leaves.Value] = {} if name == "issue" else {"floor": 0}
        actions.append(
            kind="ledger.account", subject=f"account:{number}", fields=fields | floor, at=at
        )
    booked(1, "issue", "amei", 5, at)


def test_a_committee_replays_every_entry_on_its_telephone(
    phone: Page, live_server: Any, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    books(now)
    grow(300)
    as_supervisor(phone, live_server.url)
    phone.goto("/log/witness")
    assert "从头到尾查过，303条都对" in audited(phone)
    for_everybody(phone)
    grow(600)
    again = audited(phone)
    assert "603条都对" in again
    assert "上次记下的303条" in again

    def bent(route: Any) -> None:
        route.fulfill(body=route.fetch().body().replace(b"motion:7\n", b"motion:8\n"))

    phone.route("**/log/tile/entries/000", bent)
    assert "第11条：内容被改过" in audited(phone)
    for_everybody(phone)
    phone.unroute_all()
    hashes = queries.tile(0, "000.p/255")
    phone.route("**/log/tile/0/000", lambda route: route.fulfill(body=hashes[32:] + hashes[:64]))
    assert "另一本账" in audited(phone)
    phone.unroute_all()
    booked(2, "amei", "issue", 6, now)
    jobs.sequence(at=datetime.now(UTC))
    assert "第604条：账户花过了头" in audited(phone)


def test_a_promise_that_somebody_hands_in_proves_what_was_left_out(
    phone: Page, live_server: Any, tmp_path: Path
) -> None:
    grow(5)
    as_supervisor(phone, live_server.url)
    phone.goto("/log/witness")
    for name, of, due in (("kept", queries.entry("ballot.board", "motion:3"), 2),
                          ("broken", b"gongzhi/1\na.b\nnever\n1\n", 2)):  # fmt: skip
        made = receipts.Promise(keys.signer().name, SHA256.leaf(of), 1, due)
        (tmp_path / f"{name}.txt").write_text(str(made.signed(keys.signer())), "utf-8")
    (tmp_path / "strange.txt").write_text("你好", "utf-8")
    for name, told in (("kept", "1张保证都兑现了"), ("broken", "签字保证要记的，没有记"),
                       ("strange", "strange.txt")):  # fmt: skip
        phone.set_input_files("#promises", str(tmp_path / f"{name}.txt"))
        assert told in audited(phone)


def test_the_whole_log_is_taken_home_and_audited_there(
    phone: Page, live_server: Any, tmp_path: Path
) -> None:
    books(datetime.now(UTC))
    grow(300)
    as_supervisor(phone, live_server.url)
    phone.goto("/log/witness")
    with phone.expect_download() as got:
        phone.click("text=下载整本账")
    with zipfile.ZipFile(got.value.path()) as packed:
        packed.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "gongzhi_verify.py", "audit", ".", "--policy", "policy"],
        cwd=tmp_path / "gongzhi-log", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "nothing found\n")


PAGES = ("/log", "/log/verify", "/log/witness", "/log/witnesses", "/log/own")


def test_every_page_of_the_log_is_for_everybody(phone: Page, live_server: Any) -> None:
    grow(9)
    enrolled(phone, live_server.url)
    for address in PAGES:
        phone.set_viewport_size({"width": 390, "height": 844})
        assert phone.goto(address).ok  # type: ignore[union-attr]
        for_everybody(phone)
        phone.set_viewport_size({"width": 320, "height": 640})
        looking.double_text(phone)
        assert looking.overflowing(phone) == []
