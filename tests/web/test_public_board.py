"""What hangs on the board, for whom, and how one objects; the county in numbers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

import people
from gongzhi.matters import actions, sunpage
from gongzhi.publications import rules
from gongzhi.publications.models import Objection, Publication
from people import County
from web import six_steps
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(
    county: County, at_now: None, lamp: actions.Raised, monkeypatch: pytest.MonkeyPatch
) -> Publication:
    """The lamp, all six steps on the board."""
    clock = six_steps.until_published(county, lamp) + timedelta(hours=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock)
    return Publication.objects.get(replaced_at=None)


def test_anybody_reads_all_six_steps_without_a_name(published: Publication) -> None:
    page = Client().get(f"/board/{published.pk}").content.decode()
    assert "阿梅" not in page
    assert "1,280.00" in page
    assert "赞成15" in page
    assert "到场9人" in page


def test_a_published_page_is_passed_on_by_its_own_title(published: Publication) -> None:
    page = Client().get(f"/board/{published.pk}").content.decode()
    assert f'<meta property="og:title" content="{published.title}' in page
    assert f'<meta property="og:description" content="{published.place.name}' in page


def test_a_published_page_is_read_in_the_readers_language(published: Publication) -> None:
    client = Client()
    assert "联动办事" in client.get(f"/board/{published.pk}").content.decode()
    client.cookies["lang"] = "en"
    page = client.get(f"/board/{published.pk}").content.decode()
    english = people.shipped("xuyi").words("en")
    assert english.name in page
    assert english.stages["handle"].name in page
    assert "联动办事" not in page
    assert "姓居民" not in page
    assert rules.digest(published.title, published.body) == published.digest


def test_a_page_kept_in_chinese_only_stays_readable_as_it_was_hashed() -> None:
    old = {"where": "双马", "playbook": "睦邻议事坊", "raised_by": "一位居民",
           "steps": [{"stage": "handle", "name": "联动办事", "lines": []}]}  # fmt: skip
    before = rules.digest("路灯", old)
    with translation.override("en"):
        shown = sunpage.read_in(old, "en")
    assert (shown["playbook"], shown["steps"][0]["name"]) == ("睦邻议事坊", "联动办事")
    assert shown["raised_by"] == "a resident"
    assert rules.digest("路灯", old) == before


def test_the_board_is_searched_and_says_when_nothing_is_found(published: Publication) -> None:
    code = published.place.code
    assert "路灯" in Client().get(f"/board/places/{code}").content.decode()
    assert "没有找到" in Client().get(f"/board/places/{code}", {"q": "停车"}).content.decode()


def test_an_earlier_version_stays_readable_for_those_it_was_for(
    county: County, sign_in: SignIn, published: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Publication.objects.order_by("version").first()
    assert first is not None
    assert Client().get(f"/board/{first.pk}").status_code == 404
    page = sign_in(county.neighbour).get(f"/board/{first.pk}").content.decode()
    assert "旧版本" in page
    link = f'href="/board/{first.pk}"'  # nobody is shown a link that leads nowhere for him
    assert link in sign_in(county.neighbour).get(f"/board/{published.pk}").content.decode()
    assert link not in Client().get(f"/board/{published.pk}").content.decode()


def test_an_objection_is_kept_and_shown_without_a_name(
    county: County, sign_in: SignIn, published: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(county.neighbour)
    monkeypatch.setattr("django.utils.timezone.now", lambda: published.from_at)
    short = client.post(f"/board/{published.pk}/objections", {"text": "不"})
    assert short.status_code == 422
    assert 'href="#text"' in short.content.decode()
    client.post(f"/board/{published.pk}/objections", {"text": "我家门口那盏没有换"})
    assert Objection.objects.get().by_id == county.neighbour.pk
    page = Client().get(f"/board/{published.pk}").content.decode()
    assert "我家门口那盏没有换" in page
    assert "阿芳" not in page


def test_a_stranger_signs_in_before_objecting(published: Publication) -> None:
    answer = Client().post(f"/board/{published.pk}/objections", {"text": "我不同意"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in")


def test_the_county_view_counts_matters_by_step_and_age(
    county: County, at_now: None, lamp: actions.Raised
) -> None:
    page = Client().get("/county/320830000000").content.decode()
    assert "马坝镇" in page
    assert "<svg" in page
    assert "一天以内" in page
    assert "现在没有正在办的事" in Client().get("/county/320903000000").content.decode()


def test_shares_stand_beside_their_interval_and_are_called_no_score(
    published: Publication,
) -> None:
    page = Client().get("/county/320830000000/levels").content.decode()
    assert "温度计，不是指标" in page
    assert "95%区间" in page
    assert "21%–100%" in page  # Wilson, one of one
    empty = Client().get("/county/320903000000/levels").content.decode()
    assert "画不出来" in empty


def test_a_playbook_explains_itself(county: County, at_now: None) -> None:
    assert "睦邻议事坊" in Client().get("/playbooks").content.decode()
    page = Client().get("/playbooks/xuyi").content.decode()
    assert "<svg" in page
    assert "联动办事" in page
    assert Client().get("/playbooks/nosuch").status_code == 404


def test_codes_are_printed_by_those_who_work_there(county: County, sign_in: SignIn) -> None:
    building, village = county.place("building"), county.place("village")
    type(building).objects.filter(pk=building.pk).update(token="tokenB01")
    page = sign_in("committee").get(f"/places/{village.code}/codes").content.decode()
    assert page.count("<svg") >= 1
    assert building.name in page
    for outsider in (county.ah_mei, county.foreign["committee"]):
        assert sign_in(outsider).get(f"/places/{village.code}/codes").status_code == 403


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "２"])
def test_any_page_number_is_answered(county: County, at_now: None, page: str) -> None:
    assert Client().get("/board", {"page": page}).status_code == 200
