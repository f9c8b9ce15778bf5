"""What is true of every page: language, mode, errors that say what to do, a strict policy."""

import io
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, override_settings
from django.urls import path
from PIL import Image

from gongzhi.config import urls as real
from people import County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db

PAGES = ("/", "/sign-in", "/sign-in/password", "/board", "/help", "/help/paper", "/choose",
         "/playbooks", "/county/320830000000")  # fmt: skip
OWN_PAGES = ("/report", "/mine", "/me")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_its_landmarks_language_and_policy(
    county: County, at_now: None, page: str
) -> None:
    answer = Client().get(page)
    words = answer.content.decode()
    assert answer.status_code == 200
    assert '<html lang="zh-CN"' in words
    assert words.count("<h1") == 1
    assert words.count("<main") == 1
    assert 'class="skip" href="#main"' in words
    assert "<script>" not in words
    assert " onclick=" not in words
    assert "script-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("page", OWN_PAGES)
def test_own_pages_ask_a_stranger_to_sign_in(county: County, page: str) -> None:
    assert Client().get(page)["Location"] == f"/sign-in?next={page}"


def test_large_type_is_remembered_with_the_account(county: County, sign_in: SignIn) -> None:
    client = sign_in(county.ah_mei)
    answer = client.post("/elder", {"elder": "1", "next": "/mine"})
    assert answer["Location"] == "/mine"
    assert 'class="elder"' in client.get("/").content.decode()
    county.ah_mei.account.refresh_from_db()
    assert county.ah_mei.account.elder
    client.post("/elder", {"elder": "0"})
    assert 'class="elder"' not in client.get("/").content.decode()


def test_the_first_visit_asks_once_about_large_type(county: County) -> None:
    client = Client()
    assert "可以换成大字版" in client.get("/").content.decode()
    client.post("/elder", {"elder": "0"})
    assert "可以换成大字版" not in client.get("/").content.decode()


def test_the_language_is_switched_by_a_post_and_kept(county: County, sign_in: SignIn) -> None:
    client = sign_in(county.ah_mei)
    client.post("/language", {"language": "en"})
    words = client.get("/").content.decode()
    assert '<html lang="en"' in words
    assert "Report something" in words
    county.ah_mei.account.refresh_from_db()
    assert county.ah_mei.account.language == "en"
    client.post("/language", {"language": "klingon"})
    assert '<html lang="zh-CN"' in client.get("/").content.decode()


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_no_form_leads_off_this_host(county: County, next_page: str) -> None:
    assert Client().post("/elder", {"elder": "1", "next": next_page})["Location"] == "/"


def test_an_unknown_address_says_what_to_do(county: County) -> None:
    answer = Client().get("/nowhere")
    assert answer.status_code == 404
    assert "从首页" in answer.content.decode()


def test_a_zero_byte_in_the_address_is_no_accident(county: County) -> None:
    assert 400 <= Client().get("/board?q=%00").status_code < 500
    assert 400 <= Client().get("/matters/%00").status_code < 500


def test_a_zero_byte_in_a_form_costs_nothing_of_what_was_typed(
    county: County, sign_in: SignIn
) -> None:
    desk = sign_in("committee")
    typed = {"do": "find", "who": "阿\0梅", "body": "路灯\0不亮", "place": "\0", "key": "\0"}
    page = desk.post("/staff/intake", typed)
    assert page.status_code == 200
    assert "路灯不亮" in page.content.decode()
    assert "阿梅" in page.content.decode()


def test_an_expired_form_gives_back_what_was_typed(county: County) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(county.ah_mei.account)
    typed = {"body": "写了很久的一段话", "key": "k"}
    page = client.post("/report", typed)
    assert page.status_code == 403
    assert "写了很久的一段话" in page.content.decode()
    assert "再交一次" not in page.content.decode()
    ours = client.post("/report", typed, headers={"Origin": "http://testserver"})
    assert "再交一次" in ours.content.decode()


def _boom(request: object) -> None:
    raise RuntimeError("planted")


