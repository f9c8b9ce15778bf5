"""docs/tutorials/points-for-your-community.md, clicked through from its first step to its last."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser import looking
from browser.conftest import Visit, by_tile
from gongzhi.core.clock import SHANGHAI

pytestmark = pytest.mark.browser

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "points-for-your-community.md"
DEED = "和三位邻居扫了二单元的楼道，李姐可以证明"
BARRED, LAWFUL = "一年不上访", "给楼道的花浇水"
DESK = {"width": 1366, "height": 768}


def main(page: Page, words: str) -> None:
    """The page says so."""
    expect(page.locator("main")).to_contain_text(words)


def press(page: Page, name: str) -> None:
    """A button, by what stands on it."""
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    """A link, by what stands on it."""
    page.get_by_role("link", name=name, exact=True).first.click()


def looked_at(lan: Page) -> None:
    """1. What one has, why, and by which rule."""
    follow(lan, "我的积分")
    main(lan, "最近的积分")
    main(lan, "得分入账")
    main(lan, "最早到期的")
    main(lan, "怎样得积分")
    lan.get_by_role("link", name=re.compile("依据：积分办法第1版")).first.click()
    main(lan, "芝嘉花园社区积分办法")
    main(lan, "看计票结果")
    lan.go_back()


def claimed(lan: Page) -> None:
    """2. A deed, in one sentence."""
    follow(lan, "我做了一件好事")
    lan.locator("#item").select_option(label="参加公共地方大扫除（个人，5）")
    lan.locator("#words").fill(DEED)
    lan.get_by_label("证明人", exact=True).check()
    press(lan, "提交")
    card = lan.locator("article", has_text=DEED)
    expect(card).to_contain_text("等初审")
    expect(card.get_by_role("button", name="撤回")).to_be_visible()


def checked(worker: Page, clerk: Page, lan: Page) -> None:
    """3. Two others look at it; neither of them did it."""
    for page, then in ((worker, "等复审"), (clerk, "等公示")):
        follow(page, "积分")
        page.locator("tr", has_text=DEED).get_by_role("link").first.click()
        page.get_by_label("属实，通过").check()
        press(page, "记下")
        expect(page.locator("tr", has_text=DEED)).to_have_count(0)
        lan.goto("/points")
        expect(lan.locator("article", has_text=DEED)).to_contain_text(then)


def noticed(clerk: Page, lan: Page) -> None:
    """4. What has run its days is entered; then totals only, three days, one notice at a time."""
    follow(clerk, "积分")
    press(clerk, "入账")
    press(clerk, "公示总数")
    main(clerk, "公示到")
    expect(clerk.get_by_role("button", name="入账")).to_have_count(0)
    lan.goto("/points")
    expect(lan.locator("article", has_text=DEED)).to_contain_text("公示中")
    follow(lan, "社区看板")
    for board in ("首页", "市容", "安全", "稳定", "党建", "积分自治", "阵地建设"):
        expect(lan.get_by_role("heading", name=board, exact=True)).to_be_visible()
    main(lan, "正在公示")
    assert "赖桂英" not in lan.locator("main").inner_text()
    assert looking.faults(lan) == []


def redeemed(lan: Page, desk: Page) -> None:
    """5. A code on one phone, read on another: the points are gone and nobody learnt a name."""
    lan.goto("/")
    follow(lan, "积分商城")
    lan.get_by_role("link", name="抽纸一提").click()
    press(lan, "要这个，给我取货码")
    code = re.sub(r"\D", "", lan.locator(".six").inner_text())
    expect(lan.locator(".square svg")).to_be_visible()
    follow(desk, "我的店")
    main(desk, "驿万家积分兑换点")
    desk.locator("#code").fill(code)
    press(desk, "核销")
    main(desk, "核销成功")
    main(desk, "抽纸一提")
    main(desk, "已收20积分")
    assert "赖" not in desk.locator("main").inner_text()
    lan.goto("/points")
    spent = lan.locator("section", has=lan.locator("#last")).locator("article").first
    expect(spent).to_contain_text("抽纸一提")
    expect(spent).to_contain_text("-20")
    follow(lan, "每一笔有没有被改过？查一查")
    main(lan, "没被改过？")


def drafted(clerk: Page) -> str:
    """6. The next version: what the law bars is refused with its article, a lawful item is in."""
    follow(clerk, "积分")
    follow(clerk, "积分办法")
    follow(clerk, "起草新的一版")
    clerk.get_by_label("标题").fill("芝嘉花园社区积分办法")
    press(clerk, "好了")
    main(clerk, "第2版")
    main(clerk, "事项（32）")
    follow(clerk, "加一项")
    clerk.get_by_label("编号").fill("H07")
    clerk.get_by_label("做什么得分").fill(BARRED)
    clerk.get_by_label("几分").fill("50")
    clerk.get_by_label("每月最多几次").fill("1")
    clerk.get_by_label("说明", exact=True).last.check()
    press(clerk, "写下")
    main(clerk, "《信访工作条例》")
    assert clerk.get_by_label("做什么得分").input_value() == BARRED  # nothing typed is lost
    clerk.get_by_label("做什么得分").fill(LAWFUL)
    clerk.get_by_label("几分").fill("2")
    press(clerk, "写下")
    main(clerk, LAWFUL)
    main(clerk, "事项（33）")
    return clerk.url


def passed(clerk: Page, street: Page, book: str) -> None:
    """6. Talked over, passed by hand, filed by the subdistrict, published from tomorrow."""
    clerk.get_by_label("议了什么，改了什么").fill("三个楼栋都议过，加了浇花一项。")
    press(clerk, "议过了")
    expect(clerk.get_by_role("button", name="在这里表决")).to_be_visible()
    clerk.get_by_text("已在会上举手或投纸票表决过").click()
    clerk.get_by_label("应到人数").fill("36")
    clerk.get_by_label("实到人数").fill("30")
    clerk.get_by_label("赞成人数").fill("27")
    press(clerk, "通过了")
    expect(clerk.get_by_role("link", name="加一项")).to_have_count(0)
    street.goto(book)
    press(street, "准予备案")
    clerk.goto(book)
    tomorrow = datetime.now(SHANGHAI).date() + timedelta(days=1)
    clerk.get_by_label("从哪一天起施行").fill(str(tomorrow))
    press(clerk, "公布")
    main(clerk, "正在施行")


def test_every_step_of_the_tutorial_is_true(visit: Visit) -> None:
    lan = by_tile(visit(), "lan")
    worker, clerk = by_tile(visit(**DESK), "check"), by_tile(visit(**DESK), "clerk")
    looked_at(lan)
    claimed(lan)
    checked(worker, clerk, lan)
    noticed(clerk, lan)
    redeemed(lan, by_tile(visit(), "desk"))
    passed(clerk, by_tile(visit(**DESK), "street"), drafted(clerk))


def test_what_is_pressed_here_is_what_the_tutorial_says() -> None:
    """Its bold words are those of the buttons and links above, and all its deeds are done."""
    told = TUTORIAL.read_text("utf-8")
    pressed = Path(__file__).read_text("utf-8")
    said = {words for words in re.findall(r"\*\*([^*]+)\*\*", told) if re.search("[一-鿿]", words)}
    assert len(said) > 20
    assert {words for words in said if words not in pressed} == set()
    assert all(words in told.replace("\n   ", "") for words in (DEED, BARRED, LAWFUL))
