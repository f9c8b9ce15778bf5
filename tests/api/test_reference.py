"""The reference names every address of the API, and none that is not there."""

import re
from pathlib import Path

from gongzhi.api.open311.views import SPECIFICATION
from gongzhi.api.urls import api

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_reference_lists_every_operation() -> None:
    written = set(
        re.findall(r"`(GET|POST) (/api/v1/[^`]*)`", (REFERENCE / "api.md").read_text("utf-8"))
    )
    there = {
        (method.upper(), path)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }
    assert written == there


def test_asking_for_the_description_again_computes_nothing() -> None:
    assert api.get_openapi_schema() is api.get_openapi_schema(path_params={})


def test_the_open311_reference_names_the_standard() -> None:
    assert SPECIFICATION in (REFERENCE / "open311.md").read_text("utf-8")
