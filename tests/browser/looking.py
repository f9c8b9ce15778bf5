"""What a careful eye looks for on a page, as questions that can be asked of any page."""

from typing import Any

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
