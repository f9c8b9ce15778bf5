"""The API keeps to its own description under a thousand invented calls, and never breaks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from programs import Program, program, raised, refusal
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gongzhi.config.wsgi import application
from people import make_county

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance, response_headers_conformance,
]  # fmt: skip
CALM = hypothesis_settings(
    max_examples=32,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture(scope="module")
def clerk(django_db_setup: None, django_db_blocker: Any) -> Iterator[Program]:
    """One county for all calls, with two matters to stumble upon, and somebody who may do much."""
    with django_db_blocker.unblock(), transaction.atomic():
        county = make_county()
        raised(county)
        raised(county, lon=118.5012, lat=32.9034)
        yield program(county.holders["committee"])
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """Each call alone: what it wrote, or broke, is gone before the next.

    A call from outside Django's own client would close the connection of the test.
    """
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for signal in ends:
        signal.connect(close_old_connections)


@schema.parametrize()
@CALM
def test_every_invented_call_is_answered_as_described(case: Any, clerk: Program) -> None:
    # As it is: the checks do not unpack what a browser would.
    headers = {"Authorization": f"Bearer {clerk.token}", "Accept-Encoding": "identity"}
    with undone():
        case.call_and_validate(headers=headers, checks=CHECKS)


NASTY = st.one_of(
    st.sampled_from(
        ["", " ", "\x00", "a\x00b", "\u202e倒着写\u202c", "👨‍👩‍👧‍👦🏳️‍🌈", "１２３４５６",
         "长" * 100_000,
         "'; drop table matters_matter; --", "<script>alert(1)</script>", "%s%(x)s{0}",
         "٣٤", "\u200b\u2060\ufeff", "NaN", "null", "../../etc/passwd", "e\u0301" * 50]
    ),
    st.text(st.characters(codec="utf-8"), max_size=40),
)  # fmt: skip
FIELDS = ("body", "title", "where", "place", "category", "consent_note", "source", "lon", "urgent",
          "raised_by", "uploads")  # fmt: skip
WRONG = st.one_of(
    NASTY, st.none(), st.booleans(), st.integers(), st.floats(),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(["a", ""]), st.integers(), max_size=2),
)  # fmt: skip


@CALM
@given(field=st.sampled_from(FIELDS), value=WRONG)
def test_no_value_of_any_field_breaks_raising(clerk: Program, field: str, value: object) -> None:
    body = {"body": "路灯不亮", "place": "320830101201"} | {field: value}
    with undone():
        answer = clerk.post("/matters", body)
    assert answer.status_code in (200, 201, 400, 403, 404, 409, 422), (body, answer.content)
    if answer.status_code >= 400:
        refusal(answer)


@CALM
@given(q=NASTY, path=st.sampled_from(["/search", "/places", "/matters", "/suggest/category"]))
def test_no_search_breaks(clerk: Program, q: str, path: str) -> None:
    try:
        answer = clerk.get(path, **({"text": q} if "suggest" in path else {"q": q}))
    except UnicodeEncodeError:
        return
    assert answer.status_code in (200, 422), (path, q, answer.content)


@CALM
@given(number=NASTY)
def test_no_number_breaks(clerk: Program, number: str) -> None:

    part = quote(number, safe="")[:2000]
    answer = clerk.get(f"/matters/{part}")
    assert answer.status_code in (200, 404, 422), (number, answer.content)


OPEN311_FIELDS = ("service_code", "lat", "long", "address_string", "address_id", "description",
                  "media_url", "email", "phone", "first_name", "account_id", "jurisdiction_id",
                  "api_key")  # fmt: skip


@CALM
@given(field=st.sampled_from(OPEN311_FIELDS), value=NASTY, fmt=st.sampled_from(["xml", "json"]))
def test_no_field_breaks_open311(clerk: Program, field: str, value: str, fmt: str) -> None:
    form = {"api_key": clerk.token, "service_code": "other", "address_string": "村口"}
    with undone():
        answer = Program().web.post(f"/open311/v2/requests.{fmt}", form | {field: value})
    assert answer.status_code in (201, 400, 403, 404), (field, value, answer.content)


@CALM
@given(name=st.sampled_from(["status", "start_date", "end_date", "page", "page_size",
                             "service_code", "service_request_id", "jurisdiction_id", "api_key"]),
       value=NASTY)  # fmt: skip
def test_no_query_breaks_open311(clerk: Program, name: str, value: str) -> None:
    answer = Program().web.get("/open311/v2/requests.json", {name: value})
    assert answer.status_code in (200, 400, 403, 404, 422), (name, value, answer.content)


def test_the_description_is_complete_enough_to_build_a_client_from(clerk: Program) -> None:
    described = Program().get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["operationId"], path
            assert {"200", "201"} & set(operation["responses"]), path
