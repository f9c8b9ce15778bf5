"""One matter as its raiser, a neighbour and a stranger see it, and what each can do."""

import pytest
from django.test import Client

from gongzhi.matters import actions
from gongzhi.matters.models import CallBack, Matter
from people import County
from web import six_steps
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def text_of(client: Client, number: str) -> str:
    return client.get(f"/matters/{number}").content.decode()


def test_the_raiser_sees_the_steps_and_what_happened(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    page = text_of(sign_in(county.ah_mei), lamp.number)
    assert page.count('aria-current="step"') == 1
    assert "已收到" in page
    assert "全过程" in page


def test_a_neighbour_sees_no_name_and_may_join(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    page = text_of(sign_in(county.neighbour), lamp.number)
    assert "阿梅" not in page
    assert "一起跟进" in page
    assert "补充一句" not in page


def test_who_joined_sees_no_name_of_the_raiser_either(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    client = sign_in(county.neighbour)
    client.post(f"/matters/{lamp.number}/join")
    page = text_of(client, lamp.number)
    assert "您在一起跟进" in page
    assert "阿梅" not in page


def test_somebody_elses_matter_is_not_there(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    client = sign_in(county.he)
    assert client.get(f"/matters/{lamp.number}").status_code == 404
    for way in ("join", "answer", "moves/recall", "moves/comment"):
        assert client.post(f"/matters/{lamp.number}/{way}").status_code == 404
    assert client.get("/matters/GZ999999999").status_code == 404


def test_a_recall_is_done_once_however_often_it_is_sent(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    client = sign_in(county.ah_mei)
    for _ in range(2):
        done = client.post(f"/matters/{lamp.number}/moves/recall", {"key": "recall-key"})
        assert done.status_code == 302
    matter = Matter.objects.get(pk=lamp.id)
    assert (matter.outcome, matter.last_seq) == ("recalled", 2)


def test_a_neighbour_cannot_recall_or_reopen(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    client = sign_in(county.neighbour)
    for verb in ("recall", "reopen"):
        answer = client.post(f"/matters/{lamp.number}/moves/{verb}", {"key": "k"})
        assert 400 <= answer.status_code < 500
    assert Matter.objects.get(pk=lamp.id).outcome == ""


def test_only_the_verbs_of_a_resident_have_an_address(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    client = sign_in(county.ah_mei)
    for verb in ("accept", "publish", "tick", "nonsense"):
        assert client.post(f"/matters/{lamp.number}/moves/{verb}").status_code == 404


def test_a_word_left_behind_shows_in_the_timeline(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    client = sign_in(county.ah_mei)
    empty = client.post(f"/matters/{lamp.number}/moves/comment", {"key": "c1", "note": ""})
    assert empty.status_code == 422
    client.post(f"/matters/{lamp.number}/moves/comment", {"key": "c1", "note": "今晚又黑了"})
    assert "今晚又黑了" in text_of(client, lamp.number)


def test_the_raiser_is_asked_and_answers(
    county: County, sign_in: SignIn, lamp: actions.Raised, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(county.ah_mei)
    assert "请您说" not in text_of(client, lamp.number)
    clock = six_steps.until_asked(county, lamp)
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock)
    assert "请您说" in text_of(client, lamp.number)
    unsaid = client.post(f"/matters/{lamp.number}/answer", {"key": "a1", "words": "亮了，谢谢"})
    assert unsaid.status_code == 422
    assert "亮了，谢谢" in unsaid.content.decode()
    said = {"key": "a1", "solved": "1", "score": "5", "words": "亮了，谢谢"}
    assert client.post(f"/matters/{lamp.number}/answer", said).status_code == 302
    answer = CallBack.objects.get(matter_id=lamp.id)
    assert (answer.solved, answer.score, answer.words) == (True, 5, "亮了，谢谢")


def test_not_solved_sends_it_back(
    county: County, sign_in: SignIn, lamp: actions.Raised, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(county.ah_mei)
    clock = six_steps.until_asked(county, lamp)
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock)
    client.post(f"/matters/{lamp.number}/answer", {"key": "a1", "solved": "0", "words": "还是黑"})
    assert Matter.objects.get(pk=lamp.id).stage == "handle"


def test_a_done_matter_is_reopened_once_without_reasons(
    county: County, sign_in: SignIn, lamp: actions.Raised, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(county.ah_mei)
    clock = six_steps.until_published(county, lamp)
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock)
    assert "重新打开" in text_of(client, lamp.number)
    client.post(f"/matters/{lamp.number}/moves/reopen", {"key": "r1"})
    matter = Matter.objects.get(pk=lamp.id)
    assert (matter.outcome, matter.reopened, matter.stage) == ("", 1, "handle")


def test_my_matters_lead_with_the_open_ones_and_say_when_there_are_none(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    assert lamp.number in sign_in(county.ah_mei).get("/mine").content.decode()
    assert "还没有报过事" in sign_in(county.he).get("/mine").content.decode()
