"""A small-stool assembly from its notice to the rectification list read first at the next one."""

import re
from datetime import datetime, timedelta

import psycopg
import pytest
from playwright.sync_api import Page, expect

from browser import looking
from browser.conftest import Running, Visit

pytestmark = pytest.mark.browser

VILLAGE = "双马村委会"


def desk(visit: Visit, who: str) -> Page:
    """Somebody at his office PC."""
    return visit(who, width=1366, height=768)


def founded(page: Page, running: Running, blueprint: str) -> str:
    """A body of the village, founded at the desk; the address of its page."""
    with psycopg.connect(running.database) as connection:
        row = connection.execute(
            "select b.id from bodies_body b join places_place w on w.id = b.place_id"
            " where w.name = %s and b.blueprint = %s and b.to_on is null",
            [VILLAGE, blueprint],
        ).fetchone()
        place = connection.execute(
            "select id from places_place where name = %s and kind = 'village'", [VILLAGE]
        ).fetchone()
    if row is not None:
        return f"/staff/bodies/{row[0]}"
    assert place is not None
    page.goto(f"/staff/places/{place[0]}/bodies")
    page.locator(f'input[value="{blueprint}"]').check()
    page.get_by_role("button", name="设立", exact=True).click()
    page.wait_for_url("**/staff/bodies/*")
    return re.sub(r"https?://[^/]+", "", page.url)


def called(page: Page, body: str, days: int) -> str:
    """A session so many days ahead; its number."""
    page.goto(f"{body}/sessions")
    when = (datetime.now() + timedelta(days=days)).replace(hour=14, minute=30)
    page.locator("#call-starts_at").fill(when.strftime("%Y-%m-%dT%H:%M"))
    page.locator("#call-venue").fill("村部前的场地，带小板凳")
    page.get_by_role("button", name="排上这场会").click()
    page.wait_for_url("**/staff/meetings/*")
    return re.findall(r"/staff/meetings/(\d+)", page.url)[0]


def days_pass(running: Running, session: str) -> None:
    """The days of the notice are over: notice and beginning move back together."""
    with psycopg.connect(running.database) as connection:
        connection.execute(
            "update meetings_session set noticed_at = noticed_at - (starts_at - now()),"
            " starts_at = now() where id = %s",
            [session],
        )


def next_part(page: Page) -> None:
    """The host goes on with a key."""
    page.locator("body").press("n")
    page.wait_for_load_state()


def looked_at(page: Page) -> None:
    """What a careful eye finds on a page of the desk."""
    assert looking.faults(page) == []
    assert looking.overflowing(page) == []


def test_a_small_stool_assembly_from_notice_to_rectification_list(
    visit: Visit, running: Running
) -> None:
    host = desk(visit, "chen")
    session = called(host, founded(host, running, "small_stool"), 11)
    looked_at(host)
    host.get_by_role("button", name="发通知").click()
    expect(host.locator("main")).to_contain_text("通知已经发出")

    zhao = visit("laozhao", elder=True)
    zhao.goto("/meetings")
    zhao.locator(f'a[href="/meetings/{session}"]').first.click()
    expect(zhao.locator("main")).to_contain_text("群众质询")
    looked_at(zhao)

    days_pass(running, session)
    host.goto(f"/staff/meetings/{session}/desk")
    host.locator("#q").fill("z")
    expect(host.locator("[data-found] button").first).to_be_visible()
    looked_at(host)
    host.locator("#q").press("Enter")
    expect(host.locator(".came").first).to_contain_text("签错了")
    with psycopg.connect(running.database) as connection:
        row = connection.execute(
            "select token from meetings_session where id = %s", [session]
        ).fetchone()
    assert row is not None
    zhao.goto(f"/meetings/at/{row[0]}")
    zhao.get_by_role("button", name="我来了，签到").click()
    expect(zhao.locator("main")).to_contain_text("签到好了")
    assert looking.small_targets(zhao, 60) == []

    host.goto(f"/staff/meetings/{session}/run")
    host.get_by_role("button", name="开会", exact=True).click()
    expect(host.locator("main")).to_contain_text("下一项：")
    if host.locator(".plan", has_text="宣读上次").count():
        next_part(host)
    for title in ("看一场表演", "村支两委述职", "集体承诺"):
        next_part(host)
        expect(host.locator(".nowtitle")).to_have_text(title)
    looked_at(host)
    host.locator("#pledges summary").click()
    host.locator("#pledge-text").fill("年底前把进村路的三盏路灯修好")
    host.locator("#pledge-owner").select_option(index=1)
    host.locator("#pledge-due_on").fill("2099-12-31")
    host.get_by_role("button", name="记下承诺").click()
    expect(host.locator("#pledges")).to_contain_text("三盏路灯")

    zhao.goto(f"/meetings/{session}#ask")
    zhao.locator("#ask-text").fill("村口的水渠堵了，什么时候清？")
    zhao.get_by_role("button", name="提交").click()
    expect(zhao.locator("main")).to_contain_text("问题已经收到")

    for title in ("政策宣讲", "群众质询"):
        host.goto(f"/staff/meetings/{session}/run")
        next_part(host)
        expect(host.locator(".nowtitle")).to_have_text(title)
    expect(host.locator("#questions")).to_contain_text("村口的水渠堵了")
    host.locator("#ask-text").fill("水费怎么算的？")
    host.get_by_role("button", name="记下问题").click()
    first = host.locator(".asked > li").first
    first.locator("summary").click()
    first.locator("textarea").fill("按表计费，一吨两块八")
    first.locator("input[name=answerer]").fill("陈书田")
    first.get_by_role("button", name="记下答复").click()
    expect(host.locator(".asked")).to_contain_text("按表计费")

    host.get_by_role("button", name="散会").click()
    host.wait_for_url("**/sorting")
    looked_at(host)
    host.locator("select[name=lead]").first.select_option(index=1)
    host.locator("select[name=co_1]").first.select_option(index=2)
    host.get_by_role("button", name="交办", exact=True).click()
    expect(host.locator("main")).to_contain_text("会办1")

    zhao.goto("/meetings/rectification")
    expect(zhao.locator("main")).to_contain_text("村口的水渠堵了")
    looked_at(zhao)
    host.goto(f"/meetings/{session}/minutes")
    expect(host.locator("main")).to_contain_text("按表计费，一吨两块八")
    host.get_by_role("button", name="公开这份纪要").click()
    expect(host.locator("main")).to_contain_text("纪要已经公开")

    following = called(host, founded(host, running, "small_stool"), 12)
    host.get_by_role("button", name="发通知").click()
    days_pass(running, following)
    host.goto(f"/staff/meetings/{following}/run")
    host.get_by_role("button", name="开会", exact=True).click()
    next_part(host)
    expect(host.locator(".readback")).to_contain_text("村口的水渠堵了")
    expect(host.locator(".readback")).to_contain_text("三盏路灯")


