"""Case 12 from end to end: earned, checked, taken at a shop's phone, cleared in yuan to the fen."""

import csv
import io
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from browser import looking
from browser.conftest import Running, Visit
from gongzhi.cli.demo_data import cast
from gongzhi.core.clock import SHANGHAI
from gongzhi.mall import exchange

pytestmark = pytest.mark.browser

MALL = "select id from mall_mall where name = '新桥社区商城'"
SHOP = (
    "select s.id from mall_merchant s join people_organisation o on o.id = s.organisation_id"
    " where o.name = '新桥惠民粮油店'"
)
OF_SHOP = (
    "select s.mall_id, s.id from mall_merchant s join people_organisation o"
    " on o.id = s.organisation_id where o.name = '新桥惠民粮油店'"
)
# Who looks, at which address, with the number that the statement finds.
OWN = {
    "shelf": ("xinqiao", "/mall", ""),
    "gifts": ("xinqiao", "/mall?kind=gift", ""),
    "offer": ("xinqiao", "/mall/offers/{}", "select id from mall_offer where name = '大米10斤'"),
    "one's orders": ("xinqiao", "/mall/orders", ""),
    "the fund": ("", "/mall/fund?mall={}", MALL),
    "the funds": ("", "/mall/fund", ""),
    "shop": ("grain", "/mall/shops/{}", SHOP),
    "shop's shelf": ("grain", "/mall/shops/{}/offers", SHOP),
    "shop's statements": ("grain", "/mall/shops/{}/statements",
                          SHOP),
    "statement": ("grain", "/mall/statements/{}",
                  f"select max(id) from mall_statement where merchant_id = ({SHOP})"),
    "what a shop sees of the mall": ("grain", "/mall", ""),
    "what a funder sees of the mall": ("fund", "/mall", ""),
    "a sale": ("grain", "/mall/shops/{1}/orders/{0}",
               f"select min(id), merchant_id from mall_order where merchant_id = ({SHOP})"
               " and state = 'done' group by 2"),
    "one's order": ("xinqiao", "/mall/orders/{}", "select min(o.id) from mall_order o join"
                    " people_account a on a.person_id = o.person_id where a.username = 'xinqiao'"),
    "claims": ("grain", "/mall/claims", ""),
    "claim": ("grain", "/mall/claims/{}", "select max(r.id) from mall_receivable r join"
              f" mall_statement t on t.id = r.statement_id where t.merchant_id = ({SHOP})"),
    "claims on the fund": ("fund", "/mall/claims", ""),
    "claim to be owed": ("fund", "/mall/claims/{}",
                         "select max(id) from mall_receivable where state = 'draft'"),
    "proof of trade": ("fund", "/mall/statements/{0}?claim={1}",
                       "select statement_id, id from mall_receivable where state = 'draft'"),
    "pledge": ("fund", "/mall/claims/pledge/{}", MALL),
    "financed claim": ("finance", "/mall/claims/{}",
                       "select min(receivable_id) from mall_financing"),
}  # fmt: skip
DESK = {
    "malls": ("operator", "/staff/malls", ""),
    "mall": ("operator", "/staff/malls/{}", MALL),
    "all statements": ("operator", "/staff/malls/{}/statements", MALL),
    "a new shop": ("operator", "/staff/malls/{}/merchants", MALL),
    "shop's contract": ("operator", "/staff/malls/{0}/merchants/{1}",
                        OF_SHOP),
    "contract renewed": ("operator", "/staff/malls/{0}/merchants/{1}/contract",
                         OF_SHOP),
    "batch": ("operator", "/staff/malls/{0}/batches/{1}",
              f"select mall_id, max(id) from mall_batch where mall_id = ({MALL}) group by 1"),
    "financiers": ("operator", "/staff/malls/{}/financiers", MALL),
}  # fmt: skip


def found(running: Running, sql: str) -> tuple[object, ...]:
    """The first row."""
    with psycopg.connect(running.database) as connection:
        row = connection.execute(sql).fetchone()  # type: ignore[call-overload]
    assert row is not None, f"the demonstration has none: {sql}"
    return tuple(row)


def address(running: Running, page: tuple[str, str, str]) -> str:
    """Where a page of the tables is."""
    return page[1].format(*found(running, page[2])) if page[2] else page[1]


@pytest.mark.parametrize("name", OWN)
def test_a_page_of_the_mall_is_for_everybody(visit: Visit, running: Running, name: str) -> None:
    looking.suits_everybody(visit(OWN[name][0]), address(running, OWN[name]))


