"""What anybody may read through the API, and what it never shows."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from programs import Program, program, raised, refusal

from gongzhi.people.models import Account
from gongzhi.publications.actions import publish
from people import NOW, County

pytestmark = pytest.mark.django_db
ANYBODY = Program()


def test_places_are_public(county: County) -> None:
    village = ANYBODY.get("/places/320830101201").json()
    assert [p["name"] for p in village["line"]][-2:] == ["马坝镇", "双马村委会"]
    inside = ANYBODY.get("/places/320830101201/children").json()
    assert [p["name"] for p in inside] == ["双马一网格", "双马二网格"]
    found = ANYBODY.get("/places", q="网格", within="320903000000").json()
    assert [p["code"] for p in found] == ["320903050015001"]


@pytest.mark.parametrize("path", ["/places/000000000000", "/places/1/children", "/places/x/shares"])
def test_an_unknown_place_is_not_found(county: County, path: str) -> None:
    answer = ANYBODY.get(path)
    assert answer.status_code == 404
    refusal(answer)


def test_a_point_lies_in_a_grid(drawn: County) -> None:
    assert ANYBODY.get("/places/at", lon="118.5", lat="32.9").json()["name"] == "双马一网格"
    assert ANYBODY.get("/places/at", lon="0", lat="0").status_code == 404
    assert ANYBODY.get("/places/at", lon="200", lat="0").status_code == 422
    assert ANYBODY.get("/places/at", lon="nan", lat="0").status_code == 422


def test_a_matter_may_be_raised_at_a_point(drawn: County) -> None:
    mei = program(drawn.ah_mei)
    body = {"body": "路灯不亮", "lon": 118.5, "lat": 32.9}
    number = mei.post("/matters", body).json()["number"]
    assert mei.get(f"/matters/{number}").json()["place"] == "双马一网格"
    away = mei.post("/matters", body | {"lon": 0})
    assert (away.status_code, refusal(away)["field"]) == (422, "lon")


def test_a_layer_is_geojson(drawn: County) -> None:
    answer = ANYBODY.get("/layers/grid.geojson", within="320830101201")
    assert answer["Content-Type"] == "application/geo+json"
    layer = answer.json()
    assert layer["type"] == "FeatureCollection"
    assert {f["properties"]["name"] for f in layer["features"]} == {"双马一网格", "双马二网格"}
    assert layer["features"][0]["geometry"]["type"] == "Polygon"
    assert ANYBODY.get("/layers/secret.geojson", within="320830101201").status_code == 404
    assert ANYBODY.get("/layers/grid.geojson").status_code == 422


def points(who: Program) -> list[dict[str, Any]]:
    answer = who.get("/layers/matters.geojson", within="320830101201")
    found: list[dict[str, Any]] = json.loads(answer.content)["features"]
    return found


def test_the_public_sees_matters_counted_in_the_middle_of_the_grid(drawn: County) -> None:
    raised(drawn, lon=118.5012, lat=32.9034, body="楼上张三家漏水")
    raised(drawn, sensitive=True)
    for somebody in (ANYBODY, program(drawn.ah_mei), program(drawn.foreign["town_officer"])):
        (grid,) = points(somebody)
        assert grid["geometry"]["coordinates"] == pytest.approx([118.5, 32.9])
        assert grid["properties"]["open"] == 1
        assert "张三" not in str(grid)


def test_who_works_there_sees_each_at_its_point(drawn: County) -> None:
    number = raised(drawn, lon=118.5012, lat=32.9034).number
    (point,) = points(program(drawn.holders["grid_worker"]))
    assert point["geometry"]["coordinates"] == [118.5012, 32.9034]
    assert point["properties"]["number"] == number


def test_the_board_is_read_by_those_it_is_for(county: County) -> None:
    for audience in ("public", "community"):
        publish(
            place_id=county.place("village").pk, subject="note", subject_id=len(audience),
            title=f"路灯修好了 {audience}", body={"结果": "换了灯"}, audience=audience, days=15,
            by=None, at=NOW,
        )  # fmt: skip
    titles = {row["title"] for row in ANYBODY.get("/board").json()["items"]}
    assert titles == {"路灯修好了 public"}
    mine = program(county.ah_mei).get("/board", place="320830101201").json()["items"]
    assert len(mine) == 2
    private = next(row for row in mine if row["audience"] == "community")
    assert ANYBODY.get(f"/board/{private['id']}").status_code == 404
    whole = program(county.ah_mei).get(f"/board/{private['id']}").json()
    assert (whole["body"], whole["current"]) == ({"结果": "换了灯"}, True)


def test_shares_have_an_honest_span(county: County) -> None:
    found = ANYBODY.get("/places/320830000000/shares").json()
    assert found["place"]["name"] == "盱眙县"
    assert found["levels"] == []
    backwards = ANYBODY.get("/places/320830000000/shares", since="2027-01-01T00:00:00Z")
    assert (backwards.status_code, refusal(backwards)["field"]) == (422, "since")


def test_playbooks_are_data_a_schema_and_a_picture(county: County) -> None:
    listed = {row["id"]: row for row in ANYBODY.get("/playbooks").json()}
    assert {"xuyi", "xindu"} <= set(listed)
    xuyi = ANYBODY.get("/playbooks/xuyi").json()
    assert xuyi["digest"] == listed["xuyi"]["digest"]
    assert xuyi["source"]["stages"]
    assert "stages" in ANYBODY.get("/playbooks/schema.json").json()["properties"]
    bpmn = ANYBODY.get("/playbooks/xuyi.bpmn")
    assert ElementTree.fromstring(bpmn.content).tag.endswith("definitions")
    for path in ("/playbooks/none", "/playbooks/none.bpmn", "/playbooks/NONE"):
        assert ANYBODY.get(path).status_code == 404


def test_a_category_is_suggested_with_its_reason(county: County) -> None:
    found = ANYBODY.get("/suggest/category", text="楼道路灯坏了三天没人修").json()
    assert found["suggestions"][0]["code"].startswith("facilities")
    assert found["suggestions"][0]["why"]
    petition = ANYBODY.get("/suggest/category", text="我要上访").json()
    assert petition["divert"]["code"] == "petition"
    assert petition["divert"]["advice"]


def test_the_caller_learns_who_he_is(county: County) -> None:
    luo = program(county.holders["town_officer"], "matters:read").get("/me").json()
    assert (luo["name"], luo["scopes"]) == ("罗", ["matters:read"])
    assert [(p["role"], p["place"]) for p in luo["posts"]] == [("town_officer", "马坝镇")]
    assert ANYBODY.get("/me").status_code == 401


def test_a_page_calls_with_its_session_and_form_token(county: County) -> None:
    web = Client(enforce_csrf_checks=True)
    web.force_login(Account.objects.get(person=county.ah_mei))
    assert web.get("/api/v1/me").json()["scopes"] is None
    body = json.dumps({"body": "灯坏了", "place": "320830101201"})
    forged = web.post("/api/v1/matters", body, "application/json")
    assert (forged.status_code, refusal(forged)["code"]) == (403, "expired_form")


def test_the_description_of_the_api_needs_nothing_from_elsewhere(county: County) -> None:
    described = Client().get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    page = Client().get("/api/v1/docs").content.decode()
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    for path in described["paths"]:
        assert path in page
