"""Every page of the desk: readable by everybody, on the office PC and on a phone."""

import re

import pytest
from playwright.sync_api import Page

from browser import looking
from browser.conftest import Visit, Way, at, of_list

pytestmark = pytest.mark.browser

DESK = {"width": 1366, "height": 768}


def move_of(verb: str) -> Way:
    """The form of a verb at the first matter of the inbox that offers it."""

    def way(page: Page) -> str:
        page.goto("/staff/")
        found = page.locator("a.go").evaluate_all("links => links.map(a => a.pathname)")
        for address in found:
            offered = re.search(
                rf'href="[^"]*/moves/{verb}|action="[^"]*/moves/{verb}"',
                page.request.get(address).text(),
            )
            if offered:
                return f"{address}/moves/{verb}"
        raise AssertionError(f"nobody offers {verb}")

    return way


def refused(page: Page) -> str:
    """A form sent without its reason."""
    page.goto(move_of("escalate")(page))
    page.click(".rail form .btn")
    page.wait_for_selector("#errors")
    return ""


PAGES: dict[str, tuple[str, Way]] = {
    "inbox": ("chen", at("/staff/")),
    "inbox empty": ("chen", at("/staff/?q=绝无此事")),
    "all matters": ("luo", at("/staff/matters")),
    "a matter": ("chen", of_list("/staff/", "a.go")),
    "accept": ("chen", move_of("accept")),
    "hear": ("wu", move_of("hear")),
    "resolve": ("wu", move_of("resolve")),
    "dispatch": ("chen", move_of("dispatch")),
    "verify": ("sun", move_of("verify")),
    "extend": ("chen", move_of("extend")),
    "refused": ("chen", refused),
    "intake": ("liu", at("/staff/intake")),
    "objections": ("sun", at("/staff/objections")),
    "places": ("luo", at("/staff/places?q=花园")),
    "a place": ("luo", of_list("/staff/places", ".tree a")),
    "people": ("chen", at("/staff/people?q=赵")),
    "a person": ("chen", of_list("/staff/people?q=老赵", "td a")),
    "appointments": ("luo", of_list("/staff/people", ".acts a")),
    "rosters": ("chen", at("/staff/imports")),
    "playbooks": ("luo", at("/staff/playbooks")),
    "a playbook": ("luo", at("/staff/playbooks/xindu")),
    "simulation": ("luo", at("/staff/playbooks/xindu/simulation?per_day=3&days=20&handle_hours=5")),
    "calendar": ("luo", at("/staff/calendar?month=2026-10")),
    "a day": ("luo", at("/staff/calendar/2026-10-01")),
    "permissions": ("gao", at("/staff/permissions")),
    "tokens": ("sec", at("/staff/tokens")),
    "county": ("gao", at("/staff/county")),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_desk_is_for_everybody(visit: Visit, name: str) -> None:
    who, way = PAGES[name]
    page = visit(who, **DESK)
    looking.suits_the_desk(page, way(page))