@pytest.mark.parametrize("name", DESK)
def test_a_page_of_the_operators_desk_is_for_everybody(
    visit: Visit, running: Running, name: str
) -> None:
    page = visit(DESK[name][0], width=1366, height=768)
    looking.suits_the_desk(page, address(running, DESK[name]))


@pytest.fixture
def earned(visit: Visit, running: Running) -> None:
    """Eighty points earned by pages: claimed, checked by two, made public, entered."""
    if _points(running) >= 45:
        return
    worker, clerk = (_account(running, role) for role in ("grid_worker", "committee"))
    doer = visit("xinqiao", elder=True)
    doer.goto("/points/claim")
    doer.get_by_label("做了哪件事").select_option(label="防汛扫雪等突发任务（个人，10）")
    doer.get_by_label("哪一天").fill(datetime.now(SHANGHAI).date().isoformat())
    doer.get_by_label("几次").fill("8")
    doer.get_by_label("用一句话说说").fill("连着八晚在河堤值守")
    doer.get_by_label("证明人").check()
    doer.get_by_role("button", name="提交").click()
    expect(doer.locator("main")).to_contain_text("连着八晚在河堤值守")
    for name in (worker, clerk):
        desk = signed_in(visit, name)
        desk.goto("/staff/points")
        row = desk.get_by_role("row").filter(has_text="连着八晚在河堤值守")
        row.get_by_role("link").last.click()
        desk.get_by_label("属实").check()
        desk.get_by_role("button", name="记下").click()
    desk.goto("/staff/points")
    desk.get_by_role("button", name="公示总数").click()
    _days_of_notice_pass(running)
    desk.goto("/staff/points")
    desk.get_by_role("button", name="入账").click()
    doer.goto("/points")
    expect(doer.locator("main")).to_contain_text("连着八晚在河堤值守")
    assert _points(running) >= 45


def _points(running: Running) -> int:
    sql = """select l.balance - l.held from points_holder h
      join ledger_account l on l.id = h.account
      join people_account a on a.person_id = h.person_id where a.username = 'xinqiao'"""
    return int(str(found(running, sql)[0]))


def _account(running: Running, role: str) -> str:
    """One who holds a post where the resident lives gets an account with the password of all."""
    name = f"xinqiao{role.replace('_', '')}"
    with psycopg.connect(running.database) as connection:
        connection.execute(
            "insert into people_account (username, password, totp_secret, totp_last, elder,"
            " language, is_active, person_id) select %(name)s::text, w.password, '', w.totp_last,"
            " false, w.language, true, p.person_id from people_account w, people_appointment p"
            " join places_place l on l.id = p.place_id where w.username = 'witness'"
            " and p.role = %(role)s::text and l.name like '富江新苑%%'"
            " and not exists (select 1 from people_account where username = %(name)s::text)"
            " limit 1",
            {"name": name, "role": role},
        )
    return name


def signed_in(visit: Visit, name: str) -> Page:
    """At the desk, by password."""
    page = visit("", width=1366, height=768)
    page.goto("/sign-in/password?next=/staff/points")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码", exact=True).fill(cast.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def _days_of_notice_pass(running: Running) -> None:
    with psycopg.connect(running.database) as connection:
        connection.execute("alter table points_notice disable trigger points_notice_guard")
        connection.execute(
            "update points_notice set posted_at = posted_at - interval '4 days',"
            " enter_from = enter_from - interval '4 days' where entered_at is null"
        )
        connection.execute("alter table points_notice enable trigger points_notice_guard")


def taken(buyer: Page, thing: str, *, points: int) -> str:
    """Somebody takes something from the shelf; the address of his code."""
    buyer.goto("/mall")
    buyer.get_by_role("link", name=thing).click()
    expect(buyer.locator(".pay").first).to_contain_text("积分")
    buyer.get_by_label("用多少积分").fill(str(points))
    buyer.get_by_role("button", name="给我取货码").click()
    expect(buyer.locator(".square svg")).to_be_visible()
    box = buyer.locator(".square svg").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 200  # read across a counter
    assert looking.faults(buyer) == []
    assert looking.overflowing(buyer) == []
    return buyer.url