SIDES = {"zheng": "party", "chen": "committee", "sun": "supervision", "laozhao": "stakeholder",
         "qian": "unit"}  # fmt: skip


def all_sides_seated(running: Running, body: str) -> None:
    """Five of the cast take the five kinds of seats."""
    with psycopg.connect(running.database) as connection:
        for who, seat in SIDES.items():
            connection.execute(
                "insert into bodies_seat (body_id, person_id, seat_class, why, from_on)"
                " select %s, a.person_id, %s, '家在渠边', current_date - 30"
                " from people_account a where a.username = %s on conflict do nothing",
                [body.rsplit("/", 1)[1], seat, who],
            )


def test_a_hybrid_consultation_of_all_five_sides(visit: Visit, running: Running) -> None:
    host = desk(visit, "chen")
    body = founded(host, running, "one_four_one")
    all_sides_seated(running, body)
    host.goto(f"{body}/sessions")
    when = (datetime.now() + timedelta(days=4)).replace(hour=19, minute=0)
    host.locator("#call-starts_at").fill(when.strftime("%Y-%m-%dT%H:%M"))
    host.locator("#call-venue").fill("村部会议室")
    host.locator("#call-mode").select_option("hybrid")
    host.locator("#call-online").fill("点本页“线上参会”签到")
    host.get_by_role("button", name="排上这场会").click()
    host.wait_for_url("**/staff/meetings/*")
    session = re.findall(r"/staff/meetings/(\d+)", host.url)[0]
    host.get_by_role("button", name="发通知").click()
    expect(host.locator("main")).to_contain_text("通知已经发出")
    days_pass(running, session)

    host.goto(f"/staff/meetings/{session}/run")
    expect(host.locator("main")).to_contain_text("没有人到会的方面")
    host.get_by_role("button", name="开会", exact=True).click()
    expect(host.locator("[role=alert]")).to_contain_text("还不能开会")
    looked_at(host)

    with psycopg.connect(running.database) as connection:
        row = connection.execute(
            "select token from meetings_session where id = %s", [session]
        ).fetchone()
    assert row is not None
    for who in ("laozhao", "chen", "zheng"):  # at the door, by the code
        phone = visit(who)
        phone.goto(f"/meetings/at/{row[0]}")
        phone.get_by_role("button", name="我来了，签到").click()
        expect(phone.locator("main")).to_contain_text("签到好了")
    for who in ("sun", "qian"):  # from home
        phone = visit(who)
        phone.goto(f"/meetings/{session}")
        phone.get_by_role("button", name="线上参会，签到").click()
        expect(phone.locator("main")).to_contain_text("您已签到")
    looked_at(phone)

    host.goto(f"/staff/meetings/{session}/run")
    host.get_by_role("button", name="开会", exact=True).click()
    expect(host.locator("main")).to_contain_text("下一项：")
    while not host.locator("details", has_text="写成意见").count():
        next_part(host)
        expect(host.locator(".nowtitle")).to_be_visible()
    host.locator("details", has_text="写成意见").locator("summary").click()
    host.locator("#outcome-outcome").select_option("opinion")
    host.locator("#outcome-words").fill("都同意清渠，分两段做；不赞成占麦地的一家照实记下。")
    host.get_by_role("button", name="写下结果").click()
    host.get_by_role("button", name="散会").click()
    host.wait_for_url("**/sorting")

    host.goto(f"/meetings/{session}/minutes")
    expect(host.locator("main")).to_contain_text("现场3，线上2")
    expect(host.locator("main")).to_contain_text("只提意见，不作决定")
    expect(host.locator("main")).to_contain_text("不赞成占麦地的一家照实记下")
    looked_at(host)


def test_what_became_of_an_opinion_is_read_with_its_reason(visit: Visit, running: Running) -> None:
    """Case 3: used, or not used and why; the demonstration has one of each in Anguo."""
    with psycopg.connect(running.database) as connection:
        row = connection.execute(
            "select id from publications_publication where title like '%%图书室%%'"
            " and subject = 'matter' order by id desc limit 1"
        ).fetchone()
    assert row is not None
    party = desk(visit, "anguo")
    party.goto(f"/board/{row[0]}")
    expect(party.locator("main")).to_contain_text("县里明年统一改造村部")
    assert looking.faults(party) == []
