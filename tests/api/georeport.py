"""A GeoReport v2 client written from the specification, strict about everything it receives.

It knows nothing of our code: addresses, parameters, elements and value sets are the standard's.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus
from xml.etree import ElementTree

from django.test import Client

W3C = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$")
SERVICE = {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
REQUEST = {
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime",
    "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url",
}  # fmt: skip
MAY_LACK = {"status_notes", "agency_responsible", "service_notice", "expected_datetime"}
Row = dict[str, Any]


class Refused(Exception):
    """The endpoint answered with errors."""

    def __init__(self, status: int, errors: list[Row]) -> None:
        super().__init__(status, errors)
        self.status, self.errors = status, errors


@dataclass
class GeoReport:
    """Speaks one of the two formats."""

    web: Client
    fmt: str
    base: str = "/open311/v2"

    def services(self) -> list[Row]:
        found = self._get("services", "services", "service")
        for row in found:
            assert set(row) == SERVICE, row
            assert _text(row["metadata"]) in ("true", "false")
            assert row["type"] in ("realtime", "batch", "blackbox")
        return found

    def definition(self, code: str) -> Row:
        response = self.web.get(f"{self.base}/services/{code}.{self.fmt}")
        found = self._one(response, "service_definition")
        assert set(found) == {"service_code", "attributes"}
        return found

    def requests(self, **given: str) -> list[Row]:
        found = self._get("requests", "service_requests", "request", **given)
        for row in found:
            self._check(row)
        return found

    def request(self, number: str, **given: str) -> Row:
        found = self._get(f"requests/{number}", "service_requests", "request", **given)
        assert len(found) == 1
        self._check(found[0])
        return found[0]

    def token(self, token: str) -> Row:
        found = self._get(f"tokens/{token}", "service_requests", "request")
        assert len(found) == 1
        assert set(found[0]) == {"service_request_id", "token"}
        return found[0]

    def post(self, **given: str) -> Row:
        response = self.web.post(
            f"{self.base}/requests.{self.fmt}",
            data="&".join(f"{name}={_quoted(value)}" for name, value in given.items()),
            content_type="application/x-www-form-urlencoded; charset=utf-8",
        )
        made = self._many(response, "service_requests", "request")
        assert len(made) == 1
        assert ("service_request_id" in made[0]) != ("token" in made[0])
        return made[0]

    def _check(self, row: Row) -> None:
        assert set(row) >= REQUEST - MAY_LACK, row
        assert row["status"] in ("open", "closed")
        for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
            if row.get(name):
                assert W3C.match(row[name]), row[name]
        if row["lat"]:
            assert -90 <= float(row["lat"]) <= 90
            assert -180 <= float(row["long"]) <= 180

    def _get(self, path: str, container: str, element: str, **given: str) -> list[Row]:
        response = self.web.get(f"{self.base}/{path}.{self.fmt}", given)
        return self._many(response, container, element)

    def _many(self, response: Any, container: str, element: str) -> list[Row]:
        self._raise(response)
        if self.fmt == "json":
            found = json.loads(response.content)
            assert isinstance(found, list)
            return found
        return _rows(_root(response, container), element)

    def _one(self, response: Any, name: str) -> Row:
        self._raise(response)
        if self.fmt == "json":
            found = json.loads(response.content)
            assert isinstance(found, dict)
            return found
        return {child.tag: child.text or list(child) for child in _root(response, name)}

    def _raise(self, response: Any) -> None:
        kind = {"xml": "text/xml", "json": "application/json"}[self.fmt]
        assert response["Content-Type"] == f"{kind}; charset=utf-8"
        if response.status_code < 400:
            return
        if self.fmt == "json":
            errors = json.loads(response.content)
        else:
            errors = _rows(_root(response, "errors"), "error")
        assert errors
        assert all(set(error) == {"code", "description"} for error in errors)
        assert all(str(error["code"]).isdigit() and error["description"] for error in errors)
        raise Refused(response.status_code, errors)


def _root(response: Any, name: str) -> ElementTree.Element:
    assert re.match(rb'<\?xml version="1.0" encoding="utf-8"\?>', response.content, re.IGNORECASE)
    root = ElementTree.fromstring(response.content)
    assert root.tag == name
    return root


def _rows(root: ElementTree.Element, element: str) -> list[Row]:
    assert all(child.tag == element for child in root)
    return [{field.tag: field.text for field in child} for child in root]


def _text(value: object) -> str:
    return str(value).lower()


def _quoted(value: object) -> str:
    return quote_plus(str(value))
