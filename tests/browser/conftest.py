"""A real installation with the small demonstration, and people looking at it with Chromium.

GONGZHI_BROWSE and GONGZHI_BROWSE_DATABASE name a demonstration that already runs, to be used
instead of a new one.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from browser import looking
from gongzhi.cli import testing
from installations import Installation

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
Visit = Callable[..., Page]
Way = Callable[[Page], str]  # how somebody comes to a page; its address, or "" when he is there


def at(address: str) -> Way:
    """A page with a fixed address."""
    return lambda page: address


def of_list(address: str, link: str) -> Way:
    """The first page a list leads to."""

    def way(page: Page) -> str:
        page.goto(address)
        return str(looking.first(page, link))

    return way


@dataclass(frozen=True)
class Running:
    """A demonstration: where its pages are and where its database is."""

    address: str
    database: str
    live: bool = True  # whether the live stream runs as well

    def days_pass(self, number: str) -> None:
        """The hour has come at which the clock asks those concerned about this matter."""
        with psycopg.connect(self.database) as connection:
            connection.execute(
                "update matters_callback set ask_at = now(), asked_at = now() where matter_id ="
                " (select id from matters_matter where number = %s)",
                [number],
            )


@pytest.fixture(scope="package")
def running() -> Iterator[Running]:
    """A running demonstration."""
    if known := os.environ.get("GONGZHI_BROWSE"):
        yield Running(known.rstrip("/"), os.environ["GONGZHI_BROWSE_DATABASE"], live=False)
        return
    data = Path(tempfile.mkdtemp(prefix="gz-", dir="/tmp"))
    data.chmod(0o755)
    installation = Installation(data)
    try:
        installation.begin_as("small").up("--demo", "small")
        yield Running(f"http://127.0.0.1:{installation.port}", installation.record()["database"])
    finally:
        if installation.process is not None:
            installation.stop()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="package")
def site(running: Running) -> str:
    """The address of a running demonstration."""
    return running.address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a file; closed before the same process tests anything else."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=testing.browser(), args=QUIET)
        yield browser
        browser.close()


def signed_in(context: BrowserContext, who: str, site: str) -> None:
    """What the tile of one of the cast sends, without the page it is on and the one behind it."""
    token = "a" * 32
    context.add_cookies([{"name": "csrftoken", "value": token, "url": site}])
    answer = context.request.post(
        f"{site}/sign-in/demo", max_redirects=0,
        form={"username": who, "csrfmiddlewaretoken": token},
    )  # fmt: skip
    assert answer.status == 302, answer.text()


def by_tile(page: Page, who: str) -> Page:
    """Signed in as a person does it; where that leads is open."""
    page.goto("/sign-in")
    page.click(f'button[name=username][value="{who}"]')
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


@pytest.fixture
def visit(site: str, chromium: Browser) -> Iterator[Visit]:
    """`visit("laozhao", elder=True)`: a fresh browser of one of the cast, or of nobody ("").

    Nothing is open in it yet.
    """
    contexts = []

    def of(
        who: str = "", *, elder: bool = False, width: int = 390, height: int = 844,
        script: bool = True, touch: bool = False,
    ) -> Page:  # fmt: skip
        context = chromium.new_context(
            base_url=site, locale="zh-CN", viewport={"width": width, "height": height},
            java_script_enabled=script, has_touch=touch,
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "elder", "value": str(int(elder)), "url": site}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        if who:
            signed_in(context, who, site)
        return page

    yield of
    for context in contexts:
        context.close()
