"""Moves through the API: made once, refused in the playbook's words, never over another's head."""

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from programs import BASE, Program, program, raised, refusal

import lives
from gongzhi.matters.models import Attachment, Event, Follower
from people import County

pytestmark = pytest.mark.django_db


def open_moves(chen: Program, number: str) -> list[str]:
    return [move["verb"] for move in chen.get(f"/matters/{number}").json()["moves"]]


def test_the_committee_takes_a_matter_on(county: County) -> None:
    number = raised(county).number
    chen = program(county.holders["committee"])
    assert "accept" in open_moves(chen, number)
    seen = chen.get(f"/matters/{number}").json()["seq"]
    moved = chen.post(f"/matters/{number}/moves/accept", {"seen": seen}, key="a-1")
    assert moved.status_code == 200, moved.content
    after = chen.get(f"/matters/{number}").json()
    assert (after["stage"], after["seq"]) == (moved.json()["stage"], moved.json()["seq"])
    assert [event["verb"] for event in after["timeline"]] == ["raise", "accept"]


def test_a_repeated_move_is_made_once(county: County) -> None:
    number = raised(county).number
    chen = program(county.holders["committee"])
    first = chen.post(f"/matters/{number}/moves/accept", key="a-1").json()
    again = chen.post(f"/matters/{number}/moves/accept", key="a-1")
    assert again.status_code == 200
    assert (again.json()["seq"], again.json()["repeated"]) == (first["seq"], True)
    assert Event.objects.filter(matter__number=number).count() == 2


def test_the_second_of_two_clerks_is_told_who_moved_it(county: County) -> None:
    number = raised(county).number
    chen = program(county.holders["committee"])
    chen.post(f"/matters/{number}/moves/accept")
    late = chen.post(f"/matters/{number}/moves/accept", {"seen": 1})
    assert late.status_code == 409
    error = refusal(late)
    assert (error["code"], error["moved_by"], error["verb"]) == ("stale", "陈", "accept")
    assert error["seq"] == 2
    assert error["stage"] == chen.get(f"/matters/{number}").json()["stage"]


def test_the_playbook_refuses_in_its_own_words(county: County) -> None:
    number = raised(county).number
    mei = program(county.ah_mei)
    answer = mei.post(f"/matters/{number}/moves/verify")
    assert answer.status_code in (403, 409)
    assert refusal(answer)["message"]


@pytest.mark.parametrize("move", ["tick", "raise", "rate", "comment", "fly", "ACCEPT"])
def test_a_move_nobody_makes_by_hand_is_not_found(county: County, move: str) -> None:
    number = raised(county).number
    answer = program(county.holders["committee"]).post(f"/matters/{number}/moves/{move}")
    assert answer.status_code == 404
    assert "accept" in refusal(answer)["todo"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"until": "2026-12-01T00:00:00"}, "until"),
        ({"tally": {"for": -1}}, "tally"),
        ({"assignees": [{}] * 21}, "assignees"),
        ({"seen": 0}, "seen"),
        ({"reason": ["a"]}, "reason"),
        ({"ratings": {"asked": 100, "scores": {"5": 100}}}, "ratings"),
        ([], "body"),
    ],
)
def test_a_move_that_cannot_be_read_is_refused(county: County, body: Any, field: str) -> None:
    number = raised(county).number
    answer = program(county.holders["committee"]).post(f"/matters/{number}/moves/accept", body)
    assert answer.status_code == 422, answer.content
    assert refusal(answer)["field"].startswith(field)


@pytest.mark.parametrize(
    ("hands", "field"),
    [({"for": 15, "against": 14}, "tally.present"), ({"electorate": 20}, "tally.present")],
)
def test_hands_that_do_not_add_up_are_a_wrong_field(
    county: County, hands: dict[str, int], field: str
) -> None:
    life = lives.xuyi(county).to("decide")
    counted = {"electorate": 30, "present": 21, "for": 15, "against": 4, "abstain": 2} | hands
    host = program(county.holders["workshop_host"])
    answer = host.post(f"/matters/{life.number}/moves/resolve", {"tally": counted})
    assert (answer.status_code, refusal(answer)["code"]) == (422, "tally_wrong")
    assert refusal(answer)["field"] == field


