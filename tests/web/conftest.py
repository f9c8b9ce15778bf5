"""Signed-in visitors without a browser, at the county's own hour."""

from collections.abc import Callable

import pytest
from django.test import Client

from gongzhi.matters import actions
from gongzhi.people.models import Person
from people import NOW, County

SignIn = Callable[[str | Person], Client]


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock once each; here it stands at the county's hour."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def sign_in(county: County, at_now: None) -> SignIn:
    """A client signed in as a person of the cast, or as the holder of a role."""

    def client_of(who: str | Person) -> Client:
        client = Client()
        client.force_login((county.holders[who] if isinstance(who, str) else who).account)
        return client

    return client_of


@pytest.fixture
def lamp(county: County) -> actions.Raised:
    """Ah-Mei's broken lamp, raised a moment ago."""
    return actions.raise_matter(
        by=county.ah_mei.pk, at=NOW, key=None, body="村口路灯不亮，晚上走路看不见。",
        place_id=county.place("building").pk, source="page",
    )  # fmt: skip
