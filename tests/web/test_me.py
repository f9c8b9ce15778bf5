"""我的资料: what is held, who looked, what was agreed to, and the way out of each."""

from datetime import timedelta

import pytest

from gongzhi.people import actions, queries
from gongzhi.people.models import AccessLog, Consent, Household, Person, Proxy
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def sister(county: County) -> Person:
    """Somebody at Ah-Mei's own door, with an account."""
    home = Household.objects.get(pk=county.ah_mei.household_id)
    Person.objects.filter(pk=county.neighbour.pk).update(household=home)
    return county.neighbour


def test_numbers_are_masked_until_asked_for_and_the_look_is_logged(
    county: County, sign_in: SignIn
) -> None:
    client = sign_in(county.ah_mei)
    assert "13900000001" not in client.get("/me").content.decode()
    assert not AccessLog.objects.exists()
    shown = client.post("/me/clear").content.decode()
    assert "13900000001" in shown
    assert "本人查看自己的资料" in shown


def test_who_looked_is_told_with_the_purpose(county: County, sign_in: SignIn) -> None:
    assert "还没有人看过" in sign_in(county.ah_mei).get("/me").content.decode()
    queries.reveal(
        by=county.viewer("committee"), person_id=county.ah_mei.pk, fields=["phone"],
        purpose="约上门时间", at=NOW, matter_id=1,
    )  # fmt: skip
    page = sign_in(county.ah_mei).get("/me").content.decode()
    assert "约上门时间" in page
    assert "陈" in page


def test_consent_is_withdrawn_by_one_tap_and_only_by_oneself(
    county: County, sign_in: SignIn
) -> None:
    consent = actions.give_consent(
        person_id=county.ah_mei.pk, purpose="短信通知", words="同意短信告诉我", by=None, at=NOW
    )
    assert sign_in(county.he).post(f"/me/consents/{consent}/withdrawal").status_code == 404
    sign_in(county.ah_mei).post(f"/me/consents/{consent}/withdrawal")
    assert Consent.objects.get(pk=consent).withdrawn_at == NOW


def test_a_proxy_is_asked_for_agreed_to_and_ended(
    county: County, sign_in: SignIn, sister: Person
) -> None:
    hers, mine = sign_in(sister), sign_in(county.ah_mei)
    until = (NOW + timedelta(days=200)).date().isoformat()
    hers.post("/me/proxies", {"acts_for_id": county.ah_mei.pk, "until_on": until})
    proxy = Proxy.objects.get()
    assert proxy.agreed_at is None
    assert "替我办事" in mine.get("/me").content.decode()
    assert hers.post(f"/me/proxies/{proxy.pk}/agreement").status_code == 403
    mine.post(f"/me/proxies/{proxy.pk}/agreement")
    assert "替谁报" in hers.get("/report").content.decode()
    mine.post(f"/me/proxies/{proxy.pk}/withdrawal")
    assert "替谁报" not in hers.get("/report").content.decode()


@pytest.mark.parametrize("until", ["", "明年", "2020-01-01", "2099-01-01"])
def test_a_bad_day_is_told_beside_the_field(
    county: County, sign_in: SignIn, sister: Person, until: str
) -> None:
    wanted = {"acts_for_id": county.ah_mei.pk, "until_on": until}
    page = sign_in(sister).post("/me/proxies", wanted)
    assert page.status_code == 422
    assert 'id="until_on-error"' in page.content.decode()
    assert not Proxy.objects.exists()


def test_one_cannot_act_for_somebody_of_another_door(county: County, sign_in: SignIn) -> None:
    wanted = {"acts_for_id": county.he.pk, "until_on": "2027-01-01"}
    assert sign_in(county.ah_mei).post("/me/proxies", wanted).status_code == 422
    assert not Proxy.objects.exists()


def test_all_of_it_can_be_taken_away_as_a_file(county: County, sign_in: SignIn) -> None:
    answer = sign_in(county.ah_mei).post("/me/data")
    assert "attachment" in answer["Content-Disposition"]
    data = answer.json()
    assert data["person"]["phone"] == "13900000001"
    assert data["access_log"][0]["purpose"] == "本人下载自己的资料"
