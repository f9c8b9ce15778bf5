"""The two formats say the same, as the examples of the specification do."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.api.open311 import arguments, formats
from gongzhi.core.errors import BadInput

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_a_list_is_an_array_without_name_in_json_and_named_elements_in_xml() -> None:
    services: formats.Value = [{"service_code": "001", "metadata": True, "group": None}]
    assert formats.to_json(services) == b'[{"service_code":"001","metadata":true,"group":null}]'
    assert formats.to_xml("services", services).split(b"\n", 1)[1] == (
        b"<services><service><service_code>001</service_code><metadata>true</metadata>"
        b"<group /></service></services>"
    )


def test_the_definition_of_the_specification_comes_out_as_printed_there() -> None:
    values: formats.Value = [{"key": "123", "name": "Ford"}, {"key": "124", "name": "Chrysler"}]
    definition: formats.Value = {
        "service_code": "DMV66",
        "attributes": [{"variable": True, "code": "WHISHETN", "order": 1, "values": values}],
    }
    root = ElementTree.fromstring(formats.to_xml("service_definition", definition))
    assert root.findtext("service_code") == "DMV66"
    assert [v.findtext("name") for v in root.iterfind("attributes/attribute/values/value")] == [
        "Ford",
        "Chrysler",
    ]
    assert root.findtext("attributes/attribute/variable") == "true"


@given(st.text())
def test_whatever_was_typed_makes_readable_xml(typed: str) -> None:
    made = formats.to_xml("errors", [{"code": 400, "description": typed}])
    assert ElementTree.fromstring(made).find("error/code") is not None


def test_times_carry_their_zone() -> None:
    assert formats.when(AT) == "2026-11-23T10:00:00+08:00"


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("", "", 90),
        ("2026-01-01T00:00:00Z", "", 90),
        ("", "2026-03-01T00:00:00+08:00", 90),
        ("2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z", 30),
        ("2026-11-20T10:00:00+08:00", "", 3),
        ("2026-01-01T00:00:00 08:00", "2026-01-02", 1),
    ],
)
def test_a_range_is_ninety_days_unless_said_otherwise(start: str, end: str, days: int) -> None:
    asked = arguments.query({"start_date": start, "end_date": end}, AT)
    assert asked.end - asked.start == timedelta(days=days)


@pytest.mark.parametrize(
    "given",
    [
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
        {"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"start_date": "yesterday"},
        {"start_date": "0001-01-01"},
        {"end_date": "9999-12-31T23:59:59Z"},
        {"status": "pending"},
        {"page": "0"},
        {"page": "１"},
        {"page_size": "1001"},
        {"page_size": "9" * 10_000},
    ],
)
def test_what_cannot_be_read_is_refused_by_name(given: dict[str, str]) -> None:
    with pytest.raises(BadInput) as refused:
        arguments.query(given, AT)
    assert refused.value.field in given


@given(st.text(max_size=60))
def test_no_text_breaks_a_coordinate(typed: str) -> None:
    try:
        read = arguments.degrees("lat", typed, 90)
    except BadInput:
        return
    assert read is None or -90 <= read <= 90


def test_both_states_together_ask_for_all() -> None:
    assert arguments.status("open,closed") == ""
    assert arguments.status("closed") == "closed"
