"""What is told to a resident stands in his own list, and comes as a text only if he wants it."""

import pytest
from django.test import Client

import people
from gongzhi.people import notes
from gongzhi.people.models import Consent
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_a_new_note_is_told_on_the_home_page_until_he_has_seen_it(
    county: people.County, sign_in: SignIn
) -> None:
    me = county.ah_mei.pk
    notes.write(key="1:1", person_id=me, words="您提的“路灯”已受理。", at=people.NOW)
    client = sign_in(county.ah_mei)
    assert "有1条新消息" in client.get("/").content.decode()
    assert "已受理" in client.get("/notes").content.decode()
    assert client.post("/notes/read").status_code == 302
    assert "新消息" not in client.get("/").content.decode()


def test_texts_begin_with_one_tap_and_end_with_one(county: people.County, sign_in: SignIn) -> None:
    client = sign_in(county.ah_mei)
    assert client.post("/me/texts").status_code == 302
    assert client.post("/me/texts").status_code == 302
    given = Consent.objects.get(person=county.ah_mei, purpose=notes.TEXTS, withdrawn_at=None)
    assert "短信通知" in client.get("/me").content.decode()
    client.post(f"/me/consents/{given.pk}/withdrawal")
    assert not Consent.objects.filter(purpose=notes.TEXTS, withdrawn_at=None).exists()


def test_nobody_reads_notes_without_signing_in(client: Client) -> None:
    assert client.get("/notes").status_code == 302
