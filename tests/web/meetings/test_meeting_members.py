"""Agendas with parts below a part, and written proxies entered by name."""

import pytest

import people
from assemblies import body, meeting, villagers
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.meetings.models import AgendaItem, Mandate
from gongzhi.people.models import Person
from web.meetings.test_meeting_pages import client_of

pytestmark = pytest.mark.django_db


def test_a_part_is_put_below_another_as_its_last(county: people.County) -> None:
    made = meeting(county)
    desk, above = client_of(county, "committee"), made.item("part")
    address = f"/staff/meetings/{made.id}/preparation/item"
    for title in ("先说账目", "再说工程"):
        form = {"title": title, "kind": "part", "minutes": "5", "parent": above.pk}
        assert desk.post(address, form).status_code == 302
    titles = list(
        AgendaItem.objects.filter(session=made.id).order_by("position")
        .values_list("title", flat=True)
    )  # fmt: skip
    at = titles.index(above.title)
    assert titles[at : at + 3] == [above.title, "先说账目", "再说工程"]
    page = desk.get(f"/staff/meetings/{made.id}").content.decode()
    assert page.count('class="below"') == 2


def test_a_written_proxy_is_entered_by_name_and_a_namesake_by_his_door(
    county: people.County, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = villagers(county, 4)
    for one, name in zip(home, ("周大年", "周小年", "吴三", "吴三"), strict=True):
        Person.objects.filter(pk=one.pk).update(name=name)
    meet = body(county, "collective_member_assembly")
    for one in home:
        bodies.seat(body_id=meet, person_id=one.pk, seat_class="member", at=people.NOW,
                    by=county.holders["committee"].pk, from_on=people.START)  # fmt: skip
    made = meeting(county, of=meet).notice().begins()
    monkeypatch.setattr("django.utils.timezone.now", lambda: made.at)
    desk = client_of(county, "committee")
    address = f"/staff/meetings/{made.id}/desk/mandate"

    def entered(holder: str, whom: str) -> str:
        form = {"holder": holder, "for_person": whom, "paper": "委托书一份，存会议档案"}
        return str(desk.post(address, form, follow=True).content.decode())

    assert "名册里没有这个人" in entered("周大年", "郑没有")
    page = entered("周大年", "吴三")
    assert "有几位" in page
    assert 'value="周大年"' in page  # nothing typed is lost
    entered("周大年", "周小年")
    assert list(Mandate.objects.values_list("holder", "for_person")) == [(home[0].pk, home[1].pk)]
