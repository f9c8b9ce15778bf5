"""掌上社区 in a browser: a word becomes a matter with two taps, a paste becomes messages."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from browser import looking
from gongzhi import reactions
from gongzhi.channels import actions
from gongzhi.channels.models import Post
from gongzhi.core import db
from gongzhi.matters.models import Matter
from people import County, make_county

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TAPS = """addEventListener("click", (event) => { if (event.isTrusted) {
  sessionStorage.taps = Number(sessionStorage.taps || 0) + 1; } }, true);"""
PASTE = "张三:\n楼道灯坏了 13912345678\n\n李四 :\n张三说得对\n[图片]\n"
Come = Callable[..., Page]


@pytest.fixture(autouse=True, scope="module")
def _beside_a_browser() -> Iterator[None]:
    # The browser's driver keeps an event loop in this thread; the database is asked all the same.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def cast() -> County:
    return make_county()


@pytest.fixture
def come(chromium: Browser, live_server: Any, cast: County) -> Iterator[Come]:
    """`come(person, elder=True, width=1366)`: a browser of somebody of the cast."""
    contexts = []

    def of(who: Any, *, elder: bool = False, width: int = 390, height: int = 844) -> Page:
        context = chromium.new_context(
            base_url=live_server.url, locale="zh-CN",
            viewport={"width": width, "height": height},
        )  # fmt: skip
        contexts.append(context)
        context.add_init_script(TAPS)
        client = Client()
        client.force_login((cast.holders[who] if isinstance(who, str) else who).account)
        cookies = {"sessionid": client.cookies["sessionid"].value, "elder": str(int(elder))}
        context.add_cookies(
            [{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()]
        )
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        return page

    yield of
    for context in contexts:
        context.close()


def opened(cast: County) -> int:
    return actions.open_channel(
        place_id=cast.place("village").pk, kind="community", name="双马村的频道",
        about="村里的事在这里说。", by=cast.holders["committee"].pk,
        at=timezone.now() - timedelta(days=1),
    )  # fmt: skip


@pytest.mark.parametrize("elder", [False, True], ids=["plain", "elder"])
def test_two_taps_make_a_matter_whose_end_comes_back_without_a_name(
    come: Come, cast: County, elder: bool
) -> None:
    channel = opened(cast)
    mei = come(cast.ah_mei, elder=elder)
    mei.goto(f"/channels/{channel}")
    mei.fill("#words", "村口路灯不亮，晚上走路看不见。")
    mei.click("form:has(#words) button")
    mei.wait_for_selector("article:has-text('前答复')")
    wen = come("grid_worker")
    wen.goto(f"/staff/channels/{channel}")
    wen.evaluate("sessionStorage.taps = 0")
    wen.click("text=转成一件事")
    wen.click("text=确认转办")
    wen.wait_for_selector("text=已转成一件事")
    assert wen.evaluate("sessionStorage.taps") == "2"
    matter = Matter.objects.get()
    assert matter.raised_by_id == cast.ah_mei.pk
    now = timezone.now()
    Matter.objects.update(outcome="done", closed_at=now, due_at=None, tick_at=None)
    db.run(
        "insert into core_outbox (kind, subject_id, data)"
        " values ('matter.close', %s::bigint, '{}')", (matter.pk,),
    )  # fmt: skip
    reactions.run(at=now)
    neighbour = come(cast.neighbour, elder=elder)
    neighbour.goto(f"/channels/{channel}")
    assert "办好了" in neighbour.inner_text("main")
    assert cast.ah_mei.name not in neighbour.inner_text("main")


def test_a_paste_of_a_group_is_relayed_without_its_names(come: Come, cast: County) -> None:
    channel = opened(cast)
    wen = come("grid_worker")
    wen.goto("/staff/channels")
    wen.click("text=转群里的话")
    wen.fill("textarea[name=paste]", PASTE)
    wen.click("button:has-text('下一步')")
    assert wen.locator("textarea[name=message]").count() == 2
    wen.locator("input[name=take]").nth(1).uncheck()
    wen.click("text=转到频道")
    wen.wait_for_selector("text=转了1条")
    assert [post.words for post in Post.objects.all()] == ["楼道灯坏了 139****5678"]
    neighbour = come(cast.neighbour)
    neighbour.goto(f"/channels/{channel}")
    assert "张三" not in neighbour.content()


def lively(cast: County) -> dict[str, int]:
    """A channel in which everything has happened; the addresses' numbers."""
    channel, now = opened(cast), timezone.now()
    mei, wen = cast.ah_mei.pk, cast.holders["grid_worker"].pk
    chen = cast.holders["committee"].pk

    def say(words: str, by: int = mei, **more: Any) -> int:
        return actions.say(channel_id=channel, words=words, by=by, at=now, **more)

    lamp = say("村口路灯不亮，晚上走路看不见。")
    say("我家门口也是", cast.neighbour.pk, under=lamp)
    say("下午就派电工来看。", wen, under=lamp)
    waits = say("二组的垃圾桶满了三天了，夏天味道大，能不能多收一次？")
    actions.hand(post_id=waits, to=wen, by=chen, at=now)
    spam = say("卖保健品，加我", cast.brother.pk)
    actions.report(post_id=spam, why="这是广告", by=cast.neighbour.pk, at=now)
    hidden = say("物业费太高了")
    actions.hide(post_id=hidden, why="频道里不发广告", by=chen, at=now)
    mine = say("这句也藏了")
    actions.hide(post_id=mine, why="说得不对", by=chen, at=now)
    appeal = actions.appeal(post_id=hidden, words="这是正当的意见", by=mei, at=now)
    actions.notify(
        channel_id=channel, words="明天上午九点到十二点停水，请存好水。", by=chen, at=now
    )
    actions.ask(channel_id=channel, words="文化节放在哪天？", options=["周六", "周日"],
                until=now + timedelta(days=3), by=chen, at=now)  # fmt: skip
    actions.relay(channel_id=channel, words="老王：路边井盖坏了", by=wen, at=now)
    actions.make_matter(post_id=lamp, place_id=cast.place("grid").pk,
                        category="facilities.lighting", by=wen, at=now)  # fmt: skip
    return {"channel": channel, "waits": waits, "spam": spam, "mine": mine, "appeal": appeal}


