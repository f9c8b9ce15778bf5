"""Whole ways a resident goes: phone to board, in large type, by keys alone, without script."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from browser import looking
from browser.conftest import Running, Visit

pytestmark = pytest.mark.browser

BROKEN = "三组东头的水泥桥栏杆断了一截，孩子放学要从上面过"


def photo(colour: str = "#88a") -> dict[str, object]:
    out = io.BytesIO()
    Image.new("RGB", (2400, 1800), colour).save(out, "JPEG")
    return {"name": "bridge.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def report(page: Page, words: str, *, photos: int = 0) -> str:
    """Report something on the open page; the number of the matter."""
    page.goto("/report")
    page.fill("#body", words)
    if photos:
        page.set_input_files("#album", [photo(f"#8{n}a") for n in range(photos)])  # type: ignore[list-item]
        expect(page.locator("input[name=uploads]")).to_have_count(photos)
    page.click("#send")
    page.wait_for_url("**/done")
    return page.locator(".panel .no").inner_text().strip()


def do(page: Page, number: str, verb: str, **fields: str) -> None:
    """One move at the desk, filled in by hand."""
    page.goto(f"/staff/matters/{number}/moves/{verb}")
    for name, value in fields.items():
        field = page.locator(f"#do form [name={name}]").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value=value)
        else:
            field.fill(value)
    page.click(f'#do form[action$="/moves/{verb}"] .btn:not(.sec)')
    page.wait_for_load_state()
    assert not page.locator("#errors").count(), page.locator("#errors").inner_text()


def now_at(page: Page, number: str) -> str:
    page.goto(f"/matters/{number}")
    return page.locator('.steps [aria-current="step"]').first.inner_text().split("\n")[0]


def test_a_matter_of_xuyi_from_the_phone_to_the_board(visit: Visit, running: Running) -> None:
    zhao = visit("laozhao")
    number = report(zhao, BROKEN, photos=2)
    assert now_at(zhao, number) == "居民提事"
    assert zhao.locator(".photos img").count() == 2
    chen, wu, sun = visit("chen", width=1366), visit("wu", width=1366), visit("sun", width=1366)
    do(chen, number, "accept")
    assert now_at(zhao, number) == "睦邻议事"
    do(wu, number, "hear", seats="9", present="7", role_affected="2", said="都说先拦起来，再修")
    do(wu, number, "resolve", electorate="30", present="22", for_="20", against="1", abstain="1",
       note="用村集体的钱修")  # fmt: skip
    assert now_at(zhao, number) == "联动办事"
    chen.goto(f"/staff/matters/{number}/moves/dispatch")
    lead = chen.locator("#do select[name=lead] option", has_text="刘小燕").first
    do(chen, number, "dispatch", lead=str(lead.get_attribute("value")))
    do(visit("liu", width=1366), number, "report_done", note="换了新栏杆，刷了漆", cost="1860")
    do(sun, number, "verify")
    assert now_at(zhao, number) == "群众评事"
    running.days_pass(number)
    zhao.goto(f"/matters/{number}")
    zhao.get_by_label("解决了", exact=True).check()
    zhao.get_by_label("5 很满意").check()
    zhao.fill("#words", "孩子敢走了")
    zhao.get_by_role("button", name="交评价").click()
    zhao.wait_for_url(f"**/matters/{number}")
    assert now_at(zhao, number) == "公开晒事"
    do(sun, number, "publish")
    zhao.goto(f"/matters/{number}")
    expect(zhao.get_by_text("办完了")).to_be_visible()
    address = zhao.get_by_role("link", name="看公开栏上的这件事").get_attribute("href")
    stranger = visit()
    stranger.goto(str(address))
    words = stranger.locator("main").inner_text()
    for said in ("居民提事", "睦邻议事", "会议定事", "联动办事", "1,860.00", "1人说解决了"):
        assert said in words
    assert "老赵" not in words
    assert looking.faults(stranger) == []


def test_large_type_is_asked_for_once_and_carries_the_whole_report(visit: Visit) -> None:
    page = visit()
    page.context.clear_cookies(name="elder")
    page.goto("/")
    page.get_by_role("button", name="换大字版").click()
    expect(page.locator("html.elder")).to_have_count(1)
    page.goto("/sign-in")
    page.click('button[name=username][value="laozhao"]')
    page.wait_for_url("**/")
    assert page.locator(".tiles a").count() <= 4
    assert page.locator('a[href^="tel:"]').first.is_visible()
    number = report(page, "村委会门口台阶太陡，老人上不去")
    expect(page.locator("html.elder")).to_have_count(1)
    page.goto(f"/matters/{number}")
    assert looking.small_targets(page, 60) == []
    page.get_by_role("button", name="标准版").click()
    expect(page.locator("html.elder")).to_have_count(0)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, always seeing where it is."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"no way by keys to {selector}")


def test_everything_is_reached_by_keys_alone(visit: Visit) -> None:
    page = visit("laozhao")
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    tab_to(page, 'a[href="/report"]')
    seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert seen == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/report")
    tab_to(page, "#body")
    page.keyboard.type("村道边的指路牌倒了")
    tab_to(page, "input[name=place]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#send")
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")
    expect(page.get_by_role("heading", name=re.compile("已收到"))).to_be_visible()


def test_without_script_a_matter_is_reported_and_recalled(visit: Visit) -> None:
    page = visit("laozhao", script=False)
    page.goto("/report")
    page.set_input_files("#album", [photo()])  # type: ignore[list-item]
    page.click("#send")  # nothing said yet
    expect(page.locator("#errors")).to_be_visible()
    expect(page.locator("#shots img")).to_have_count(1)
    page.fill("#body", "水沟盖板丢了一块，晚上危险")
    page.click("#send")
    page.wait_for_url("**/done")
    number = page.locator(".panel .no").inner_text().strip()
    page.goto(f"/matters/{number}")
    expect(page.locator(".photos img")).to_have_count(1)
    page.locator("details", has_text="撤回").locator("summary").click()
    page.get_by_role("button", name="确定撤回").click()
    expect(page.get_by_text("已撤回").first).to_be_visible()


def test_a_draft_survives_the_tab_and_the_net(visit: Visit) -> None:
    page = visit("laozhao")
    page.goto("/report")
    page.fill("#body", "变压器嗡嗡响了三天")
    page.context.set_offline(True)
    page.click("#send")
    expect(page.locator("#trouble")).to_contain_text("还没有交上去")
    assert page.input_value("#body") == "变压器嗡嗡响了三天"
    page.context.set_offline(False)
    key = page.input_value("[name=key]")
    page.goto("/")
    page.goto("/report")
    expect(page.locator("#draft")).to_be_visible()
    assert page.input_value("#body") == "变压器嗡嗡响了三天"
    assert page.input_value("[name=key]") == key
    page.click("#send")
    page.wait_for_url("**/done")
    page.goto("/report")
    assert page.input_value("#body") == ""


def test_a_photo_that_does_not_arrive_is_sent_again(visit: Visit) -> None:
    page = visit("laozhao")
    page.goto("/report")
    page.route("**/report/photo", lambda route: route.abort())
    page.set_input_files("#album", [photo()])  # type: ignore[list-item]
    again = page.locator(".retry")
    expect(again).to_be_visible()
    page.unroute("**/report/photo")
    again.click()
    expect(page.locator("input[name=uploads]")).to_have_count(1)


def test_a_photo_is_made_small_before_it_is_sent(visit: Visit) -> None:
    page = visit("laozhao")
    page.goto("/report")
    with page.expect_request("**/report/photo") as sent:
        page.set_input_files("#album", [photo()])  # type: ignore[list-item]
    size = int(sent.value.all_headers()["content-length"])
    assert size < len(photo()["buffer"])  # type: ignore[arg-type]


def test_a_neighbours_matter_is_offered_and_joined(visit: Visit) -> None:
    first, second = visit("laozhao"), visit("laozhao")
    number = report(first, "打谷场的电线垂下来快碰到人头了")
    second.goto("/report")
    second.fill("#body", "打谷场的电线垂下来了，快碰到人")
    expect(second.locator("#similar")).to_contain_text("邻居也报过")
    second.locator("#similar a").first.click()
    second.wait_for_url(f"**/matters/{number}")


def test_the_map_is_loaded_only_when_asked_for_and_gives_the_grid(visit: Visit) -> None:
    page = visit("amei")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/report")
    assert not any("leaflet" in url for url in asked)
    page.fill("#body", "绿化带里的树倒了")
    page.get_by_label("在地图上点").check()
    plan = page.locator("#map.leaflet-container")
    plan.wait_for()
    expect(page.locator("#map canvas")).to_be_visible()
    box = plan.bounding_box()
    assert box is not None
    plan.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(page.locator("#map-note")).to_contain_text("已点好")
    page.click("#send")
    page.wait_for_url("**/done")


def test_an_open_page_learns_that_its_matter_moved(visit: Visit, running: Running) -> None:
    if not running.live:
        pytest.skip("GONGZHI_BROWSE is a bare web process, without the live stream")
    zhao, chen = visit("laozhao"), visit("chen", width=1366)
    number = report(zhao, "村头的公交站牌被撞歪了")
    zhao.goto(f"/matters/{number}")
    do(chen, number, "accept")
    step = zhao.locator('.steps [aria-current="step"]')
    expect(step).to_contain_text("睦邻议事", timeout=20_000)


def test_an_english_reader_finds_no_chinese_left_in_the_frame(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for address in ("/help", "/help/paper", "/sign-in/password", "/choose"):
        page.goto(address)
        page.evaluate(
            "document.querySelectorAll('[lang=zh-CN], .brand, .call').forEach(e => e.remove())"
        )
        left = re.findall(r"[\u4e00-\u9fff]+", page.locator("body").inner_text())
        assert [words for words in left if "村委会" not in words] == []
