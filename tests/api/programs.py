"""Programs that call the API in tests: each speaks with the token of somebody of the cast."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from gongzhi.matters.actions import Raised, raise_matter
from gongzhi.people import accounts
from gongzhi.people.models import Person
from gongzhi.people.roles import SCOPES
from people import NOW, County

BASE = "/api/v1"
_keys = itertools.count()


@dataclass
class Program:
    """A caller with a token, or without one."""

    token: str = ""
    web: Client = field(default_factory=Client)

    def get(self, path: str, **query: Any) -> Any:
        return self.web.get(BASE + path, query, headers=self._headers())

    def post(self, path: str, body: object = None, *, key: str = "") -> Any:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return self.web.post(
            BASE + path, json.dumps(body if body is not None else {}), "application/json",
            headers=headers,
        )  # fmt: skip

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def program(person: Person, *scopes: str) -> Program:
    """A program that speaks for a person; with all scopes when none is named."""
    _, secret = accounts.make_token(
        person_id=person.pk, name="测试", scopes=scopes or tuple(SCOPES), by=person.pk, at=NOW
    )
    return Program(secret)


def raised(
    county: County, *, place: str = "building", by: Person | None = None, **more: Any
) -> Raised:
    """A matter of Ah-Mei's in her building, or as said."""
    given: dict[str, Any] = {
        "body": "楼道灯坏了三天，老人上下楼看不见。",
        "source": "page",
        "category": "facilities.lighting",
    }
    return raise_matter(
        by=(by or county.ah_mei).pk, at=NOW, key=f"test-{next(_keys)}",
        place_id=county.place(place).pk, **(given | more),
    )  # fmt: skip


def refusal(response: Any) -> dict[str, Any]:
    """The refusal in an answer, in its one shape."""
    body = response.json()
    assert set(body) == {"error"}, body
    error: dict[str, Any] = body["error"]
    assert error["code"]
    assert error["message"]
    assert "todo" in error
    return error
