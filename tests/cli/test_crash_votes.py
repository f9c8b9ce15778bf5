"""A vote is open or it is closed, whoever dies between the tally and the publication.

Closing counts, judges, writes the board anew, publishes, writes the session's resolution and tells
the outbox. The process is killed, or the database, before each of these; afterwards either nothing
of it stands or all of it, and closing again brings all of it.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gongzhi.cli import prepare
from gongzhi.cli.postgres import Postgres
from installations import Installation, eventually

CLOSING = Path(__file__).with_name("closing.py")
LAID = 100


@dataclass
class Village:
    """A database of its own with open votes in it."""

    server: Postgres
    env: dict[str, str]
    motions: list[int]
    clerk: subprocess.Popen[str] | None = None  # a process that nobody kills

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(_command(*words), env=self.env, capture_output=True, text=True,
                              timeout=120)  # fmt: skip

    def ask(self, *words: object) -> str:
        """What the process that lives on answers."""
        if self.clerk is None:
            self.clerk = subprocess.Popen(
                _command("serve"), env=self.env, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self.clerk.stdin is not None
        assert self.clerk.stdout is not None
        print(*words, file=self.clerk.stdin, flush=True)
        answer = self.clerk.stdout.readline()
        if not answer:
            self.clerk.communicate()
            self.clerk = None
        assert answer, words
        return answer

    def look(self, motion: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("look", motion))
        return found

    def close(self, motion: int) -> None:
        """To its end."""
        assert self.ask("close", motion) == "closed\n"

    def steps(self, motion: int) -> int:
        """Close it, by a process like those that will die; how many steps it took."""
        done = self.run("close", motion, 0, "die")
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[-1])

    def killed_at(self, motion: int, step: int) -> None:
        """The process that closes is gone before that step."""
        assert self.run("close", motion, step, "die").returncode == -signal.SIGKILL

    def power_cut_at(self, motion: int, step: int) -> None:
        """The database is gone before that step, and comes back."""
        closing = subprocess.Popen(
            _command("close", motion, step, "wait"), env=self.env, stdout=subprocess.PIPE, text=True
        )
        assert closing.stdout is not None
        assert closing.stdout.readline() == "waiting\n"
        child = self.server.child
        assert child is not None
        os.kill(child.pid, signal.SIGKILL)
        closing.kill()
        closing.wait()
        assert child.process is not None
        child.process.wait()
        eventually(self._back)

    def _back(self) -> bool:
        assert self.server.child is not None
        if self.server.child.ended():
            self.server.start_again()
        return self.server.answers()


def _command(*words: object) -> list[str]:
    return [sys.executable, str(CLOSING), *map(str, words)]


@pytest.fixture(scope="module")
def village(short_folder: Path) -> Iterator[Village]:
    place = Installation(short_folder / "data").begin_as("tables").folder
    server = Postgres(place)
    server.start()
    env = prepare.environment(place, server.url)
    env["PYTHONPATH"] = os.pathsep.join([env["PYTHONPATH"], str(CLOSING.parents[1])])
    made = Village(server, env, [])
    done = made.run("lay", LAID)
    assert done.returncode == 0, done.stderr
    made.motions = json.loads(done.stdout.splitlines()[-1])["motions"]
    yield made
    if made.clerk is not None:
        made.clerk.communicate()
    server.stop()


OPEN = {"state": "open", "root": "", "result": None, "outcome": "", "item": None, "ballots": 7,
        "published": [], "told": 0, "board": None}  # fmt: skip


def whole(found: dict[str, Any]) -> bool:
    """Whether it is closed with all that belongs to it; otherwise nothing of it may stand."""
    if found["state"] != "closed":
        assert found == OPEN
        return False
    assert len(found["root"]) == 64
    assert found["published"] == [found["root"]]
    assert (found["result"], found["outcome"], found["told"]) == ("pass", "resolution", 1)
    assert (found["ballots"], found["board"]) == (7, [])
    return True


def trouble(village: Village, kinds: list[str], steps: list[int], last: int) -> None:
    """One vote for each step: killed there, looked at, closed again, looked at."""
    for kind in kinds:
        for step in steps:
            motion = village.motions.pop()
            {"process": village.killed_at, "power": village.power_cut_at}[kind](motion, step)
            assert whole(village.look(motion)) == (step == last), (kind, step)
            village.close(motion)
            assert whole(village.look(motion))


@pytest.mark.slow
def test_a_vote_killed_while_it_closes_is_open_or_closed(village: Village) -> None:
    last = village.steps(village.motions.pop())
    drawn = random.Random(last).sample(range(3, last - 1), 2)
    trouble(village, ["process"], [drawn[0], last - 1], last)
    trouble(village, ["power"], [drawn[1], last], last)


@pytest.mark.slow
def test_control_without_one_transaction_it_stands_torn(village: Village) -> None:
    last = village.steps(village.motions.pop())

    def torn(step: int) -> bool:
        motion = village.motions.pop()
        village.run("close", motion, step, "torn")
        try:
            whole(village.look(motion))
        except AssertionError:
            return True
        return False

    assert any(torn(step) for step in range(last // 2, last, 2))


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["process", "power"])
def test_a_vote_killed_before_every_step_of_its_closing(village: Village, kind: str) -> None:
    last = village.steps(village.motions.pop())
    trouble(village, [kind], list(range(1, last + 1)), last)
