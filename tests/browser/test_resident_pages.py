"""Every page of a resident and of the public: readable by everybody, on any phone."""

import gzip

import pytest
from playwright.sync_api import Page

from browser import looking
from browser.conftest import Visit, Way, at, of_list

pytestmark = pytest.mark.browser


def failed_report(page: Page) -> str:
    """The report page with its errors shown."""
    page.goto("/report")
    page.click("#send")
    page.wait_for_selector("#errors")
    return ""


PAGES: dict[str, tuple[str, Way]] = {
    "sign-in": ("", at("/sign-in")),
    "staff sign-in": ("", at("/sign-in/password")),
    "stranger's home": ("", at("/")),
    "not found": ("", at("/nowhere")),
    "home": ("laozhao", at("/")),
    "report": ("laozhao", at("/report")),
    "report with errors": ("laozhao", failed_report),
    "my matters": ("laozhao", at("/mine")),
    "a matter": ("laozhao", of_list("/mine", "article a")),
    "my data": ("laozhao", at("/me")),
    "choose": ("laozhao", at("/choose?q=村")),
    "help": ("laozhao", at("/help")),
    "paper": ("laozhao", at("/help/paper")),
    "board": ("laozhao", at("/board")),
    "board empty": ("laozhao", at("/board?q=绝无此事")),
    "publication": ("laozhao", of_list("/board", "article a")),
    "county": ("", at("/county/320903000000")),
    "shares": ("", at("/county/320903000000/levels")),
    "playbooks": ("", at("/playbooks")),
    "playbook": ("", at("/playbooks/xindu")),
    "codes": ("chen", at("/places/320830101201/codes")),
}


def opened(visit: Visit, name: str, **how: object) -> Page:
    who, way = PAGES[name]
    page = visit(who, **how)
    address = way(page)
    if address:
        page.goto(address)
    return page


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_targets_are_44_pixels(visit: Visit, name: str) -> None:
    page = opened(visit, name)
    assert looking.faults(page) == []
    assert looking.small_targets(page, 44) == []


@pytest.mark.parametrize("name", PAGES)
def test_large_type_is_sound_and_its_targets_are_60_pixels(visit: Visit, name: str) -> None:
    page = opened(visit, name, elder=True)
    assert looking.faults(page) == []
    assert looking.small_targets(page, 60) == []
    assert looking.overflowing(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out_on_a_small_phone_with_double_text(visit: Visit, name: str) -> None:
    page = opened(visit, name, width=320, height=640)
    looking.double_text(page)
    assert looking.overflowing(page) == []


def test_the_checks_see_what_they_look_for(visit: Visit) -> None:
    page = visit()
    page.goto("/help")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend',"
        '\'<a href="/x" style="display:inline-block;width:20px;height:20px">x</a>'
        '<p style="width:900px">wide</p><img src="/x.png">\')'
    )
    assert len(looking.small_targets(page, 44)) == 1
    assert looking.overflowing(page)
    assert any(fault.startswith("image-alt") for fault in looking.faults(page))


@pytest.mark.parametrize("who", ["", "laozhao"])
def test_the_first_page_weighs_at_most_50_kilobytes_in_12_requests(visit: Visit, who: str) -> None:
    page = visit(who)
    bodies: list[bytes] = []
    page.on("response", lambda answer: bodies.append(answer.body()) if answer.ok else None)
    page.goto("/", wait_until="networkidle")
    weight = sum(len(gzip.compress(body)) for body in bodies)
    print(f"first page of {who or 'a stranger'}: {len(bodies)} requests, {weight} bytes gz")
    assert 3 <= len(bodies) <= 12
    assert weight <= 50 * 1024


def test_the_title_says_when_something_is_wrong_and_the_summary_has_the_focus(
    visit: Visit,
) -> None:
    page = opened(visit, "report with errors")
    assert page.title().startswith("错误：")
    assert page.evaluate("document.activeElement.id") == "errors"
    page.click("#errors a")
    assert page.evaluate("document.activeElement.id") == "body"
