"""What one page changes is true on every other: consent taken back, a day off moves deadlines."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gongzhi import reactions
from gongzhi.matters.models import Matter
from gongzhi.people import gateway, notes
from gongzhi.people.models import Person
from gongzhi.reactions import rounds
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)
TEN_DAYS = NOW + timedelta(days=14)  # working days, from a Monday


def reported(county: County, client: Client, words: str) -> Matter:
    """A report through the page."""
    typed = {"key": f"key-of-{words}", "body": words, "place": str(county.place("building").pk)}
    assert client.post("/report", typed).status_code == 302
    return Matter.objects.get(body=words)


def accepted(county: County, client: Client, clerk: Client, words: str) -> Matter:
    """A report that the clerk takes on, at his desk."""
    matter = reported(county, client, words)
    typed: dict[str, Any] = {"key": f"take-{matter.number}", "seen": "1"}
    assert clerk.post(f"/staff/matters/{matter.number}/moves/accept", typed).status_code == 302
    matter.refresh_from_db()
    return matter


def worker_goes_round() -> None:
    while reactions.run(at=LATER):
        pass
    rounds.work(at=LATER)


def test_a_consent_taken_back_on_the_page_ends_the_texts_at_once(
    county: County, sign_in: SignIn
) -> None:
    gateway.console.last.clear()
    Person.objects.filter(pk=county.ah_mei.pk).update(phone="13900000001")
    mei, clerk = sign_in(county.ah_mei), sign_in("committee")
    mei.post("/me/texts")
    accepted(county, mei, clerk, "桥栏杆断了一截")
    worker_goes_round()
    assert "桥栏杆" in gateway.console.last.pop("13900000001")

    page = mei.get("/me").content.decode()
    assert "短信通知" in page
    ways_out = re.findall(r'action="(/me/consents/\d+/withdrawal)"', page)
    assert len(ways_out) == 1
    after = mei.post(ways_out[0], follow=True).content.decode()
    assert "已撤回" in after
    assert not re.findall(r'action="(/me/consents/\d+/withdrawal)"', after)

    accepted(county, mei, clerk, "路边垃圾没有人收")
    worker_goes_round()
    assert gateway.console.last == {}
    assert "路边垃圾" in mei.get("/notes").content.decode()  # his own list goes on
    assert len(notes.of(county.ah_mei.pk)) == 2


def test_a_day_off_set_on_the_calendar_moves_the_deadlines_that_begin_after(
    county: County, sign_in: SignIn
) -> None:
    mei, clerk = sign_in(county.ah_mei), sign_in("committee")
    before = accepted(county, mei, clerk, "第一件：路灯不亮")  # ten working days from here
    calendar = f"/staff/calendar/2026-11-25?place={county.place('village').pk}"
    changed = clerk.post(calendar, {"open": "no", "name": "全镇停电"}, follow=True)
    assert "以后开始计的期限" in changed.content.decode()

    after = accepted(county, mei, clerk, "第二件：水沟堵了")
    assert (before.due_at, after.due_at) == (TEN_DAYS, TEN_DAYS + timedelta(days=1))
    for matter, day in ((before, "12月7日"), (after, "12月8日")):
        assert day in clerk.get(f"/staff/matters/{matter.number}").content.decode()
    before.refresh_from_db()
    assert before.due_at == TEN_DAYS  # what was promised stays promised

    clerk.post(calendar, {"open": "usual", "name": "来电了"})
    assert accepted(county, mei, clerk, "第三件：井盖松了").due_at == TEN_DAYS
