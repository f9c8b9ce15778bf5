"""Whole ways at the desk: a call turned into a matter, a ladder climbed by the clock, a roster."""

import csv
import io
import os
import re
import subprocess
import sys

import psycopg
import pytest
from playwright.sync_api import FilePayload, Page, expect

from browser import looking
from browser.conftest import Running, Visit
from browser.test_resident_journeys import do, report, tab_to
from installations import HOUSE

pytestmark = pytest.mark.browser

LATER = """
update matters_matter set entered_at = entered_at - %(by)s, due_at = due_at - %(by)s,
  clock_from = clock_from - %(by)s, tick_at = tick_at - %(by)s where number = %(number)s
"""
SWEEP = """
import django; django.setup()
from django.utils import timezone
from gongzhi.matters import jobs
jobs.sweep(at=timezone.now())
"""


def desk(visit: Visit, who: str, *, script: bool = True) -> Page:
    """Somebody at his office PC."""
    return visit(who, width=1366, height=768, script=script)


def time_is_over(running: Running, number: str) -> None:
    """For this matter alone 40 days pass; then the clock looks, as it does every few seconds."""
    with psycopg.connect(running.database) as connection:
        connection.execute(LATER.replace("%(by)s", "interval '40 days'"), {"number": number})
    env = os.environ | {
        "DATABASE_URL": running.database, "DJANGO_SETTINGS_MODULE": "gongzhi.config.settings",
        "PYTHONPATH": str(HOUSE / "src"),
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", SWEEP], env=env, check=True, timeout=120)


def give_to(page: Page, number: str, *names: str) -> None:
    """Dispatch to the first named, with the others as co-handlers (会办)."""
    page.goto(f"/staff/matters/{number}/moves/dispatch")
    if len(names) > 1:
        page.get_by_text("会办：加上其他人或单位").click()
    for field, name in zip(("lead", "co_1", "co_2"), names, strict=False):
        select = page.locator(f"#do select[name={field}]")
        option = select.locator("option", has_text=name).first
        select.select_option(value=option.get_attribute("value"))
    page.click('#do form[action$="/moves/dispatch"] .btn:not(.sec)')
    expect(page.locator("#errors")).to_have_count(0)


def stands(page: Page, number: str) -> tuple[str, str]:
    """The step and the level the desk shows for a matter."""
    page.goto(f"/staff/matters/{number}")
    step = page.locator('.stages [aria-current="step"]').first.inner_text()
    level = page.locator("dl.mini dd").first.inner_text()
    return re.sub(r"（.*", "", step).strip(), level


def told(page: Page) -> str:
    """What the whole process says on the page."""
    return page.locator(".trail").inner_text()


def test_a_telephone_call_of_xuyi_walks_all_six_steps(visit: Visit, running: Running) -> None:
    liu = desk(visit, "liu", script=False)
    liu.goto("/staff/intake")
    liu.fill("#id_who", "老赵")
    liu.get_by_role("button", name="找人").click()
    liu.locator("#id_person input").first.check()
    liu.fill("#id_near", "双马")
    liu.get_by_role("button", name="找地方").click()
    liu.locator("#id_place input").first.check()
    liu.fill("#id_consent_note", "本人来电口头同意")
    liu.fill("#id_body", "渡口的木栈道烂了三块板，老人踩空过一次")
    liu.get_by_role("button", name="提出", exact=True).last.click()
    number = re.findall(r"GZ\d+", liu.url)[0]
    assert "刘小燕代填：本人来电口头同意" in liu.locator(".rail").inner_text()

    chen, wu, sun = (desk(visit, who, script=False) for who in ("chen", "wu", "sun"))
    do(chen, number, "accept")
    do(wu, number, "hear", seats="11", present="8", role_affected="1", said="都说先封住再修")
    do(wu, number, "resolve", electorate="30", present="21", for_="18", against="2",
       abstain="1", note="用村集体的钱换新板")  # fmt: skip
    give_to(desk(visit, "chen"), number, "刘小燕", "马坝镇水利站")
    do(liu, number, "report_done", note="换了新板，钉牢了", cost="860.50")
    han = desk(visit, "han", script=False)
    do(han, number, "report_done", note="送来了防腐木")
    do(sun, number, "verify")
    running.days_pass(number)
    sun.goto(f"/staff/matters/{number}/answers")
    sun.locator("#do select[name=a-who]").select_option(index=1)
    sun.get_by_label("解决了", exact=True).check()
    sun.get_by_role("button", name="录入", exact=True).click()
    do(sun, number, "publish")

    chen.goto(f"/staff/matters/{number}")
    process = told(chen)
    for who, what in (
        ("刘小燕", "提出"), ("陈书田", "受理"), ("吴大成", "议事"), ("吴大成", "表决"),
        ("陈书田", "交办"), ("刘小燕", "报办结"), ("韩广田", "报办结"), ("孙秀英", "核查通过"),
        ("孙秀英", "公开"),
    ):  # fmt: skip
        assert re.search(f"{who}.*{what}", process), (who, what)
    assert "花费860.50元" in process
    assert "已办结" in chen.locator(".rail").inner_text()


def test_a_dispute_climbs_all_four_rungs_when_time_is_over(visit: Visit, running: Running) -> None:
    number = report(visit("amei"), "楼上空调外机整夜轰响，说了多次不理")
    wen, he, luo, gao = (desk(visit, who) for who in ("wen", "he", "luo", "gao"))
    do(wen, number, "accept")
    do(he, number, "accept")
    give_to(he, number, "文静")
    assert stands(wen, number) == ("派遣处置核查", "网格（聚龙湖第1网格）")
    for page, level in (
        (he, "社区（聚龙湖居委会）"), (luo, "街道（新都街道）"), (gao, "区（盐都区）"),
    ):  # fmt: skip
        time_is_over(running, number)
        assert stands(page, number) == ("派遣处置核查", level)
        assert page.locator('#do form[action$="/moves/dispatch"]').count() == 1
    time_is_over(running, number)
    assert stands(gao, number) == ("区领导会办", "区（盐都区）")
    give_to(gao, number, "新都街道综合执法局", "新都街道水务所")
    assert "会办：" in told(gao)
    assert told(gao).count("升到上一级") == 4


def test_a_small_matter_is_settled_in_the_grid(visit: Visit, running: Running) -> None:
    amei = visit("amei")
    number = report(amei, "一楼门厅堆着旧沙发，过不了轮椅")
    wen, he, lv = (desk(visit, who) for who in ("wen", "he", "lv"))
    do(wen, number, "accept")
    do(he, number, "accept")
    give_to(he, number, "文静")
    do(wen, number, "report_done", note="和住户商量后搬走了", cost="0")
    wen.goto(f"/staff/matters/{number}")
    assert "现在轮到" in wen.locator(".rail").inner_text()  # he who did it does not verify it
    assert wen.locator('#do form[action$="/moves/verify"]').count() == 0
    do(lv, number, "verify")
    running.days_pass(number)
    amei.goto(f"/matters/{number}")
    amei.get_by_label("解决了", exact=True).check()
    amei.get_by_role("button", name="交评价").click()
    do(lv, number, "publish")
    lv.goto(f"/staff/matters/{number}")
    assert "已办结" in lv.locator(".rail").inner_text()
    assert "网格" in lv.locator("dl.mini dd").first.inner_text()


def test_two_clerks_at_once_and_the_slower_one_loses_nothing(visit: Visit) -> None:
    number = report(visit("laozhao"), "村小学门口的减速带掉了螺丝")
    chen, zheng = desk(visit, "chen"), desk(visit, "zheng")
    zheng.goto(f"/staff/matters/{number}/moves/refuse")
    zheng.fill("#id_reason", "这归交通局管，要问过再说")
    do(chen, number, "accept")
    zheng.click('#do form[action$="/moves/refuse"] .btn')
    warned = zheng.locator("[role=alert]").first
    expect(warned).to_contain_text("刚才陈书田已经处理过这件事")
    assert zheng.locator("#id_reason").input_value() == "这归交通局管，要问过再说"
    assert "睦邻议事" in zheng.locator('.stages [aria-current="step"]').inner_text()
    assert looking.faults(zheng) == []


def test_a_matter_is_found_and_accepted_by_keys_alone(visit: Visit) -> None:
    number = report(visit("laozhao"), "晒谷场的水龙头关不上，一直淌水")
    page = desk(visit, "chen")
    page.goto("/staff/")
    page.keyboard.press("/")
    page.keyboard.type("水龙头关不上")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/staff/matters/{number}")
    tab_to(page, "#id_note")
    page.keyboard.type("马上来看")
    tab_to(page, '#do form[action$="/moves/accept"] button')
    seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert seen == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]").first).to_contain_text("现在到了“睦邻议事”")
    assert "马上来看" in told(page)


