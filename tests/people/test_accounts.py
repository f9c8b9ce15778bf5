"""Ways in: a code to the phone, a password with six digits more, a token, an invitation."""

from datetime import timedelta

import pyotp
import pytest

from gongzhi.core.errors import BadInput, NotAllowed, NotFound, TooMany
from gongzhi.people import accounts, queries
from gongzhi.people.gateway import Console
from gongzhi.people.models import Account, ApiToken, Person, SignInCode
from people import NOW, PASSWORD, County

MEI = "13900000001"
MINUTE = timedelta(minutes=1)


def ask(at: object = NOW, phone: str = MEI) -> str:
    """Ask for a code and read it off the phone."""
    phones = Console()
    accounts.request_code(phone=phone, at=at, sender=phones)  # type: ignore[arg-type]
    (words,) = phones.last.values()
    return words.split("验证码 ")[1][:6]


def staff(county: County) -> Account:
    return accounts.open_staff_account(
        person_id=county.holders["town_officer"].pk, username="Luo", password=PASSWORD, by=None,
        at=NOW,
    )  # fmt: skip


def test_a_code_opens_the_account_of_the_phone(county: County) -> None:
    account = accounts.sign_in_by_code(phone="139-0000-0001", code=ask(), at=NOW + MINUTE)
    assert account.person == county.ah_mei


def test_an_unknown_phone_gets_an_account_without_a_home(county: County) -> None:
    code = ask(phone="13988887777")
    account = accounts.sign_in_by_code(phone="13988887777", code=code, at=NOW)
    assert account.person.household is None
    assert county.viewer(account.person).places == ()


def test_a_code_is_good_once(county: County) -> None:
    code = ask()
    accounts.sign_in_by_code(phone=MEI, code=code, at=NOW)
    with pytest.raises(BadInput, match="已用过"):
        accounts.sign_in_by_code(phone=MEI, code=code, at=NOW)


def test_a_code_is_good_for_five_minutes(county: County) -> None:
    code = ask()
    with pytest.raises(BadInput, match="过期"):
        accounts.sign_in_by_code(phone=MEI, code=code, at=NOW + 5 * MINUTE)


def test_five_wrong_tries_spoil_even_the_right_code(county: County) -> None:
    code = ask()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(BadInput, match="不对"):
            accounts.sign_in_by_code(phone=MEI, code=wrong, at=NOW)
    with pytest.raises(TooMany):
        accounts.sign_in_by_code(phone=MEI, code=code, at=NOW)


def test_the_code_itself_is_not_stored(county: County) -> None:
    code = ask()
    assert code not in SignInCode.objects.get().digest


def test_one_code_a_minute_and_five_an_hour(county: County) -> None:
    for n in range(5):
        ask(NOW + n * MINUTE)
        with pytest.raises(TooMany, match="一分钟"):
            ask(NOW + n * MINUTE + timedelta(seconds=59))
    with pytest.raises(TooMany, match="五次"):
        ask(NOW + 6 * MINUTE)
    ask(NOW + 61 * MINUTE)


@pytest.mark.parametrize("phone", ["", "12345", "23900000001", "139000000011", "一三九"])
def test_what_is_no_mobile_number_gets_a_sentence(db: None, phone: str) -> None:
    with pytest.raises(BadInput, match="11 位"):
        accounts.request_code(phone=phone, at=NOW, sender=Console())


def test_staff_sign_in_by_password_in_any_case_of_the_name(county: County) -> None:
    staff(county)
    account = accounts.sign_in_by_password(username="LUO", password=PASSWORD, at=NOW)
    assert account.person == county.holders["town_officer"]


@pytest.mark.parametrize("weak", ["short", "password123", "1234567890123"])
def test_weak_passwords_are_refused(county: County, weak: str) -> None:
    with pytest.raises(BadInput):
        accounts.open_staff_account(
            person_id=county.ah_mei.pk, username="mei", password=weak, by=None, at=NOW
        )


