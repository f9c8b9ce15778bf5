"""The pages of a programme and of a station, from adopting it to the next phase."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

import people
from gongzhi.deliberation.programmes.models import Duty, Evidence, Programme, Station
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    body: str = response.content.decode()
    return body


@pytest.fixture
def keep(county: people.County, sign_in: SignIn) -> str:
    """The desk page of the village, its programme adopted through the form."""
    at = f"/staff/programmes/{county.place('village').pk}"
    answer = sign_in("committee").post(at, {"do": "adopt", "definition": "luoshe"})
    assert answer.status_code == 302
    return at


def test_everybody_reads_where_a_place_stands(county: people.County, keep: str) -> None:
    page = text(Client().get(f"/programmes/{county.place('village').code}"))
    for words in ("有序社区", "友好社区", "厚德社区", "活力社区", "正在走", "怎么算的"):
        assert words in page
    assert "2个季度里，有0个季度按时公开" in page
    none = text(Client().get(f"/programmes/{county.place('community').code}"))
    assert "还没有做社区规划" in none


def test_evidence_is_shown_and_checked_by_another(
    county: people.County, keep: str, sign_in: SignIn
) -> None:
    committee, supervisor = sign_in("committee"), sign_in("supervisor")
    short = committee.post(keep, {"do": "evidence", "criterion": "compact", "words": "有"})
    assert short.status_code == 422
    assert ">有</textarea>" in text(short)  # nothing typed is lost
    typed = {"do": "evidence", "criterion": "compact", "words": "公约10月通过，贴在村部"}
    for _ in range(2):
        committee.post(keep, typed)
    evidence = Evidence.objects.get()
    assert "自己交的要由另一个人来核" in text(committee.get(keep))
    own = committee.post(keep, {"do": "check", "evidence": evidence.pk, "accepted": "yes"})
    assert own.status_code == 409
    supervisor.post(keep, {"do": "check", "evidence": evidence.pk, "accepted": "yes"})
    page = text(Client().get(f"/programmes/{county.place('village').code}"))
    assert "公约10月通过，贴在村部" in page


def test_what_is_missing_is_said_before_a_review(
    county: people.County, keep: str, sign_in: SignIn
) -> None:
    refused = sign_in("committee").post(keep, {"do": "ask"})
    assert refused.status_code == 409
    assert "还有没做到的" in text(refused)
    assert Programme.objects.count() == 1


def test_a_station_has_services_and_a_week(county: people.County, sign_in: SignIn) -> None:
    desk, place = sign_in("committee"), county.place("village").pk
    at = f"/staff/programmes/{place}/stations"
    assert desk.post(at, {"name": "双马先锋驿站"}).status_code == 422
    made = desk.post(
        at, {"name": "双马先锋驿站", "services": "代办社保认证\n量血压", "phone": "8800"}
    )
    roster = made["Location"]
    wrong = desk.post(roster, {"do": "plan", "who": "没有的人", "on": "2026-11-24", "part": "am"})
    assert wrong.status_code == 422
    desk.post(roster, {"do": "plan", "who": "我", "on": "2026-11-24", "part": "am"})
    desk.post(roster, {"do": "plan", "who": "阿梅", "on": "2026-11-24", "part": "pm"})
    assert Duty.objects.count() == 2
    station = Station.objects.get()
    page = text(Client().get(f"/stations/{station.pk}?week=2026-11-25"))
    assert "量血压" in page
    assert "陈" in page
    assert "不打卡" in page
    duty = Duty.objects.get(person=county.holders["committee"])
    desk.post(roster, {"do": "ask", "duty": duty.pk, "to": county.ah_mei.pk})
    assert "请阿梅换" in text(desk.get(roster))
    desk.post(roster, {"do": "off", "duty": duty.pk})
    assert Duty.objects.get().on == date(2026, 11, 24)
    assert sign_in("verifier").get(roster).status_code == 404


def test_the_desk_lists_villages_without_ranking_them(
    county: people.County, keep: str, sign_in: SignIn
) -> None:
    page = text(sign_in("town_officer").get("/staff/programmes"))
    assert page.index("双马村委会") < page.index("蔡庄村委会")
    assert "不排名次" in page


def test_programme_pages_take_few_statements(
    county: people.County, keep: str, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    desk = sign_in("committee")
    for address, most in (
        (f"/programmes/{county.place('village').code}", 14), (keep, 14), ("/staff/programmes", 6)
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            assert desk.get(address).status_code == 200
