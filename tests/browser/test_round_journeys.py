"""The host of an on line round sees by itself what neighbours put in, and keeps what he writes."""

import psycopg
import pytest
from playwright.sync_api import expect

from browser import looking
from browser.conftest import Running, Visit

pytestmark = pytest.mark.browser


def open_round(running: Running) -> int:
    """The one that is open where 阿梅 lives."""
    with psycopg.connect(running.database) as connection:
        row = connection.execute("select max(id) from rounds_round where state = 'open'").fetchone()
    assert row is not None
    return int(row[0])


def test_a_statement_reaches_the_moderator_without_reloading(
    visit: Visit, running: Running
) -> None:
    held = open_round(running)
    host = visit("he", width=1366, height=768)
    host.goto(f"/staff/rounds/{held}")
    queue = host.locator("[data-live-part]")
    expect(queue).to_be_visible()

    amei = visit("amei")
    amei.goto(f"/rounds/{held}")
    amei.locator("#text").fill("晚上充电的地方要有灯。")
    amei.get_by_role("button", name="提上去").click()
    expect(amei.locator(".own")).to_contain_text("晚上充电的地方要有灯")
    expect(queue).to_contain_text("晚上充电的地方要有灯", timeout=15_000)

    judged = queue.locator(".judge", has_text="晚上充电")
    judged.locator("summary").click()
    judged.locator("input[name=reason]").fill("和第一条意思一样")
    amei.locator("#text").fill("先问问物业有没有地方。")
    amei.get_by_role("button", name="提上去").click()
    expect(host.locator("[data-moved]")).to_be_visible(timeout=15_000)
    assert judged.locator("input[name=reason]").input_value() == "和第一条意思一样"
    assert looking.faults(host) == []
    judged.locator("select[name=rule]").select_option("twice")
    judged.get_by_role("button", name="不放，并告诉他").click()
    expect(host.locator("main")).to_contain_text("理由已告诉提的人")
    expect(queue).to_contain_text("先问问物业")
    amei.goto(f"/rounds/{held}")
    expect(amei.locator(".own")).to_contain_text("和第一条意思一样")
