"""The live stream: sealed topics in, changes out."""

import http.client
import json
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from gongzhi.web import live
from installations import Installation

NOW = 1_800_000_000.0


@pytest.fixture(autouse=True)
def _same_key(house: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGZHI_SECRET_KEY", house.folder.secret())


class Stream:
    """An open page."""

    def __init__(self, house: Installation, topics: list[str]) -> None:
        parts = urlsplit(house.record()["live"])
        self.link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        self.link.request("GET", live.address("/live/", topics, time.time()))
        self.answer = self.link.getresponse()

    def event(self) -> str:
        """The data of the next event."""
        while not (line := self.answer.readline()).startswith(b"data:"):
            assert line, "the stream ended"
        return line.decode().removeprefix("data:").strip()


@pytest.fixture
def page(house: Installation) -> Iterator[Stream]:
    stream = Stream(house, ["matter:7", "inbox:3"])
    assert stream.answer.status == 200
    assert stream.answer.readline().startswith(b"retry")
    yield stream
    stream.link.close()


def notify(house: Installation, **topics: object) -> None:
    with psycopg.connect(house.record()["database"]) as link:
        link.execute("select pg_notify('gongzhi', %s)", [json.dumps(topics)])


def test_a_page_hears_of_its_own_topics_only(house: Installation, page: Stream) -> None:
    notify(house, matter=8)
    notify(house, matter=7)
    notify(house, inbox=[1, 2, 3])
    assert [page.event(), page.event()] == ["matter:7", "inbox:3"]


def test_after_the_database_was_away_every_page_looks_again(
    house: Installation, page: Stream
) -> None:
    with psycopg.connect(house.record()["database"], autocommit=True) as link:
        link.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and query ilike 'listen %'"
        )
    assert page.event() == "*"


def test_a_page_that_hangs_up_is_forgotten(house: Installation, page: Stream) -> None:
    other = Stream(house, ["matter:7"])
    other.link.close()
    notify(house, matter=7)
    assert page.event() == "matter:7"
    assert house.healthy()


@pytest.mark.parametrize("changed", ["topics=matter%3A8", "until=1", "seal=0", "until=9999999999"])
def test_topics_that_were_not_handed_out_are_refused(house: Installation, changed: str) -> None:
    query = live.address("", ["matter:7"], time.time()).lstrip("?")
    name = changed.split("=")[0]
    forged = "&".join(changed if part.startswith(name + "=") else part for part in query.split("&"))
    parts = urlsplit(house.record()["live"])
    link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    link.request("GET", f"/live/?{forged}")
    assert link.getresponse().status == 403


def test_an_address_is_good_for_half_a_day() -> None:
    query = live.address("", ["a:1"], NOW).lstrip("?")
    assert live.allowed(query, NOW + live.LIFETIME - 1) == ["a:1"]
    assert live.allowed(query, NOW + live.LIFETIME + 1) == []


def test_a_page_that_cannot_keep_up_is_told_to_look_at_everything() -> None:
    hub = live.Hub()
    with hub.subscribed(["a:1"]) as queue:
        for _ in range(1000):
            hub.tell("a:1")
        held = [queue.get_nowait() for _ in range(queue.qsize())]
    assert "*" in held
    assert len(held) <= 64
    assert not hub.listeners


@pytest.mark.parametrize("payload", ["", "7", "[1]", "nonsense", '"x"'])
def test_a_notice_that_is_none_is_passed_over(payload: str) -> None:
    assert live.topics_of(payload) == []
