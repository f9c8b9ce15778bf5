"""The whole installation under fire: matters come in by the API while its processes are killed.

A program keeps asking with the same key until it has an answer. What was answered is there, once;
every matter is what its events say.
"""

import http.client
import json
import os
import random
import signal
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from installations import HOUSE, Installation, children_of, eventually

CALLERS = 2
SEED = """
import sys; sys.path.insert(0, {tests!r})
import people
from gongzhi.people import accounts
county = people.make_county()
mei = county.ah_mei.pk
_, token = accounts.make_token(
    person_id=mei, name="crash", scopes=("matters:read", "matters:write"), by=mei, at=people.NOW)
print("TOKEN", token, county.place("building").code)
"""


class Caller(threading.Thread):
    """A program that raises matters one after another and never gives up on one."""

    def __init__(self, house: Installation, name: str, token: str, place: str) -> None:
        super().__init__(daemon=True)
        self.house, self.label, self.token, self.place = house, name, token, place
        self.answered: dict[str, str] = {}
        self.refused: list[str] = []
        self.wanted = 0
        self.already = len(numbers(house))
        self.enough = threading.Event()

    def has_enough(self) -> bool:
        return len(self.answered) >= self.wanted or bool(self.refused)

    def run(self) -> None:
        while not self.enough.is_set():
            key = f"{self.label}-{len(self.answered)}"
            number = self.ask(key)
            if number:
                self.answered[key] = number

    def ask(self, key: str) -> str:
        """The number it was given; empty when the answer never came."""
        where = urlsplit(self.house.record()["address"])
        link = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
        body = {"body": "楼道灯坏了三天，老人上下楼看不见。", "place": self.place}
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            link.request("POST", "/api/v1/matters", json.dumps(body), headers)
            answer = link.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            return ""
        finally:
            link.close()
        if answer.status in (200, 201):
            return str(json.loads(said)["number"])
        if answer.status < 500:
            self.refused.append(said.decode())
            self.enough.set()
        return ""


@pytest.fixture(scope="module")
def known(house: Installation) -> tuple[str, str]:
    """A token and the code of a place: one county for all tests of this installation."""
    script = SEED.format(tests=str(HOUSE / "tests"))
    done = house.run("manage", "shell", "-v", "0", "-c", script)
    words = next((line.split() for line in done.stdout.splitlines() if "TOKEN" in line), None)
    assert words, done.stderr
    return words[1], words[2]


@pytest.fixture
def callers(
    house: Installation, known: tuple[str, str], request: pytest.FixtureRequest
) -> Iterator[list[Caller]]:
    found = [Caller(house, f"{request.node.name[:20]}-{n}", *known) for n in range(CALLERS)]
    for caller in found:
        caller.start()
    yield found
    for caller in found:
        caller.enough.set()
        caller.join()


def kill(house: Installation, name: str, chance: random.Random) -> None:
    """kill -9 of one child, or of one of the processes it made; once it runs again."""

    def struck() -> bool:
        child = house.record()["children"][name]
        below = children_of(child) if name == "web" else []
        try:
            os.kill(chance.choice([child, *below]), signal.SIGKILL)
        except ProcessLookupError:  # the supervisor has not yet replaced the one killed before
            return False
        return True

    eventually(struck)


def under_fire(house: Installation, callers: list[Caller], kills: list[str]) -> None:
    """Kill one after another, each after new matters came in."""
    chance = random.Random(len(kills))
    for name in kills:
        for caller in callers:
            caller.wanted = len(caller.answered) + chance.randint(1, 8)
        eventually(lambda: all(caller.has_enough() for caller in callers), 120)
        assert not any(caller.refused for caller in callers), callers[0].refused
        kill(house, name, chance)
    for caller in callers:
        caller.enough.set()
        caller.join()
    eventually(house.healthy)


def check_nothing_is_lost(house: Installation, callers: list[Caller]) -> None:
    answered = [number for caller in callers for number in caller.answered.values()]
    assert len(set(answered)) == len(answered), "two requests were given one matter"
    there = numbers(house)
    assert set(answered) <= there
    # At most the last request of each caller was kept without its answer arriving.
    assert len(there) - len(answered) <= callers[0].already + len(callers)
    verified = house.run("verify")
    assert verified.returncode == 0, verified.stdout
    assert str(len(there)) in verified.stdout


def numbers(house: Installation) -> set[str]:
    """The matters that are there."""
    with psycopg.connect(house.record()["database"]) as link:
        return {number for (number,) in link.execute("select number from matters_matter")}


@pytest.mark.slow
def test_what_was_answered_is_there_once(house: Installation, callers: list[Caller]) -> None:
    under_fire(house, callers, ["web", "worker", "postgres", "web"])
    check_nothing_is_lost(house, callers)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_two_hundred_processes_and_twenty_databases(
    house: Installation, callers: list[Caller]
) -> None:
    names = ["web", "worker"] * 100 + ["postgres"] * 20
    random.Random(7).shuffle(names)
    under_fire(house, callers, names)
    check_nothing_is_lost(house, callers)