def test_five_wrong_passwords_lock_for_fifteen_minutes(county: County) -> None:
    staff(county)
    for _ in range(5):
        with pytest.raises(BadInput, match="账号或密码不对"):
            accounts.sign_in_by_password(username="luo", password="no", at=NOW)
    with pytest.raises(TooMany, match="锁定"):
        accounts.sign_in_by_password(username="luo", password=PASSWORD, at=NOW + 14 * MINUTE)
    accounts.sign_in_by_password(username="luo", password=PASSWORD, at=NOW + 16 * MINUTE)


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(county: County) -> None:
    with pytest.raises(BadInput) as unknown:
        accounts.sign_in_by_password(username="nobody", password="no", at=NOW)
    staff(county)
    with pytest.raises(BadInput) as wrong:
        accounts.sign_in_by_password(username="luo", password="no", at=NOW)
    assert str(unknown.value) == str(wrong.value)


def test_the_six_digits_are_asked_for_and_good_once(county: County) -> None:
    account = staff(county)
    accounts.set_totp(account_id=account.pk, at=NOW)
    account.refresh_from_db()
    code = pyotp.TOTP(account.totp_secret).at(NOW)
    with pytest.raises(BadInput) as needed:
        accounts.sign_in_by_password(username="luo", password=PASSWORD, at=NOW)
    assert needed.value.code == "totp_needed"
    accounts.sign_in_by_password(username="luo", password=PASSWORD, totp=code, at=NOW)
    with pytest.raises(BadInput, match="已经用过"):
        accounts.sign_in_by_password(username="luo", password=PASSWORD, totp=code, at=NOW)


def test_a_stopped_account_does_not_get_in(county: County) -> None:
    account = staff(county)
    accounts.set_active(account_id=account.pk, active=False, by=1, at=NOW)
    with pytest.raises(NotAllowed, match="停用"):
        accounts.sign_in_by_password(username="luo", password=PASSWORD, at=NOW)


def make_token(county: County, *scopes: str) -> tuple[int, str]:
    return accounts.make_token(
        person_id=county.holders["town_officer"].pk, name="大屏", scopes=scopes, by=1, at=NOW
    )


def test_a_token_carries_the_person_and_its_scopes(county: County) -> None:
    _, secret = make_token(county, "matters:read")
    who = queries.viewer_by_token(secret, NOW)
    assert who.person_id == county.holders["town_officer"].pk
    assert who.allows("matters:read")
    assert not who.allows("matters:write")
    assert not ApiToken.objects.filter(digest__contains=secret).exists()


def test_a_token_ends_when_revoked_expired_or_its_account_is_stopped(county: County) -> None:
    token, secret = make_token(county, "matters:read")
    with pytest.raises(NotAllowed):
        queries.viewer_by_token(secret, NOW + timedelta(days=366))
    Account.objects.filter(person=county.holders["town_officer"]).update(is_active=False)
    with pytest.raises(NotAllowed):
        queries.viewer_by_token(secret, NOW)
    Account.objects.update(is_active=True)
    accounts.revoke_token(token_id=token, by=1, at=NOW)
    with pytest.raises(NotAllowed):
        queries.viewer_by_token(secret, NOW)
    with pytest.raises(NotFound):
        accounts.revoke_token(token_id=token, by=1, at=NOW)


def test_a_token_without_known_scopes_is_not_made(county: County) -> None:
    for scopes in ((), ("everything",)):
        with pytest.raises(BadInput):
            make_token(county, *scopes)


def test_an_invitation_opens_one_account_once(county: County) -> None:
    person = Person.objects.create(name="新来的", phone="13977776666")
    token = accounts.invite(by=county.ah_mei.pk, at=NOW, person_id=person.pk)
    assert accounts.join_by_invite(token=token, at=NOW).person == person
    with pytest.raises(NotFound):
        accounts.join_by_invite(token=token, at=NOW)


def test_codes_and_failures_are_forgotten_after_a_day(county: County) -> None:
    ask()
    with pytest.raises(BadInput):
        accounts.sign_in_by_password(username="luo", password="no", at=NOW)
    assert accounts.tidy(at=NOW + timedelta(hours=23)) == 0
    assert accounts.tidy(at=NOW + timedelta(hours=25)) == 2
    assert not SignInCode.objects.exists()
