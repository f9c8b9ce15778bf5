"""How heavy and how fast a resident's first page is on a slow phone.

    python bench/first_page.py http://127.0.0.1:8000 [laozhao]

Throttled as ux.md asks: 50 KB/s, 300 ms a round trip, a processor six times slower; an empty cache.
Prints the median of five loads, as a visitor or as one of the demonstration's cast.
"""

import gzip
import statistics
import sys

from playwright.sync_api import Browser, sync_playwright

from gongzhi.cli import testing

LOADS = 5
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
LCP = """
() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
})
"""


def main(site: str, who: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=testing.browser(), args=["--no-sandbox"]
        )
        loads = [load(browser, site, who) for _ in range(LOADS)]
        browser.close()
    requests, sent, packed, painted = (
        statistics.median(column) for column in zip(*loads, strict=True)
    )
    print(f"first page of {who or 'a visitor'}, median of {LOADS} loads")
    print(f"requests            {requests:.0f}  (at most 12)")
    print(f"body bytes          {sent / 1024:.1f} KB")
    print(f"the same, gzipped   {packed / 1024:.1f} KB  (at most 50)")
    print(f"largest paint       {painted / 1000:.2f} s  (at most 2.0)")


def load(browser: Browser, site: str, who: str) -> tuple[int, int, int, float]:
    """Requests, bytes, bytes gzipped, milliseconds to the largest paint."""
    context = browser.new_context(base_url=site, locale="zh-CN",
                                  viewport={"width": 390, "height": 844})  # fmt: skip
    page = context.new_page()
    if who:
        page.goto("/sign-in")
        page.click(f'button[name=username][value="{who}"]')
        page.wait_for_load_state("networkidle")
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.send("Network.emulateNetworkConditions", SLOW)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    bodies: list[bytes] = []
    page.on("response", lambda answer: bodies.append(answer.body()))
    page.goto("/", wait_until="networkidle")
    painted = float(page.evaluate(LCP))
    context.close()
    packed = sum(len(gzip.compress(body)) for body in bodies)
    return len(bodies), sum(map(len, bodies)), packed, painted


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2] if len(sys.argv) > 2 else "")
