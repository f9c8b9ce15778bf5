"""The desk's tests: a signed-in browserless client for anybody of the cast, and a matter."""

from collections.abc import Callable

import pytest
from django.test import Client

from gongzhi.matters import actions
from gongzhi.people.models import Person
from people import NOW, County

Desk = Callable[[str | Person], Client]


@pytest.fixture
def desk(county: County, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A client signed in as the holder of a role, at the county's own hour."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)

    def sign_in(who: str | Person) -> Client:
        person = county.holders[who] if isinstance(who, str) else who
        client = Client()
        client.force_login(person.account)
        return client

    return sign_in


@pytest.fixture
def raised(county: County) -> actions.Raised:
    """Ah-Mei's broken lamp, raised a moment ago."""
    return actions.raise_matter(
        by=county.ah_mei.pk, at=NOW, key=None, body="楼道灯坏了，晚上看不见路。",
        place_id=county.place("building").pk, source="page",
    )  # fmt: skip
