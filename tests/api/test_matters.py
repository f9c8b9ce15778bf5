"""Matters through the API: raised once, found by those who may, read with their timeline."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from programs import Program, program, raised, refusal

from gongzhi.matters.models import Matter
from gongzhi.people import accounts
from gongzhi.people.models import ApiToken
from people import County

pytestmark = pytest.mark.django_db

LAMP = {"body": "楼道灯坏了三天", "place": "320830101201001B01", "category": "facilities.lighting"}


def statements(captured: CaptureQueriesContext) -> list[str]:
    """What was asked of the database, without the brackets of transactions."""
    brackets = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(brackets)]


def test_a_matter_is_raised_by_a_program(county: County) -> None:
    answer = program(county.ah_mei).post("/matters", LAMP)
    assert answer.status_code == 201, answer.content
    matter = Matter.objects.get(number=answer.json()["number"])
    assert answer["Location"] == f"/api/v1/matters/{matter.number}"
    assert (matter.raised_by, matter.source, matter.body) == (county.ah_mei, "api", LAMP["body"])


def test_raising_costs_at_most_eight_statements(county: County) -> None:
    mei = program(county.ah_mei)
    with CaptureQueriesContext(connection) as cold:
        assert mei.post("/matters", LAMP, key="first").status_code == 201
    with CaptureQueriesContext(connection) as warm:
        assert mei.post("/matters", LAMP, key="second").status_code == 201
    assert len(statements(warm)) <= 8, statements(warm)
    assert len(statements(cold)) <= 16, statements(cold)


def test_the_same_key_raises_once(county: County) -> None:
    mei = program(county.ah_mei)
    first, again = mei.post("/matters", LAMP, key="k1"), mei.post("/matters", LAMP, key="k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {"number": first.json()["number"], "repeated": True}
    assert Matter.objects.count() == 1


def test_the_same_key_for_something_else_is_refused(county: County) -> None:
    mei = program(county.ah_mei)
    mei.post("/matters", LAMP, key="k1")
    other = mei.post("/matters", LAMP | {"body": "井盖不见了"}, key="k1")
    assert other.status_code == 409
    assert refusal(other)["code"] == "key_reused"


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"body": ""}, 422, "body"),
        ({"body": "\x00\x00"}, 422, "body"),
        ({"body": 5}, 422, "body"),
        ({"body": "长" * 100_000}, 422, "body"),
        ({"place": None}, 422, "place"),
        ({"place": "999999999999"}, 404, ""),
        ({"place": "320830101000"}, 422, "place"),
        ({"category": "no.such"}, 422, "category"),
        ({"lon": 118.5}, 422, "lon"),
        ({"lat": "32"}, 422, "lat"),
        ({"urgent": "yes"}, 422, "urgent"),
        ({"surprise": 1}, 422, "surprise"),
        ({"raised_by": 2**62}, 403, ""),
    ],
)
def test_what_is_wrong_is_named(
    county: County, change: dict[str, Any], status: int, field: str
) -> None:
    answer = program(county.ah_mei).post("/matters", LAMP | change)
    assert answer.status_code == status, answer.content
    assert refusal(answer).get("field", "") == field
    assert not Matter.objects.exists()


def test_invisible_characters_are_taken_out_and_emoji_kept(county: County) -> None:
    typed = "路\u202e灯\x00坏了👨‍👩‍👧，门牌１２号"
    number = program(county.ah_mei).post("/matters", LAMP | {"body": typed}).json()["number"]
    assert Matter.objects.get(number=number).body == "路灯坏了👨‍👩‍👧，门牌12号"


def test_without_a_token_there_is_a_sentence_how_to_get_one(county: County) -> None:
    answer = Program().get("/matters")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "令牌" in refusal(answer)["todo"]


def test_a_revoked_token_is_dead_at_once(county: County, now: Any) -> None:
    mei = program(county.ah_mei)
    assert mei.get("/matters").status_code == 200
    token = ApiToken.objects.get()
    accounts.revoke_token(token_id=token.pk, by=county.ah_mei.pk, at=now)
    answer = mei.get("/matters")
    assert (answer.status_code, refusal(answer)["code"]) == (401, "bad_token")


@pytest.mark.parametrize("token", ["x", "gz_" + "a" * 43, "a" * 10_000, "汉"])
def test_a_made_up_token_is_refused(county: County, token: str) -> None:
    answer = Program(token.encode().decode("latin-1")).get("/matters")
    assert answer.status_code == 401


def test_a_token_without_the_scope_is_refused(county: County) -> None:
    reader = program(county.ah_mei, "matters:read")
    answer = reader.post("/matters", LAMP)
    assert (answer.status_code, refusal(answer)["code"]) == (403, "scope")
    assert reader.get("/matters").status_code == 200


def test_a_list_of_fifty_costs_at_most_four_statements(county: County) -> None:
    for _ in range(55):
        raised(county)
    luo = program(county.holders["town_officer"])
    luo.get("/matters")
    with CaptureQueriesContext(connection) as captured:
        answer = luo.get("/matters", state="open", place="320830101201", q="楼道灯")
    assert len(statements(captured)) <= 4, statements(captured)
    assert len(answer.json()["items"]) == 50
    rest = luo.get("/matters", cursor=answer.json()["next"]).json()
    assert (len(rest["items"]), rest["next"]) == (5, None)
    numbers = {m["number"] for m in answer.json()["items"]} | {m["number"] for m in rest["items"]}
    assert len(numbers) == 55


def test_pages_do_not_shift_when_new_matters_arrive(county: County) -> None:
    for _ in range(4):
        raised(county)
    luo = program(county.holders["town_officer"])
    first = luo.get("/matters", size=2).json()
    raised(county)
    second = luo.get("/matters", size=2, cursor=first["next"]).json()
    assert not {m["number"] for m in first["items"]} & {m["number"] for m in second["items"]}
    assert second["next"] is None


@pytest.mark.parametrize(
    "query", [{"size": "0"}, {"size": "201"}, {"size": "五"}, {"state": "lost"}, {"cursor": "x"},
              {"since": "2026-01-01"}, {"since": "tomorrow"}, {"unit": "9" * 30}]
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused(county: County, query: dict[str, str]) -> None:
    answer = program(county.holders["town_officer"]).get("/matters", **query)
    assert answer.status_code == 422
    assert refusal(answer)["field"] == next(iter(query))


def test_a_detail_costs_at_most_six_statements(county: County) -> None:
    number = raised(county).number
    wen = program(county.holders["committee"])
    wen.get(f"/matters/{number}")
    with CaptureQueriesContext(connection) as captured:
        answer = wen.get(f"/matters/{number}")
    assert len(statements(captured)) <= 6, statements(captured)
    matter = answer.json()
    assert matter["title"].startswith("楼道灯坏了")
    assert [event["verb"] for event in matter["timeline"]] == ["raise"]
    assert matter["moves"]


def test_somebody_elses_matter_is_not_found(county: County) -> None:
    number = raised(county).number
    he = program(county.he)
    for answer in (
        he.get(f"/matters/{number}"),
        he.post(f"/matters/{number}/moves/recall"),
        he.post(f"/matters/{number}/comments", {"text": "你好"}),
        he.post(f"/matters/{number}/join"),
        he.get(f"/matters/{number}/similar"),
    ):
        assert answer.status_code == 404, answer.content
        refusal(answer)
    assert he.get("/matters").json()["items"] == []
    assert he.get("/search", q="楼道灯").json()["items"] == []


def test_a_neighbour_reads_it_without_names(county: County) -> None:
    number = raised(county, body="楼道灯坏了，找阿梅 13900000001").number
    seen = program(county.neighbour).get(f"/matters/{number}").json()
    assert seen["sight"] == "neighbour"
    assert "13900000001" not in str(seen)
    assert seen["lon"] is None
    assert county.ah_mei.name not in str(seen["timeline"])


@pytest.mark.parametrize("number", ["GZ260000000", "0", "x" * 20, "-1"])
def test_an_unknown_number_is_not_found(county: County, number: str) -> None:
    answer = program(county.ah_mei).get(f"/matters/{number}")
    assert answer.status_code == 404
    refusal(answer)


def test_any_piece_of_the_text_is_found(county: County) -> None:
    raised(county, body="三单元门口的化粪池又满了")
    wen = program(county.holders["grid_worker"])
    for piece in ("化粪池又", "粪", "三单元门"):
        assert len(wen.get("/search", q=piece).json()["items"]) == 1, piece
    assert wen.get("/search", q="没有的字").json()["items"] == []


def test_an_open_matter_nearby_is_offered(county: County) -> None:
    raised(county, body="楼道灯坏了三天没人修")
    mei = program(county.ah_mei)
    near = mei.get("/suggest/similar", text="楼道灯坏了没有人来修", place="320830101201").json()
    assert near[0]["alike"] > 0
    assert near[0]["why"]