OWN = ("/channels", "/channels/{channel}", "/channels/{channel}?q=没有这句话", "/channels/months",
       "/channels/posts/{waits}/report", "/channels/posts/{mine}/appeal")  # fmt: skip
DESK = ("/staff/channels", "/staff/channels/new", "/staff/channels/share", "/staff/channels/care",
        "/staff/channels/{channel}", "/staff/channels/{channel}?only=waiting",
        "/staff/channels/{channel}/settings", "/staff/channels/posts/{waits}/matter",
        "/staff/channels/posts/{waits}/hand", "/staff/channels/posts/{waits}/hiding",
        "/staff/channels/posts/{spam}/reports")  # fmt: skip


def ready(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, address


@pytest.mark.parametrize("elder", [False, True], ids=["plain", "elder"])
def test_the_pages_of_residents_are_for_everybody(come: Come, cast: County, elder: bool) -> None:
    made = lively(cast)
    page = come(cast.ah_mei, elder=elder)
    for address in OWN:
        who = page if "report" not in address else come(cast.neighbour, elder=elder)
        ready(who, address.format(**made))
        assert looking.faults(who) == [], address
        assert looking.small_targets(who, 60 if elder else 44) == [], address
        assert looking.overflowing(who) == [], address
        who.set_viewport_size({"width": 320, "height": 640})
        looking.double_text(who)
        assert looking.overflowing(who) == [], address
        who.set_viewport_size({"width": 390, "height": 844})


def test_the_pages_of_the_desk_are_for_everybody(come: Come, cast: County) -> None:
    made = lively(cast)
    chen = come("committee", width=1366, height=768)
    sun = come("supervisor", width=1366, height=768)
    pages = [(chen, address) for address in DESK]
    pages += [(sun, "/staff/channels/care"), (sun, "/staff/channels/appeals/{appeal}")]
    for page, address in pages:
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 768})
            ready(page, address.format(**made))
            assert looking.faults(page) == [], address
            assert looking.overflowing(page) == [], address
    chen.goto("/staff/channels/share")
    chen.fill("textarea[name=paste]", PASTE)
    chen.click("button:has-text('下一步')")
    chen.wait_for_selector("text=去掉了这些")
    assert looking.faults(chen) == []
    assert looking.overflowing(chen) == []
