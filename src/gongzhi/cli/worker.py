"""The clock of the house: deadlines and reactions, round after round, in a process of its own.

Any number may run: what they take up they lock (`SKIP LOCKED`), what they do is idempotent.
"""

import importlib
import importlib.util
import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

import django
from django.db import Error, close_old_connections, connection

logger = logging.getLogger("gongzhi.worker")

# Module, function, seconds between two rounds. Called with `at`, they say how much they did.
ROUNDS = (
    ("gongzhi.matters.jobs", "sweep", 2.0),
    ("gongzhi.reactions", "run", 1.0),
    ("gongzhi.reactions.rounds", "work", 2.0),
    ("gongzhi.reactions.rounds", "ask", 60.0),
    ("gongzhi.reactions.rounds", "tidy", 3600.0),
    ("gongzhi.reactions.rounds", "learn", 3600.0),
)
_AFTER_TROUBLE = 5.0
_REST = 0.25


class Round:
    """One thing done again and again."""

    def __init__(self, name: str, work: Callable[..., object], every: float) -> None:
        self.name = name
        self.work = work
        self.every = every
        self.due = 0.0

    def turn(self, now: float) -> bool:
        """Do it when it is due. True when there was work, so there may be more at once."""
        if now < self.due:
            return False
        try:
            close_old_connections()
            done = bool(self.work(at=datetime.now(UTC)))
        except Error:
            # The database restarts, or two of us met: the work is still there next time.
            logger.warning("%s: the database refused, trying again", self.name, exc_info=True)
            connection.close()
            self.due = now + 1
            return False
        except Exception:
            # One bad row must not stop the other rounds; it is told each time until mended.
            logger.exception("%s failed", self.name)
            self.due = now + _AFTER_TROUBLE
            return False
        self.due = now if done else now + self.every
        return done


def main(argv: list[str]) -> int:
    """Work until asked to stop; a round under way is finished first."""
    django.setup()
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    rounds = [
        Round(name, getattr(importlib.import_module(name), function), every)
        for name, function, every in ROUNDS
        if importlib.util.find_spec(name) and hasattr(importlib.import_module(name), function)
    ]
    while not stop.is_set():
        # A list, not any(): every round gets its turn.
        busy = [each.turn(time.monotonic()) for each in rounds]
        stop.wait(0 if any(busy) else _REST)
    connection.close()
    return 0
