"""A resident checks a receipt off line; a committee's telephone witnesses, and refuses a fork."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from playwright.sync_api import Browser, Page

from gongzhi.log import actions, checkpoints, jobs, keys, notes, queries
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


def grow(to: int) -> None:
    now = datetime.now(UTC)
    for number in range(to):
        fields = {"closed": 5, "root": bytes(32), "verdict": "passed"}
        actions.append(kind="ballot.board", subject=f"motion:{number}", fields=fields, at=now)
    jobs.sequence(at=now)


@pytest.fixture
def phone(chromium: Browser, live_server: Any) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=live_server.url, locale="zh-CN", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    yield page
    context.close()


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
    assert "核对无误" in good
    assert "第8条" in good
    bad = check(phone, receipt.replace("index 7", "index 8"))
    assert "不成立" in bad
    assert "这不是存证回执" in check(phone, "你好")


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


def test_a_committee_witnesses_and_its_telephone_refuses_a_fork(
    phone: Page, live_server: Any
) -> None:
    grow(9)
    as_supervisor(phone, live_server.url)
    phone.goto("/log/witness")
    phone.fill("#title", "双马村村务监督委员会")
    phone.click("#enrol button")
    phone.wait_for_selector("#sign:not([hidden])")
    assert "9条" in pressed(phone)
    grow(30)
    assert "第30条" in pressed(phone)
    rule = queries.policy()
    _, _, by = checkpoints.opened(queries.checkpoint(), rule.logs, rule.witnesses.values())
    assert len(by) == 1
    forged = checkpoints.Checkpoint(keys.signer().name, 31, bytes(32))
    raw = str(checkpoints.sign(forged, keys.signers(), 0))
    phone.route("**/log/newest", lambda route: route.fulfill(body=raw))
    phone.route("**/log/proof/**", lambda route: route.fulfill(body=notes.b64(bytes(32)) + "\n"))
    handed: list[str] = []
    phone.on("request", lambda asked: handed.append(asked.url) if "cosign" in asked.url else None)
    assert "不要见证" in pressed(phone)
    assert phone.is_visible("#evidence")
    assert handed == []
