"""A proposal goes its way on real pages: seconded on paper, tested, up four platforms."""

import psycopg
import pytest
from playwright.sync_api import Page, expect

from browser import looking
from browser.conftest import Running, Visit

pytestmark = pytest.mark.browser

TITLE = "给路口装一面转弯镜"


def write(page: Page, title: str = TITLE) -> str:
    """Fill in the small form on the open browser; the number of the proposal."""
    page.goto("/proposals/new")
    page.fill("#title", title)
    page.fill("#wrong", "路口被墙挡住，骑车出来看不见两边的车，上个月撞过两回。")
    page.fill("#propose", "在对面电线杆上装一面转弯镜。")
    page.fill("#own_part", "我家可以出梯子。")
    page.locator("#topic .chip", has_text="安全").click()
    page.locator("#place input").first.check()
    page.locator("#reach input[value=grid]").check()
    page.fill("#households", "40")
    page.click("#send")
    page.wait_for_load_state()
    if page.locator("#alike").count():
        page.click("#send")
    page.wait_for_url("**/proposals/TA*")
    return page.url.rpartition("/")[2]


def neighbours(running: Running, username: str, many: int) -> list[tuple[str, str]]:
    """Heads of other households of his grid, with their doors."""
    with psycopg.connect(running.database) as connection:
        return connection.execute(
            "select p.name, h.door from people_household mine"
            " join people_person me on me.household_id = mine.id"
            " join people_account a on a.person_id = me.id and a.username = %s"
            " join people_household h on h.grid_id = mine.grid_id and h.id <> mine.id"
            " join people_person p on p.household_id = h.id and p.head"
            " order by h.id limit %s",
            [username, many],
        ).fetchall()  # fmt: skip


def do(page: Page, number: str, what: str, **fields: str) -> None:
    """One thing at the desk of proposals, filled in by hand."""
    page.goto(f"/staff/proposals/{number}")
    box = page.locator(f"#do-{what}")
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    for name, value in fields.items():
        field = box.locator(f"[name={name}]").first
        if field.get_attribute("type") == "radio":
            box.locator(f"[name={name}][value={value}]").check()
        else:
            field.fill(value)
    box.locator("button").click()
    page.wait_for_load_state()
    assert not page.locator("#errors").count(), page.locator("#errors").inner_text()


def test_a_proposal_climbs_all_four_platforms(visit: Visit, running: Running) -> None:
    zhao, chen = visit("laozhao"), visit("chen", width=1366)
    number = write(zhao)
    expect(zhao.locator("main")).to_contain_text("请邻居来附议")
    for name, door in neighbours(running, "laozhao", 5):
        do(chen, number, "seconder", person=name, door=door, how="本人在纸上签了名")
    zhao.goto(f"/proposals/{number}")
    expect(zhao.locator("main")).to_contain_text("附议够了，等受理")
    chen.goto("/staff/proposals")
    expect(chen.locator("main")).to_contain_text(TITLE)
    tests = ("public_interest", "in_scope", "lawful", "not_open", "clear")
    do(chen, number, "test", **{f"test_{test}": "yes" for test in tests})
    wu = visit("wu", width=1366)
    for reason in ("组里没有钱", "村里也没有钱", "镇上要请公路段"):
        do(wu, number, "up", reason=reason)
    zhao.goto(f"/proposals/{number}")
    platforms = zhao.locator(".platforms li")
    expect(platforms).to_have_count(4)
    for index, name in enumerate(("村民小组", "村", "镇", "县")):
        expect(platforms.nth(index)).to_contain_text(name)
        expect(platforms.nth(index)).to_contain_text("用了")
    zhao.locator("summary", has_text="全过程").click()
    expect(zhao.locator("main")).to_contain_text("村里也没有钱")
    zhao.goto("/proposals/results")
    expect(zhao.locator("main")).to_contain_text("升过级的")
    expect(zhao.locator("main")).to_contain_text("在每一级用了多久")


@pytest.mark.parametrize("elder", [False, True])
def test_pages_of_proposals_are_for_everybody(visit: Visit, elder: bool) -> None:
    page = visit("laozhao", elder=elder)
    number = write(page, f"村口修一条{'长' if elder else '短'}凳")
    for address in ("/proposals", "/proposals/new", f"/proposals/{number}", "/proposals/results"):
        page.goto(address)
        assert not looking.faults(page)
        assert not looking.small_targets(page, 60 if elder else 44)
        page.set_viewport_size({"width": 320, "height": 800})
        looking.double_text(page)
        assert not looking.overflowing(page)
        page.set_viewport_size({"width": 390, "height": 844})


def test_a_proposal_is_written_without_script(visit: Visit) -> None:
    page = visit("laozhao", script=False)
    page.goto("/proposals/new")
    page.fill("#title", "广场的灯早一点开")
    page.click("#send")
    expect(page.locator("#errors")).to_contain_text("请写现在有什么问题")
    assert page.input_value("#title") == "广场的灯早一点开"
    number = write(page, "广场的灯早一点开")
    page.goto(f"/proposals/{number}")
    page.fill("#words", "冬天五点就黑了")
    page.get_by_label("赞成").check()
    page.get_by_role("button", name="留言").click()
    expect(page.locator("#comments")).to_contain_text("冬天五点就黑了")
