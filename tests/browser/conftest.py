"""A real installation with the small demonstration, and people looking at it with Chromium.

GONGZHI_BROWSE names a demonstration that already runs, to be used instead of a new one.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from gongzhi.cli import testing
from installations import Installation

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def site() -> Iterator[str]:
    """The address of a running demonstration."""
    if known := os.environ.get("GONGZHI_BROWSE"):
        yield known.rstrip("/")
        return
    data = Path(tempfile.mkdtemp(prefix="gz-", dir="/tmp"))
    data.chmod(0o755)
    installation = Installation(data)
    try:
        installation.up("--demo", "small")
        yield f"http://127.0.0.1:{installation.port}"
    finally:
        if installation.process is not None:
            installation.stop()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this folder."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=testing.browser(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(site: str, chromium: Browser) -> Iterator[Visit]:
    """`visit("laozhao", elder=True)`: a fresh browser of one of the cast, or of nobody ("")."""
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
            page.goto("/sign-in")
            page.click(f'button[name=username][value="{who}"]')
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield of
    for context in contexts:
        context.close()