@pytest.mark.usefixtures("earned")
def test_taken_in_large_type_and_handed_out_by_its_digits(visit: Visit) -> None:
    buyer, shop = visit("xinqiao", elder=True), visit("grain")
    buyer.goto("/")
    buyer.get_by_role("link", name="我的积分").first.click()
    buyer.get_by_role("link", name="用积分兑换").click()
    expect(buyer.locator("h1")).to_contain_text("商城")
    here = taken(buyer, "土鸡蛋30枚", points=20)
    digits = buyer.locator(".six").inner_text()
    shop.goto("/mall/shops")
    shop.get_by_label("居民的取货码").fill("000000" if digits != "000 000" else "111111")
    shop.get_by_role("button", name="核销").click()
    expect(shop.locator("#code-error")).to_contain_text("没有这个码")
    shop.get_by_label("居民的取货码").fill(digits.replace(" ", ""))
    shop.get_by_role("button", name="核销").click()
    expect(shop.locator("main")).to_contain_text("核销成功")
    expect(shop.locator(".pay")).to_contain_text("34.00")  # 36.00 less 20 points at 0.10
    buyer.goto(here)
    expect(buyer.locator("main")).to_contain_text("已核销")


@pytest.mark.usefixtures("earned")
def test_without_scripts_a_code_is_cancelled_and_the_points_are_back(visit: Visit) -> None:
    buyer = visit("xinqiao", script=False)
    buyer.goto("/mall")
    before = buyer.locator(".points b").first.inner_text()
    taken_at = _plain(buyer)
    buyer.get_by_role("button", name="退回积分").click()
    expect(buyer.locator("main")).to_contain_text("已取消")
    buyer.goto("/mall")
    assert buyer.locator(".points b").first.inner_text() == before
    assert taken_at


def _plain(buyer: Page) -> str:
    buyer.get_by_role("link", name="土鸡蛋30枚").click()
    buyer.get_by_label("用多少积分").fill("10")
    buyer.get_by_role("button", name="给我取货码").click()
    return buyer.url


@pytest.mark.usefixtures("earned")
def test_from_the_shelf_to_the_bank_and_back(
    visit: Visit, running: Running, tmp_path: Path
) -> None:
    buyer, shop = visit("xinqiao"), visit("grain", touch=True)
    taken(buyer, "大米10斤", points=40)
    token = found(running, "select token from mall_order order by id desc limit 1")[0]
    shop.goto(f"/mall/codes/{token}")  # what the camera of the shop's phone reads
    assert looking.faults(shop) == []
    assert looking.small_targets(shop, 44) == []
    expect(shop.locator(".pay")).to_contain_text("38.00")
    shop.get_by_role("button", name="核销").click()
    expect(shop.locator("main")).to_contain_text("核销成功")
    desk = visit("operator", width=1366, height=768)
    mall = f"/staff/malls/{found(running, MALL)[0]}"
    desk.goto(mall)
    desk.get_by_role("button", name="给新桥惠民粮油店出对账单").click()
    expect(desk.locator("main")).to_contain_text("对账单已发给商户")
    claim = agreed(shop)
    funder = visit("fund")
    funder.goto(claim)
    funder.get_by_role("button", name="确认：到期付款").click()
    expect(funder.locator("main")).to_contain_text("待付款")
    financed_or_not(shop, claim)
    days_pass(running)
    desk.goto(mall)
    desk.get_by_role("button", name="结算", exact=True).click()
    expect(desk.locator("h1")).to_contain_text("批结算")
    assert looking.faults(desk) == []
    total = paid(desk, tmp_path)
    expect(desk.locator("main")).to_contain_text("已到账")
    shop.goto(claim)
    expect(shop.locator("main")).to_contain_text("已兑付")
    assert total > 0


def test_a_funder_finds_what_waits_and_a_shop_mends_its_shelf(visit: Visit) -> None:
    funder = visit("fund")
    funder.goto("/")
    funder.get_by_role("link", name="应收账款").click()
    funder.locator("article", has_text="等您办").get_by_role("link").first.click()
    funder.get_by_role("link", name="逐笔看明细").click()
    expect(funder.locator("h1")).to_contain_text("张对账单")
    funder.get_by_role("link", name="应收账款").first.click()
    expect(funder.get_by_role("button", name="确认：到期付款")).to_be_visible()
    shop = visit("grain", elder=True)
    shop.goto("/")
    shop.get_by_role("link", name="我的店").click()
    shop.get_by_role("link", name="货架").click()
    rice = shop.locator("li.card", has_text="大米10斤")
    rice.get_by_text("改库存").click()
    rice.get_by_label("添几件").fill("十")
    rice.get_by_role("button", name="改好").click()
    rice = shop.locator("li.card", has_text="大米10斤")
    expect(rice.locator(".error")).to_contain_text("请填数字")
    expect(rice.get_by_label("添几件")).to_have_value("十")
    assert looking.faults(shop) == []
    assert looking.small_targets(shop, 60) == []
    rice.get_by_label("添几件").fill("2")
    rice.get_by_role("button", name="改好").click()
    expect(shop.locator("main")).to_contain_text("还有")