def roster(*rows: tuple[str, ...]) -> FilePayload:
    """A CSV file as a village clerk saves it."""
    out = io.StringIO()
    csv.writer(out).writerows([("姓名", "楼栋", "房号", "证件号码", "手机号", "出生日期"), *rows])
    content = out.getvalue().encode("gb18030")
    return FilePayload(name="名册.csv", mimeType="text/csv", buffer=content)


def building(running: Running) -> str:
    """A building of the village whose clerk imports."""
    with psycopg.connect(running.database) as connection:
        row = connection.execute(
            "select b.name from places_place b join places_place v on b.path like v.path || '%%'"
            " where b.kind = 'building' and v.name = '双马村委会' order by b.id limit 1"
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_a_roster_with_errors_is_given_back_imported_and_undone(
    visit: Visit, running: Running
) -> None:
    page, house = desk(visit, "chen"), building(running)
    page.goto("/staff/imports")
    page.set_input_files("#id_u-file", [roster(
        ("祁新民", house, "97", "", "13911112222", "1980年3月5日"),
        ("祁小新", house, "97", "", "123", "2012-03-05"),
        ("祁老太", "没有这栋楼", "97", "", "", ""),
    )])  # fmt: skip
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url("**/staff/imports/*")
    words = page.locator("main").inner_text()
    assert "有2行有问题，还没有导入" in words
    assert "祁小新" in words
    with page.expect_download() as download:
        page.get_by_role("link", name="下载带错误说明的原表").click()
    assert download.value.suggested_filename.endswith("标好问题.xlsx")
    page.get_by_role("button", name="只导入没有问题的1行").click()
    expect(page.locator("[role=status]").first).to_contain_text("已经导入")
    found = desk(visit, "chen")
    found.goto("/staff/people?q=祁新民")
    expect(found.locator("td a")).to_have_count(1)
    assert "139****2222" in found.locator("table").inner_text()
    page.get_by_role("button", name="整批撤销，恢复到导入前").click()
    expect(page.locator("[role=status]").first).to_contain_text("已经整批撤销")
    found.reload()
    expect(found.locator("td a")).to_have_count(0)