def _away(request: object) -> None:
    from django.db import OperationalError

    raise OperationalError("planted")


urlpatterns = [path("boom", _boom), path("away", _away), *real.urlpatterns]  # type: ignore[arg-type]
handler500, handler404 = real.handler500, real.handler404


@override_settings(ROOT_URLCONF="web.test_frame")
def test_our_own_mistake_and_a_database_away_are_told_plainly(county: County) -> None:
    client = Client(raise_request_exception=False)
    broken = client.get("/boom")
    assert broken.status_code == 500
    assert "不是您的问题" in broken.content.decode()
    away = client.get("/away")
    assert away.status_code == 503
    assert away["Retry-After"] == "60"
    assert (
        client.get("/away", headers={"Accept": "application/json"}).json()["error"]["code"]
        == "unavailable"
    )


def test_the_community_of_a_scanned_code_is_remembered(county: County) -> None:
    village = county.place("village")
    type(village).objects.filter(pk=village.pk).update(phone="0517-88001234")
    client = Client()
    client.cookies["here"] = str(village.pk)
    assert "0517-88001234" in client.get("/").content.decode()
    client.cookies["here"] = "1' or 1=1"
    assert client.get("/").status_code == 200


def test_a_grid_map_is_handed_out_only_as_shapes(county: County, sign_in: SignIn) -> None:
    answer = sign_in(county.ah_mei).get("/report/grids")
    assert answer.json()["type"] == "FeatureCollection"


def test_a_form_too_large_is_told_so_on_a_page_and_to_a_program(
    county: County, sign_in: SignIn
) -> None:
    much, form = "a" * (12 * 1024 * 1024), "application/x-www-form-urlencoded"
    page = sign_in(county.ah_mei).post("/report", f"body={much}", content_type=form)
    assert page.status_code == 413
    assert "提交的内容太大了" in page.content.decode()
    answer = Client().post("/api/v1/matters", f'{{"body": "{much}"}}', "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "no_key")
    upload = Client().post("/api/v1/uploads", {"note": much})
    assert (upload.status_code, upload.json()["error"]["code"]) == (413, "too_large")


@override_settings(MOST_SENT=100_000)
def test_more_than_any_form_takes_is_refused_before_it_is_stored(county: County) -> None:
    client = Client(headers={"Accept-Language": "en"})
    page = client.post("/report/photo", {"photo": io.BytesIO(b"a" * 200_000)})
    assert page.status_code == 413
    assert "Too much was sent" in page.content.decode()


WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; V2185A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
    " Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160083 MMWEBSDK/20230805"
    " MicroMessenger/8.0.42.2460(0x28002A3B) WeChat/arm64 Weixin NetType/4G Language/zh_CN"
)
SHARED = re.compile(r'<meta property="og:(\w+)" content="([^"]*)">')


@pytest.mark.parametrize("page", PAGES)
def test_a_link_passed_on_in_wechat_says_what_it_leads_to(
    county: County, at_now: None, page: str
) -> None:
    answer = Client(headers={"User-Agent": WECHAT}).get(page, {"from": "singlemessage"})
    words = answer.content.decode()
    told = dict(SHARED.findall(words))
    assert answer.status_code == 200
    assert told["title"] == words.partition("<title>")[2].partition("</title>")[0]
    assert len(told["description"]) > 4
    assert told["url"] == f"http://testserver{page}"
    picture = told["image"].removeprefix("http://testserver")
    with Image.open(finders.find(picture.removeprefix("/static/"))) as drawn:
        assert min(drawn.size) >= 300  # smaller ones are not shown


def test_the_desk_is_passed_on_to_nobody(sign_in: SignIn) -> None:
    assert not SHARED.search(sign_in("committee").get("/staff/").content.decode())


@override_settings(ALLOWED_HOSTS=["village.example"])
def test_a_name_that_is_not_ours_is_refused_in_a_sentence(county: County) -> None:
    answer = Client().get("/", headers={"host": "other.example"})
    assert answer.status_code == 400
    assert "读不出来" in answer.content.decode()
