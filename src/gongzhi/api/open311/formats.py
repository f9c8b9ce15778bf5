"""One tree of plain values, written as XML or JSON.

JSON follows the Spark convention of the standard: a container of equal elements is an array, and
the outermost element has no name.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from xml.etree import ElementTree

import msgspec
from django.http import HttpResponse

from gongzhi.core.clock import SHANGHAI

Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]

TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
ELEMENT = {  # what an element of each container is called
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(fmt: str, name: str, value: Value, status: int = 200) -> HttpResponse:
    """`value` in the format, as the element `name`. Anybody's page may read it: it is public."""
    content = to_json(value) if fmt == "json" else to_xml(name, value)
    response = HttpResponse(content, content_type=TYPES[fmt], status=status)
    response["Access-Control-Allow-Origin"] = "*"
    response["Content-Length"] = str(len(content))
    return response


def to_json(value: Value) -> bytes:
    """Spark JSON, UTF-8."""
    made: bytes = msgspec.json.encode(value)
    return made


def to_xml(name: str, value: Value) -> bytes:
    """An XML document, UTF-8, without namespaces as the standard asks."""
    made: bytes = ElementTree.tostring(_element(name, value), "utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + made


def when(at: datetime | None) -> str | None:
    """A moment as W3C date and time with its zone, to the second."""
    return None if at is None else at.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _element(name: str, value: Value) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, Mapping):
        element.extend(_element(key, inner) for key, inner in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        element.extend(_element(ELEMENT[name], inner) for inner in value)
    else:
        element.text = _NOT_XML.sub("", _text(value))
    return element


def _text(value: str | int | float | bool | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
