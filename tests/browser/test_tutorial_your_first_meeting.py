"""docs/tutorials/your-first-meeting.md, clicked through from its first sentence to its last."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser import looking
from browser.conftest import Visit, by_tile
from gongzhi.core.clock import SHANGHAI

pytestmark = pytest.mark.browser

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "your-first-meeting.md"
NAMES = ("孟军", "潘建国", "崔浩然", "王超", "魏冬生", "龙素珍")


def main(page: Page, words: str) -> None:
    """The page says so."""
    expect(page.locator("main")).to_contain_text(words)


def press(page: Page, name: str) -> None:
    """A button, by what stands on it."""
    page.get_by_role("button", name=name, exact=True).click()


def one_that_sits(visit: Visit) -> Page:
    """1. The runner of the council that sits right now; a closed browser loses nothing."""
    host = by_tile(visit(width=1366, height=768), "luoshe")
    host.get_by_role("link", name="会议", exact=True).click()
    host.locator(".rows, table, main").get_by_text("村（社区）议事会第1次会议").first.click()
    if "/run" not in host.url:
        host.get_by_role("link", name="主持", exact=True).click()
    main(host, "9／12，要7")
    main(host, "现场7，线上2")
    part = host.locator(".nowtitle").inner_text()
    if part == "大家说":
        host.locator("body").press("n")
        expect(host.locator(".nowtitle")).to_have_text("商量出办法")
    address = host.url
    host.context.close()
    again = by_tile(visit(width=1366, height=768), "luoshe")
    again.goto(address)
    expect(again.locator(".nowtitle")).to_have_text("商量出办法")
    return again


def called(host: Page) -> str:
    """2. A council in an hour, both ways, with something to vote on; its number."""
    host.get_by_role("link", name="会议", exact=True).click()
    host.get_by_role("link", name="会议组织，召集会议").click()
    host.get_by_role("link", name=re.compile("^村（社区）议事会")).first.click()
    host.get_by_role("link", name="召集一次会议").click()
    when = datetime.now(SHANGHAI) + timedelta(hours=1)
    host.locator("#call-starts_at").fill(when.strftime("%Y-%m-%dT%H:%M"))
    host.locator("#call-venue").fill("村部会议室")
    host.locator("#call-mode").select_option("hybrid")
    host.locator("#call-online").fill("点“线上参会”")
    press(host, "排上这场会")
    host.wait_for_url("**/staff/meetings/*")
    for part in ("说清是什么事", "大家说", "商量出办法"):
        main(host, part)
    host.get_by_text("加一项", exact=True).click()
    host.locator("#item-title").fill("自来水管道先改一组")
    host.locator("#item-kind").select_option(label="要表决的事")
    press(host, "加上")
    main(host, "自来水管道先改一组")
    press(host, "发通知")
    main(host, "提前3天")
    host.locator("#notice-why_short").fill("管道爆了，今天要定")
    press(host, "发通知")
    main(host, "通知已经发出")
    return re.findall(r"/staff/meetings/(\d+)", host.url)[0]


def signed_in(host: Page, member: Page, session: str) -> None:
    """3. By letters at the desk, from a list on paper, on line; each counted once."""
    host.get_by_role("link", name="签到台", exact=True).first.click()
    host.locator("#q").fill("cx")
    expect(host.locator("[data-found]")).to_contain_text("常霞")
    host.locator("#q").press("Enter")
    main(host, "1／12")
    assert host.locator("svg").count()  # the code for the door
    host.get_by_text("纸质名单一起录").click()
    host.locator("textarea").first.fill("\n".join(NAMES))
    host.locator("details[open] button").last.click()
    main(host, "7／12，要7")
    member.goto("/meetings")
    member.locator(f'a[href="/meetings/{session}"]').first.click()
    press(member, "线上参会，签到")
    main(member, "您已签到")
    host.reload()
    main(host, "8／12，要7")
    main(host, "现场7，线上1")


def voted(host: Page, member: Page) -> None:
    """4. Opened, talked, put to the vote: phones and raised hands, nothing seen before the end."""
    host.get_by_role("link", name="主持", exact=True).click()
    press(host, "开会")
    for title in ("说清是什么事", "大家说", "商量出办法", "自来水管道先改一组"):
        host.locator("body").press("n")
        expect(host.locator(".nowtitle")).to_have_text(title)
    press(host, "付诸表决")
    press(host, "开始投票")
    member.get_by_role("link", name="投票", exact=True).first.click()
    member.get_by_role("link", name="自来水管道先改一组").first.click()
    press(member, "赞成")
    press(member, "对，就投这个")
    main(member, "结果还没有出来")
    host.locator("#hands_for").fill("6")
    host.locator("#hands_against").fill("1")
    host.locator("#hands_abstain").fill("0")
    press(host, "记下举手人数")
    main(host, "举手7")
    main(host, "怎么投的，计票以后才公布")
    press(host, "结束投票，马上计票")
    main(host, "通过")
    main(member, "通过")  # on the phone, by itself


def closed(host: Page, session: str) -> None:
    """5. No item without a result; minutes from what happened, corrected by another version."""
    host.goto(f"/staff/meetings/{session}/run")
    main(host, "还没有结果：商量出办法")
    press(host, "散会")
    expect(host.locator("[role=alert]").first).to_contain_text("商量出办法")
    host.locator("li", has_text="商量出办法").get_by_role("button").click()
    host.get_by_text("写成意见，或没有决定").click()
    host.locator("#outcome-outcome").select_option(label="没有作出决定")
    host.locator("#outcome-words").fill("等水务所来看过再商量。")
    press(host, "写下结果")
    press(host, "散会")
    host.wait_for_url("**/sorting")
    host.get_by_role("link", name="居民看到的", exact=True).click()
    host.get_by_role("link", name="看会议纪要").click()
    for words in (
        "自来水管道先改一组",
        "现场7，线上1",
        "等水务所来看过再商量",
        "只提意见，不作决定",
    ):
        main(host, words)
    host.get_by_text("更正", exact=True).click()
    host.locator("#correction-correction").fill("地点是村部二楼会议室。")
    host.locator("#correction-reason").fill("写漏了楼层")
    press(host, "作为新的一版")
    main(host, "第2版")
    main(host, "写漏了楼层")
    assert looking.faults(host) == []
    pdf = host.get_by_role("link", name="PDF，打印").get_attribute("href")
    answer = host.request.get(str(pdf))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")


def test_every_step_of_the_tutorial_is_true(visit: Visit) -> None:
    host = one_that_sits(visit)
    session = called(host)
    member = by_tile(visit(), "lane")
    signed_in(host, member, session)
    voted(host, member)
    closed(host, session)


def test_what_is_pressed_here_is_what_the_tutorial_says() -> None:
    """Its bold words are those of the buttons and links above."""
    bold = re.findall(r"\*\*([^*]+)\*\*", TUTORIAL.read_text("utf-8"))
    said = {words for words in bold if re.search("[一-鿿]", words)}
    pressed = Path(__file__).read_text("utf-8")
    assert {words for words in said if words not in pressed} == set()
