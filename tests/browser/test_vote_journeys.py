"""Whole ways of a vote: a secret one with its receipt checked; paper and phone merged."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser import looking
from browser.conftest import Running, Visit
from voters import counted_by_script

pytestmark = pytest.mark.browser


def desk(visit: Visit, who: str) -> Page:
    """Somebody at his office PC."""
    return visit(who, width=1366, height=768)


def drafted(host: Page, title: str, *, secret: bool) -> str:
    """A live vote of the workshop's members, drafted at the desk; its address there."""
    host.goto("/staff/votes")
    host.get_by_role("link", name="发起表决").click()
    assert looking.faults(host) == []
    host.get_by_label("要表决什么").fill(title)
    host.get_by_label("具体内容").fill("清淤要六千元，从村集体收入里出，下月初动工。")
    host.get_by_label("谁来投票").select_option("members")
    host.get_by_label("选票上没有名字" if secret else "主持人查得到").check()
    host.get_by_label("在现场投，主持人宣布结束").check()
    host.get_by_role("button", name="起草").click()
    expect(host.locator("main")).to_contain_text("已起草")
    assert looking.faults(host) == []
    host.get_by_role("button", name="开始投票").click()
    expect(host.locator("main")).to_contain_text("投票开始了")
    return host.url


def votes(voter: Page, address: str, choice: str) -> str:
    """From the list of votes to the receipt; its code."""
    voter.goto("/votes")
    voter.locator(f'a[href="{address}"]').first.click()
    assert looking.faults(voter) == []
    assert looking.overflowing(voter) == []
    voter.get_by_role("button", name=choice, exact=True).focus()
    voter.keyboard.press("Enter")
    expect(voter.locator(".chosen")).to_contain_text(choice)
    voter.locator("#cast").click()
    expect(voter.locator("main")).to_contain_text("投票成功")
    assert looking.faults(voter) == []
    return voter.locator("#code").inner_text()


def test_a_secret_vote_whose_receipt_is_checked(
    visit: Visit, running: Running, tmp_path: Path
) -> None:
    host = desk(visit, "wu")
    at_desk = drafted(host, "村西灌溉渠今年清不清淤", secret=True)
    number = at_desk.rsplit("/", 1)[1]
    address = f"/votes/{number}"
    qian, wu = visit("qian", elder=True), visit("wu")
    code = votes(qian, address, "反对")
    assert looking.small_targets(qian, 60) == []
    votes(wu, address, "赞成")

    host.goto(at_desk)
    expect(host.locator("main")).to_contain_text("2 / 5")
    expect(host.locator("main")).not_to_contain_text("得票")
    host.get_by_role("button", name="结束投票，马上计票").click()
    expect(host.locator("main")).to_contain_text("没有通过")
    if running.live:  # her phone still shows the receipt; the result comes to it by itself
        expect(qian.locator("[data-live]")).to_contain_text("没有通过")
        expect(qian.locator("#code")).to_have_text(code)

    passer_by = visit("")
    passer_by.goto(f"{address}/board")
    assert looking.faults(passer_by) == []
    assert looking.overflowing(passer_by) == []
    passer_by.get_by_label("核对我的票：填回执码").fill(code.lower())
    passer_by.get_by_role("button", name="找我的票").click()
    expect(passer_by.locator("#mine")).to_contain_text("反对")
    board = json.loads(passer_by.request.get(f"{address}/board.json").text())
    status, said = counted_by_script(board, tmp_path, "--receipt", code)
    assert status == 0, said


def test_paper_and_phone_are_merged_once(visit: Visit) -> None:
    host = desk(visit, "chen")
    at_desk = drafted(host, "活动室周末开不开门", secret=False)
    number = at_desk.rsplit("/", 1)[1]
    votes(visit("qian"), f"/votes/{number}", "赞成")

    papers = f"/staff/votes/{number}/papers"
    chen, sun = host, desk(visit, "sun")

    def reads(page: Page, name: str, choice: str) -> None:
        page.goto(papers)
        page.get_by_role("group", name=name).get_by_label(choice).check()
        page.get_by_role("button", name="记下这一页").click()
        expect(page.locator("main")).to_contain_text("录了")

    reads(chen, "冯老三", "赞成")
    reads(sun, "冯老三", "反对")
    expect(sun.locator("#different")).to_contain_text("冯老三")
    assert looking.faults(sun) == []
    expect(sun.locator("tr", has_text="钱桂芳")).to_contain_text("已投过，纸质票不计")

    host.goto(at_desk)
    host.get_by_role("button", name="结束投票，马上计票").click()
    expect(host.locator("#errors")).to_contain_text("不一样")
    reads(sun, "冯老三", "赞成")
    expect(sun.locator("main")).to_contain_text("两遍都一样")
    host.goto(at_desk)
    host.get_by_role("button", name="结束投票，马上计票").click()
    expect(host.locator("main")).to_contain_text("已计票，结果已经公开")
    ways = host.locator("table", has_text="几种投法")
    expect(ways.locator("tr", has_text="手机")).to_contain_text("1")
    expect(ways.locator("tr", has_text="纸质票")).to_contain_text("赞成 1")
    assert looking.faults(host) == []
    assert looking.overflowing(host) == []