def test_a_comment_is_on_the_timeline_and_a_private_one_for_handlers_only(county: County) -> None:
    number = raised(county).number
    chen, mei = program(county.holders["committee"]), program(county.ah_mei)
    assert chen.post(f"/matters/{number}/comments", {"text": "明天去看"}).status_code == 201
    private = {"text": "此处常有纠纷", "private": True}
    assert chen.post(f"/matters/{number}/comments", private).status_code == 201
    assert mei.post(f"/matters/{number}/comments", private).status_code == 403
    assert "明天去看" in str(mei.get(f"/matters/{number}").json()["timeline"])
    assert "此处常有纠纷" not in str(mei.get(f"/matters/{number}").json())
    assert "此处常有纠纷" in str(chen.get(f"/matters/{number}").json())


def test_a_neighbour_joins_once(county: County) -> None:
    number = raised(county).number
    neighbour = program(county.neighbour)
    assert neighbour.post(f"/matters/{number}/join").json() == {"number": number, "new": True}
    assert neighbour.post(f"/matters/{number}/join").json()["new"] is False
    assert Follower.objects.get().person == county.neighbour


def test_nobody_answers_a_call_back_that_was_not_made(county: County) -> None:
    number = raised(county).number
    answer = program(county.ah_mei).post(f"/matters/{number}/answer", {"solved": True, "score": 5})
    assert (answer.status_code, refusal(answer)["code"]) == (409, "not_asked")


def photo() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (32, 24), "red").save(made, "JPEG")
    made.seek(0)
    made.name = "现场.jpg"
    return made


def upload(mei: Program, file: object, key: str = "photo-key-1") -> Any:
    headers = {"Authorization": f"Bearer {mei.token}", "Idempotency-Key": key}
    return Client().post(f"{BASE}/uploads", {"file": file}, headers=headers)


def test_a_photo_is_stored_before_its_matter_and_filed_with_it(county: County) -> None:
    mei = program(county.ah_mei)
    stored = upload(mei, photo())
    assert stored.status_code == 201, stored.content
    assert upload(mei, photo()).json() == stored.json()
    body = {"body": "井盖坏了", "place": "320830101201001", "uploads": [stored.json()["key"]]}
    number = mei.post("/matters", body).json()["number"]
    assert Attachment.objects.get().matter is not None
    (shown,) = mei.get(f"/matters/{number}").json()["attachments"]
    picture = mei.web.get(shown["href"], headers={"Authorization": f"Bearer {mei.token}"})
    assert picture["Content-Type"] == "image/jpeg"
    other = program(county.neighbour)
    refused = other.web.get(shown["href"], headers={"Authorization": f"Bearer {other.token}"})
    assert refused.status_code == 404


def test_a_file_that_is_no_photo_is_refused(county: County) -> None:
    mei = program(county.ah_mei)
    fake = io.BytesIO(b"<script>")
    fake.name = "a.jpg"
    answer = upload(mei, fake)
    assert answer.status_code == 422
    refusal(answer)


def test_a_voice_note_is_told_by_its_kind(county: County) -> None:
    mei = program(county.ah_mei)
    headers = {"Authorization": f"Bearer {mei.token}", "Idempotency-Key": "voice-key"}
    noise = io.BytesIO(b"noise")
    noise.name = "a.webm"
    answer = Client().post(f"{BASE}/uploads?kind=voice", {"file": noise}, headers=headers)
    assert answer.status_code == 422
    assert not Attachment.objects.exists()


def test_the_wrong_kind_of_content_is_415_and_a_broken_one_400(county: County) -> None:
    mei = program(county.ah_mei)
    headers = {"Authorization": f"Bearer {mei.token}"}
    form = mei.web.post(f"{BASE}/matters", {"body": "灯坏了"}, headers=headers)
    assert (form.status_code, refusal(form)["code"]) == (415, "wrong_type")
    for broken in (b"{", b"\xff\xfe{}", b'{"body": "\\ud800"}', b"[" * 100_000):
        answer = mei.web.post(f"{BASE}/matters", broken, "application/json", headers=headers)
        assert answer.status_code in (400, 422), (broken[:9], answer.content)
        refusal(answer)


def test_the_wrong_method_says_which_are_right(county: County) -> None:
    answer = Client().delete(f"{BASE}/matters")
    assert answer.status_code == 405
    assert set(answer["Allow"].replace(" ", "").split(",")) == {"GET", "POST"}
    assert refusal(answer)["code"] == "wrong_method"


def test_an_unknown_address_is_refused_in_the_same_shape(county: County) -> None:
    answer = Client().get(f"{BASE}/nothing/here")
    assert answer.status_code == 404
    refusal(answer)


def test_refusals_come_in_english_for_who_asks_so(county: County) -> None:
    answer = Client(headers={"Accept-Language": "en-GB"}).get(f"{BASE}/matters")
    assert answer.status_code == 401
    refusal(answer)