@pytest.mark.usefixtures("earned")
def test_tapped_twice_a_code_is_taken_once_and_says_so(visit: Visit, running: Running) -> None:
    buyer, shop = visit("xinqiao"), visit("grain", touch=True)
    taken(buyer, "土鸡蛋30枚", points=5)
    token, before = found(running, "select token, points from mall_order order by id desc limit 1")
    shop.goto(f"/mall/codes/{token}")
    shop.get_by_role("button", name="核销").dblclick()
    expect(shop.locator("main")).to_contain_text("核销成功")
    assert found(running, "select count(*), max(points) from mall_line where order_id ="
                 " (select max(id) from mall_order)") == (1, before)  # fmt: skip
    buyer.reload()
    buyer.get_by_role("link", name="这一笔积分没被改过").click()
    expect(buyer.locator("h1")).to_be_visible()
    shop.get_by_text("退货", exact=True).click()
    shop.get_by_label("为什么退").fill("打破了两个")
    shop.get_by_role("button", name="退货，积分退给居民").click()
    expect(shop.locator("main")).to_contain_text("已退")


def agreed(shop: Page) -> str:
    """The shop looks at its statement, takes the table and agrees; the address of the claim."""
    shop.goto("/mall/shops")
    shop.get_by_role("link", name="有一张对账单等您确认").click()
    assert looking.faults(shop) == []
    assert looking.overflowing(shop) == []
    with shop.expect_download() as coming:
        shop.get_by_role("link", name="下载表格").click()
    assert coming.value.suggested_filename.endswith(".xlsx")
    shop.get_by_role("button", name="都对，确认").click()
    expect(shop.locator("main")).to_contain_text("待出资方确认")
    return shop.url


def financed_or_not(shop: Page, claim: str) -> None:
    """A split that does not add up is refused with what was typed kept; so nothing changes."""
    shop.goto(claim)
    shop.get_by_label("每份多少元").fill("1.00+2.00")
    shop.get_by_role("button", name="拆分").click()
    expect(shop.locator("#parts-error")).to_contain_text("正好")
    expect(shop.get_by_label("每份多少元")).to_have_value("1.00+2.00")
    assert looking.faults(shop) == []


def days_pass(running: Running) -> None:
    """The claim's day has come: the demonstration is dated back by a day."""
    with psycopg.connect(running.database) as connection:
        connection.execute("alter table mall_receivable disable trigger receivable_guard")
        connection.execute(
            "update mall_receivable set due_on = due_on - 1 where id ="
            " (select max(id) from mall_receivable)"
        )
        connection.commit()
        connection.execute("alter table mall_receivable enable trigger receivable_guard")


def paid(desk: Page, folder: Path) -> int:
    """The payment file is taken to the bank, the receipt handed in twice; the fen of the file."""
    with desk.expect_download() as coming:
        desk.get_by_role("link", name="付款文件").click()
    file = folder / "payment.csv"
    coming.value.save_as(file)
    text = file.read_text("utf-8-sig")
    lines = exchange.read_payment(text)
    total = sum(line.amount_fen for line in lines)
    shown = desk.locator("main").inner_text()
    assert f"{total // 100:,}.{total % 100:02d}" in shown
    assert sum(
        exchange.fen(row["金额（元）"]) for row in csv.DictReader(io.StringIO(text, newline=""))
    ) == total  # fmt: skip
    receipt = folder / "receipt.csv"
    receipt.write_bytes(exchange.FakeBank().send("x", text).encode("gb18030"))
    here = desk.url
    for answer in (f"{len(lines)}笔有了结果", "以前交过"):
        desk.get_by_role("link", name="新桥社区商城").click()
        desk.get_by_label("银行回执").set_input_files(receipt)
        desk.get_by_role("button", name="交银行回执").click()
        expect(desk.locator("main")).to_contain_text(answer)
        desk.goto(here)
    return total
