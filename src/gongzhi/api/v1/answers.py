"""Answers written by msgspec: no schema runs over what our own queries made."""

from fractions import Fraction
from typing import Any

import msgspec
from django.http import HttpResponse

_encoder = msgspec.json.Encoder(enc_hook=lambda value: _plain(value))


def _plain(value: Any) -> Any:
    """Exact shares as numbers; anything else a query may hold as text."""
    return float(value) if isinstance(value, Fraction) else str(value)


def json(value: object, status: int = 200) -> HttpResponse:
    """`value` as JSON. Times come out with their zone."""
    return HttpResponse(_encoder.encode(value), content_type="application/json", status=status)


def geojson(value: object) -> HttpResponse:
    """A GeoJSON FeatureCollection."""
    return HttpResponse(_encoder.encode(value), content_type="application/geo+json")


def answers_as(*types: str) -> dict[str, Any]:
    """For the description of an operation: what it answers with besides JSON."""
    return {"responses": {200: {"content": {kind: {"schema": {}} for kind in types}}}}
