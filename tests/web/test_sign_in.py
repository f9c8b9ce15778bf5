"""Ways in, and what must never be a way in."""

import pyotp
import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django import Settings

from gongzhi.people import accounts, gateway
from gongzhi.people.models import Account
from people import NOW, PASSWORD, County

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]


def words(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def code_sent_to(phone: str) -> str:
    return gateway.console.last[phone].split("验证码 ")[1][:6]


def test_a_phone_code_signs_a_resident_in_and_leads_back(county: County) -> None:
    client = Client()
    asked = client.post("/sign-in/code", {"phone": "139 0000 0001", "next": "/report"})
    assert "六位验证码" in words(asked)
    code = code_sent_to("13900000001")
    done = client.post("/sign-in/phone", {"phone": "13900000001", "code": code, "next": "/report"})
    assert done.status_code == 302
    assert done["Location"] == "/report"
    assert "阿梅" in words(client.get("/"))


def test_the_code_stands_on_the_page_only_in_a_demonstration(
    county: County, settings: Settings
) -> None:
    settings.DEMO = False
    hidden = words(Client().post("/sign-in/code", {"phone": "13900000001"}))
    assert code_sent_to("13900000001") not in hidden
    settings.DEMO = True
    shown = words(Client().post("/sign-in/code", {"phone": "13900000002"}))
    assert code_sent_to("13900000002") in shown


def test_a_wrong_number_is_told_beside_the_field_and_kept(county: County) -> None:
    page = Client().post("/sign-in/code", {"phone": "12345"})
    assert page.status_code == 422
    assert "<title>错误：" in words(page)
    assert 'href="#phone"' in words(page)
    assert 'value="12345"' in words(page)


def test_a_wrong_code_says_so_and_asks_again(county: County) -> None:
    client = Client()
    client.post("/sign-in/code", {"phone": "13900000001"})
    page = client.post("/sign-in/phone", {"phone": "13900000001", "code": "000000x"})
    assert page.status_code == 422
    assert "六位验证码" in words(page)


def test_the_address_to_come_back_to_never_leaves_this_host(county: County) -> None:
    client = Client()
    client.post("/sign-in/code", {"phone": "13900000001"})
    done = client.post(
        "/sign-in/phone",
        {
            "phone": "13900000001",
            "code": code_sent_to("13900000001"),
            "next": "https://evil.example",
        },
    )
    assert done["Location"] == "/"


def test_staff_need_password_and_then_the_six_digits(county: County) -> None:
    person = county.holders["dispatcher"]
    account = Account.objects.get(person=person)
    account.password = make_password(PASSWORD)
    account.save()
    accounts.set_totp(account_id=account.pk, at=NOW)
    account.refresh_from_db()
    client, form = Client(), {"username": account.username, "password": PASSWORD}
    asked = client.post("/sign-in/password", form)
    assert asked.status_code == 422
    assert "动态口令" in words(asked)
    digits = pyotp.TOTP(account.totp_secret).at(NOW)
    done = client.post("/sign-in/password", form | {"totp": digits})
    assert done.status_code == 302
    assert done["Location"] == "/staff/"


def test_a_wrong_password_never_says_which_part_was_wrong(county: County) -> None:
    nobody = words(Client().post("/sign-in/password", {"username": "nobody", "password": "x"}))
    person = county.holders["dispatcher"].account.username
    known = words(Client().post("/sign-in/password", {"username": person, "password": "x"}))
    assert "账号或密码不对" in nobody
    assert "账号或密码不对" in known


def test_a_name_no_account_can_have_is_wrong_like_any_other(county: County) -> None:
    typed = {"username": "a" * 100_000, "password": "x"}
    answers = [Client().post("/sign-in/password", typed) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


def test_an_invitation_works_once_and_a_preview_does_not_use_it_up(county: County) -> None:
    token = accounts.invite(by=county.holders["grid_worker"].pk, at=NOW, person_id=county.he.pk)
    client = Client()
    assert client.get(f"/invite/{token}").status_code == 200
    assert client.get(f"/invite/{token}").status_code == 200
    assert client.post(f"/invite/{token}").status_code == 302
    assert Client().post(f"/invite/{token}").status_code == 404


def test_the_cast_is_one_tap_in_a_demonstration(county: County, settings: Settings) -> None:
    settings.DEMO = True
    client = Client()
    assert f'value="{county.ah_mei.account.username}"' in words(client.get("/sign-in"))
    assert (
        client.post("/sign-in/demo", {"username": county.ah_mei.account.username}).status_code
        == 302
    )
    assert "阿梅" in words(client.get("/"))
    staff = county.holders["dispatcher"].account.username
    assert client.post("/sign-in/demo", {"username": staff})["Location"] == "/staff/"


def test_outside_a_demonstration_there_is_no_cast(county: County, settings: Settings) -> None:
    settings.DEMO = False
    client = Client()
    name = county.ah_mei.account.username
    assert name not in words(client.get("/sign-in"))
    assert client.post("/sign-in/demo", {"username": name}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_an_account_opened_by_phone_is_not_part_of_the_cast(
    county: County, settings: Settings
) -> None:
    settings.DEMO = True
    client = Client()
    client.post("/sign-in/code", {"phone": "13700000001"})
    client.post("/sign-in/phone", {"phone": "13700000001", "code": code_sent_to("13700000001")})
    opened = Account.objects.get(person__phone="13700000001")
    assert Client().post("/sign-in/demo", {"username": opened.username}).status_code == 404


def test_signing_out_is_a_post_and_ends_it(county: County) -> None:
    client = Client()
    client.force_login(county.ah_mei.account)
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert "_auth_user_id" not in client.session
