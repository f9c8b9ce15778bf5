"""Pages of points with the data of the demonstration: for everybody's eyes, and by keyboard."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from browser import looking
from browser.conftest import Visit, Way, at, of_list

pytestmark = pytest.mark.browser

OWN: dict[str, Way] = {
    "points": at("/points"),
    "a deed": at("/points/claim"),
    "hours": at("/points/hours"),
    "teams": at("/points/teams"),
    "a team": of_list("/points/teams", "main article a"),
    "family": at("/points/family"),
    "leaving": of_list("/points", "main a[href$=leaving]"),
    "the rules": of_list("/points", "main a[href^='/points/books/']"),
    "the seven boards": of_list("/points", "main a[href^='/community/']"),
}
DESK: dict[str, Way] = {
    "claims": at("/staff/points"),
    "a claim": of_list("/staff/points/entries", "main table a"),
    "a reversal": lambda page: of_list(
        str(of_list("/staff/points/entries", "main table a")(page)), "main a[href$=reversal]"
    )(page),
    "a deed of somebody": at("/staff/points/claims/new"),
    "entries": at("/staff/points/entries"),
    "hours": at("/staff/points/hours"),
    "a record of hours": of_list("/staff/points/hours", "main table a"),
    "who takes part": at("/staff/points/takers"),
    "quarters": at("/staff/points/quarters"),
    "books": at("/staff/points/books"),
    "a new book": at("/staff/points/books/new"),
    "a book": of_list("/staff/points/books", "main table a"),
    "budgets": at("/staff/points/budgets"),
    "a budget": of_list("/staff/points/budgets", "main table a"),
}


@pytest.mark.parametrize("name", OWN)
def test_a_page_of_ones_points_is_for_everybody(visit: Visit, name: str) -> None:
    page = visit("lan")
    looking.suits_everybody(page, OWN[name](page))


@pytest.mark.parametrize("name", DESK)
def test_a_page_of_the_desk_of_points_is_for_everybody(visit: Visit, name: str) -> None:
    page = visit("clerk", width=1366, height=768)
    looking.suits_the_desk(page, DESK[name](page))


def tab_to(page: Page, selector: str) -> None:
    """Tab until that control has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    pytest.fail(f"no way by keyboard to {selector}")


def test_hours_are_asked_for_confirmed_and_a_deed_is_claimed_by_keyboard(visit: Visit) -> None:
    stamp = datetime.now(UTC).strftime("%H%M%S")
    worker, neighbour = visit("check", width=1366, height=768), visit("lan")
    worker.goto("/staff/points/hours")
    worker.fill("input[name=who]", "曾海涛")
    worker.fill("input[name=what]", f"陪老人复查{stamp}")
    worker.fill("input[name=witness]", "赖桂英")
    # Another day each time, so that a demonstration that is used again has room in its days.
    day = datetime.now(UTC) - timedelta(days=int(stamp) % 80)
    worker.fill("input[name=on]", day.strftime("%Y-%m-%d"))
    worker.click("form button:has-text('记下')")
    neighbour.goto("/points/hours")
    card = neighbour.locator("article", has_text=f"陪老人复查{stamp}")
    card.get_by_role("button", name="是这样，我证明").focus()
    neighbour.keyboard.press("Enter")
    expect(neighbour.locator("main .note.ok")).to_contain_text("谢谢您的证明")
    worker.reload()
    expect(worker.locator("main")).to_contain_text("谁证明的")

    neighbour.goto("/points/claim")
    tab_to(neighbour, "select[name=item]")
    neighbour.keyboard.press("ArrowDown")
    tab_to(neighbour, "textarea[name=words]")
    neighbour.keyboard.type(f"和邻居扫了楼前{stamp}")
    tab_to(neighbour, "input[name=evidence]")
    neighbour.keyboard.press("Space")
    neighbour.keyboard.press("ArrowDown")  # from words to a witness
    tab_to(neighbour, "form button.btn")
    neighbour.keyboard.press("Enter")
    neighbour.wait_for_url("**/points")
    expect(neighbour.locator("main")).to_contain_text(f"和邻居扫了楼前{stamp}")
