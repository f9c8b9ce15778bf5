"""What a careful eye looks for on a page, as questions that can be asked of any page."""

from typing import Any
from urllib.parse import urljoin

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TARGETS = """
([least]) => {
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const labelOf = (e) => e.closest("label")
    || (e.type === "file" && document.querySelector(`label[for=${e.id}]`));
  const wrong = [];
  for (const e of document.querySelectorAll(kinds)) {
    if (!e.checkVisibility({checkVisibilityCSS: true})) continue;
    if (e.closest(".skip, .leaflet-container, .sr")) continue;
    const boxes = [e, labelOf(e)].filter(Boolean).map((x) => x.getBoundingClientRect());
    if (boxes.some((b) => b.width >= least - 0.5 && b.height >= least - 0.5)) continue;
    const sizes = boxes.map((b) => Math.round(b.width) + "x" + Math.round(b.height));
    wrong.push(`${e.tagName} ${(e.innerText || e.name || "").trim().slice(0, 30)} ${sizes}`);
  }
  return wrong;
}
"""
OVERFLOW = """
() => {
  const width = document.documentElement.clientWidth, wrong = [];
  for (const e of document.body.querySelectorAll("*")) {
    if (e.closest(".scroll, .skip, .sr, svg, .leaflet-container")) continue;
    if (!e.checkVisibility()) continue;
    const box = e.getBoundingClientRect();
    if (box.width && box.right > width + 1) wrong.push(`${e.tagName}.${e.className}`);
  }
  const page = document.documentElement.scrollWidth;
  if (page > width) wrong.push(`page ${page}`);
  return wrong;
}
"""


def faults(page: Page) -> list[str]:
    """Violations of accessibility rules as axe finds them, each with where."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {n['html'][:120]}" for v in found for n in v["nodes"]]


def small_targets(page: Page, least: int) -> list[str]:
    """Things to tap that are smaller than `least` pixels either way, their labels counted in."""
    found: list[str] = page.evaluate(TARGETS, [least])
    return found


def overflowing(page: Page) -> list[str]:
    """What sticks out to the right of the page."""
    found: list[str] = page.evaluate(OVERFLOW)
    return found


def double_text(page: Page) -> None:
    """The text twice as large, as a person sets it in the browser."""
    page.add_style_tag(content="html{font-size:34px!important}")


def first(page: Page, selector: str) -> Any:
    """The address the first such link leads to."""
    return page.locator(selector).first.get_attribute("href")


def suits_everybody(page: Page, address: str) -> None:
    """A resident's page: at 390 and 1366 pixels, in large type, at 320 with the text doubled."""
    _opened(page, address)
    _sound(page, 44)
    page.set_viewport_size({"width": 1366, "height": 768})
    assert overflowing(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    # For the whole site: a cookie for the page's own folder would leave the other one standing.
    site = urljoin(page.url, "/")
    page.context.add_cookies([{"name": "elder", "value": "1", "url": site}])
    page.reload()
    _sound(page, 60)
    page.set_viewport_size({"width": 320, "height": 640})
    double_text(page)
    assert overflowing(page) == []


def suits_the_desk(page: Page, address: str) -> None:
    """A page of the desk: as wide as its window, and on a phone. Without an address: as it is."""
    if address:
        _opened(page, address)
    assert faults(page) == []
    assert overflowing(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflowing(page) == []
    assert faults(page) == []


def _opened(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok


def _sound(page: Page, least: int) -> None:
    assert faults(page) == []
    assert small_targets(page, least) == []
    assert overflowing(page) == []
