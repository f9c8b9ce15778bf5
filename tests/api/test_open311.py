"""An Open311 client that knows only the standard works with us unchanged, in both formats."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from georeport import GeoReport, Refused
from programs import program, raised

from gongzhi.matters.models import Event, Matter
from people import County

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["xml", "json"])
def client(request: pytest.FixtureRequest) -> GeoReport:
    return GeoReport(Client(), request.param)


def key_of(county: County) -> str:
    return program(county.ah_mei, "open311").token


def test_discovery_tells_where_and_how(county: County) -> None:
    found = Client().get("/open311/discovery.json").json()
    assert set(found) == {"changeset", "contact", "key_service", "endpoints"}
    endpoint = found["endpoints"][0]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["type"] in ("production", "test")
    assert Client().get(endpoint["url"] + "/services.json").status_code == 200
    root = ElementTree.fromstring(Client().get("/open311/v2/discovery.xml").content)
    assert [f.text for f in root.iterfind("endpoints/endpoint/formats/format")] == endpoint[
        "formats"
    ]


def test_services_are_our_categories(county: County, client: GeoReport) -> None:
    services = {row["service_code"]: row for row in client.services()}
    light = services["facilities.lighting"]
    assert (light["service_name"], light["group"]) == ("路灯照明", "公共设施")
    assert "路灯" in light["keywords"].split(", ")
    assert "other" in services
    definition = client.definition("facilities.lighting")
    assert definition["service_code"] == "facilities.lighting"
    assert not definition["attributes"]


def test_english_clients_read_english_names(county: County) -> None:
    rows = Client(headers={"Accept-Language": "en"}).get("/open311/v2/services.json").json()
    assert "Street lights" in {row["service_name"] for row in rows}


def test_the_round_trip_of_a_request(drawn: County, client: GeoReport) -> None:
    made = client.post(
        api_key=key_of(drawn), service_code="facilities.lighting", lat="32.9", long="118.5",
        description="路灯不亮\n晚上看不见 & <b>危险</b>", address_string="村口", first_name="梅",
        phone="13900000001", media_url="https://example.org/a.jpg?x=1&y=2", account_id="acc-1",
    )  # fmt: skip
    assert made["account_id"] == "acc-1"
    number = made["service_request_id"]
    matter = Matter.objects.get(number=number)
    assert (matter.place, matter.source, matter.raised_by) == (
        drawn.place("grid"), "open311", drawn.ah_mei,
    )  # fmt: skip
    assert matter.body == "路灯不亮\n晚上看不见 & <b>危险</b>"
    contact = Event.objects.get(matter=matter, verb="comment")
    assert contact.private
    assert "13900000001" in contact.data["note"]
    assert "https://example.org/a.jpg?x=1&y=2" in contact.data["note"]

    row = client.request(number)
    assert (row["status"], row["service_code"]) == ("open", "facilities.lighting")
    assert (float(row["lat"]), float(row["long"])) == pytest.approx((32.9, 118.5))
    assert row["requested_datetime"] == "2026-11-23T10:00:00+08:00"
    assert row["agency_responsible"]
    assert client.token(number)["service_request_id"] == number
    assert [r["service_request_id"] for r in client.requests(status="open")] == [number]
    assert client.requests(status="closed") == []


def test_without_a_key_nobody_reads_words_doors_or_exact_points(
    drawn: County, client: GeoReport
) -> None:
    raised(drawn, lon=118.5012, lat=32.9034, where="2单元501", body="楼上张三家漏水 13900000001")
    (row,) = client.requests()
    assert not row["description"]
    assert not row["media_url"]
    assert (float(row["lat"]), float(row["long"])) == pytest.approx((32.9, 118.5))
    assert row["address"].split(", ")[:2] == ["双马一网格", "双马村委会"]
    assert row["address_id"] == "320830101201001"


def test_with_a_key_the_raiser_reads_all_of_it(drawn: County, client: GeoReport) -> None:
    number = raised(drawn, lon=118.5012, lat=32.9034, where="2单元501", body="楼上漏水").number
    row = client.request(number, api_key=key_of(drawn))
    assert row["description"] == "楼上漏水"
    assert float(row["long"]) == 118.5012
    assert row["address"].startswith("2单元501, 双马一组 1 号楼")


def test_sensitive_matters_do_not_exist_for_others(county: County, client: GeoReport) -> None:
    number = raised(county, sensitive=True).number
    assert client.requests() == []
    for ask in (client.request, client.token):
        with pytest.raises(Refused) as refused:
            ask(number)
        assert refused.value.status == 404
    assert client.request(number, api_key=key_of(county))["service_request_id"] == number


def test_numbers_override_all_other_arguments(county: County, client: GeoReport) -> None:
    first, second = raised(county).number, raised(county).number
    raised(county)
    asked = client.requests(
        service_request_id=f"{first},{second}", status="closed", service_code="facilities.roads"
    )
    assert {row["service_request_id"] for row in asked} == {first, second}
    assert client.requests(service_request_id="!!!") == []


def test_services_jurisdictions_and_pages_narrow_the_list(
    county: County, client: GeoReport
) -> None:
    light, road = raised(county), raised(county, category="facilities.roads")
    found = client.requests(service_code="facilities.roads,facilities.drains")
    assert [row["service_request_id"] for row in found] == [road.number]
    assert client.requests(jurisdiction_id="320903000000") == []
    assert len(client.requests(jurisdiction_id="320830101201")) == 2
    assert [r["service_request_id"] for r in client.requests(page="2", page_size="1")] == [
        light.number
    ]


def test_the_default_is_the_last_ninety_days(county: County, client: GeoReport) -> None:
    raised(county)
    assert client.requests(start_date="2026-01-01T00:00:00Z") == []
    assert len(client.requests(end_date="2026-11-24T00:00:00+08:00")) == 1
    assert len(client.requests(start_date="", end_date="", status="")) == 1


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "wrong"}, 403, "令牌"),
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "nothing"}, 404, "service_code"),
        ({"jurisdiction_id": "nowhere.gov"}, 404, "jurisdiction_id"),
        ({"lat": "", "long": ""}, 201, ""),
        ({"lat": "", "long": "", "address_string": ""}, 400, "lat"),
        ({"lat": "north"}, 400, "lat"),
        ({"lat": "nan"}, 400, "lat"),
        ({"lat": "1", "long": "1"}, 400, "网格"),
        ({"long": ""}, 400, "lat"),
        ({"lat": "", "long": "", "address_id": "320830101201"}, 201, ""),
        ({"lat": "", "long": "", "address_id": "?"}, 400, "address_id"),
        ({"description": "长" * 4001}, 400, "4000"),
        ({"description": "长" * 4000}, 201, ""),
        ({"description": ""}, 201, ""),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({"media_url": "http://["}, 400, "media_url"),
        ({"email": "x" * 5000}, 400, "太长"),
    ],
)
def test_refusals_carry_the_codes_of_the_standard(
    drawn: County, client: GeoReport, change: dict[str, str], status: int, word: str
) -> None:
    given = {
        "api_key": key_of(drawn), "service_code": "facilities.roads", "lat": "32.9",
        "long": "118.5", "description": "路坏了", "address_string": "村口",
    }  # fmt: skip
    if status == 201:
        assert client.post(**given | change)["service_request_id"]
        return
    with pytest.raises(Refused) as refused:
        client.post(**given | change)
    assert refused.value.status == status
    assert word in refused.value.errors[0]["description"]
    assert not Matter.objects.exists()


def test_a_key_without_the_right_is_refused(county: County, client: GeoReport) -> None:
    token = program(county.ah_mei, "matters:write").token
    with pytest.raises(Refused) as refused:
        client.post(api_key=token, service_code="facilities.roads", address_string="村口")
    assert refused.value.status == 403


@pytest.mark.parametrize("path", ["services/none", "requests/GZ000", "tokens/none"])
def test_what_does_not_exist_is_404(county: County, client: GeoReport, path: str) -> None:
    answer = Client().get(f"/open311/v2/{path}.{client.fmt}")
    assert answer.status_code == 404
    assert b"404" in answer.content


@pytest.mark.parametrize(
    "query",
    ["status=lost", "start_date=2026-01-01T00:00:00Z&end_date=2026-09-01T00:00:00Z",
     "start_date=soon", "page=-1", "page_size=100000", "service_request_id=%00"],
)  # fmt: skip
def test_every_other_error_is_400(county: County, client: GeoReport, query: str) -> None:
    answer = Client().get(f"/open311/v2/requests.{client.fmt}?{query}")
    assert answer.status_code in ({400, 422} if "%00" in query else {400}), answer.content


def test_a_repeated_post_with_the_same_key_is_one_request(county: County) -> None:
    form = {"api_key": key_of(county), "service_code": "facilities.roads", "address_string": "村口"}
    headers = {"Idempotency-Key": "retry-1"}
    answers = [
        Client().post("/open311/v2/requests.json", form, headers=headers).json() for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert Matter.objects.count() == 1


def test_anybodys_page_may_read(county: County) -> None:
    assert Client().get("/open311/v2/services.json")["Access-Control-Allow-Origin"] == "*"


def test_extensions_are_there_when_asked_for(county: County, client: GeoReport) -> None:
    raised(county)
    plain, more = client.requests()[0], client.requests(extensions="true")[0]
    assert "extended_attributes" not in plain
    assert "extended_attributes" in more


def _printed(name: str) -> Any:
    return json.loads((Path(__file__).parent / "spec" / name).read_text("utf-8"))


def test_our_rows_have_the_fields_of_the_printed_examples(county: County) -> None:
    """The example payloads of the specification name the fields; ours are the same."""
    raised(county)
    web = GeoReport(Client(), "json")
    assert set(_printed("service.json")[0]) == set(web.services()[0])
    assert set(_printed("request.json")[0]) == set(web.requests()[0])
