"""While a vote is open every page says the same whatever was chosen: nothing leaks, no count.

The same people vote twice in opposite ways; whoever looks must see the same to the last letter.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import people
from gongzhi.core.models import Outbox
from gongzhi.people.models import Account, Person
from voters import HOUR, Poll, poll

pytestmark = pytest.mark.django_db
WATCHERS = ("workshop_host", "committee", "supervisor", "town_officer", "county", "auditor")
CHANGING = (  # tokens of the page itself, new each time it is served
    r'name="csrfmiddlewaretoken" value="[^"]*"', r'name="(?:key|receipt|seen)" value="[^"]*"',
    r'data-live="[^"]*"', r"nonce-[^' ]*", r'"X-CSRFToken": *"[^"]*"',
)  # fmt: skip


def _patterns(found: list[Any] | None = None, before: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every address of the house with the names of what stands in it."""
    for one in get_resolver().url_patterns if found is None else found:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, path)
        elif isinstance(one, URLPattern):
            yield path, set(re.findall(r"<(?:\w+:)?(\w+)>", path))


def _of_a_vote(motion: int) -> list[str]:
    return [
        "/" + re.sub(r"<(?:\w+:)?motion_id>", str(motion), path)
        for path, names in _patterns() if names == {"motion_id"}
    ]  # fmt: skip


LISTS = ("/", "/votes", "/staff/votes", "/staff", "/board", "/county", "/meetings", "/log")


def _seen(client: Client, addresses: list[str]) -> dict[str, tuple[int, str]]:
    """What the pages say, without what is new in each of them anyway."""
    found = {}
    for address in addresses:
        answer = client.get(address)
        if answer.streaming:
            continue
        said = answer.content.decode(errors="replace")
        for token in CHANGING:
            said = re.sub(token, "", said)
        found[address] = answer.status_code, said
    return found


def _everybody(vote: Poll) -> dict[str, Client]:
    found: dict[str, Client] = {"nobody": Client()}
    whom: dict[str, Person] = {"a voter": vote.voters[0]}
    whom |= {role: vote.county.holders[role] for role in WATCHERS if role in vote.county.holders}
    for name, person in whom.items():
        client = Client()
        account, _ = Account.objects.get_or_create(
            person=person, defaults={"username": f"w{person.pk}"}
        )
        client.force_login(account)
        found[name] = client
    return found


@pytest.mark.parametrize("secret", [True, False])
def test_whatever_was_chosen_every_page_of_everybody_says_the_same_before_the_count(
    county: people.County, secret: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote = poll(county, secret=secret, count=8).open().votes(**{"for": 7})
    monkeypatch.setattr("django.utils.timezone.now", lambda: vote.at + 2 * HOUR)
    addresses = [*_of_a_vote(vote.id), *LISTS]
    assert len(addresses) > 12
    people_ = _everybody(vote)
    assert len(people_) > 5
    told = Outbox.objects.count()
    first = {name: _seen(client, addresses) for name, client in people_.items()}
    for who in range(1, 7):
        vote.vote(who, "against", seen=1, at=vote.at + 2 * HOUR)
    then = {name: _seen(client, addresses) for name, client in people_.items()}
    for name, pages in first.items():
        for address, said in pages.items():
            assert then[name][address] == said, (name, address)
    assert Outbox.objects.count() == told
    vote.close()
    result = vote.row.result
    assert result is not None
    assert result["votes"]["against"]["votes"] == 6
