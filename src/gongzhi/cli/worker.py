"""The clock of the house: deadlines, reactions, messages, round after round, in one process.

Each has a thread, so that a slow text gateway or an hour of learning holds up no deadline. Any
number of workers may run: what one takes up it locks (`SKIP LOCKED`), and all is idempotent.
"""

import importlib
import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

import django
from django.db import Error, close_old_connections, connection

logger = logging.getLogger("gongzhi.worker")

# Module, function, seconds between two rounds. Called with `at`, they say how much they did.
ROUNDS = (
    ("gongzhi.matters.jobs", "sweep", 2.0),
    ("gongzhi.surveys.jobs", "sweep", 10.0),
    ("gongzhi.reactions", "run", 1.0),
    ("gongzhi.mall.actions", "expire", 10.0),
    ("gongzhi.mall.jobs", "sweep", 30.0),
    ("gongzhi.ledger.jobs", "sweep", 60.0),
    ("gongzhi.ledger.jobs", "tidy", 3600.0),
    ("gongzhi.log.jobs", "sequence", 2.0),
    ("gongzhi.log.jobs", "ask", 30.0),
    ("gongzhi.log.jobs", "ask_here", 5.0),
    ("gongzhi.log.jobs", "anchor", 60.0),
    ("gongzhi.deliberation.ballots.jobs", "sweep", 1.0),
    ("gongzhi.deliberation.rounds.jobs", "sweep", 5.0),
    ("gongzhi.reactions.rounds", "work", 2.0),
    ("gongzhi.reactions.rounds", "ask", 60.0),
    ("gongzhi.reactions.rounds", "tidy", 3600.0),
    ("gongzhi.reactions.rounds", "learn", 3600.0),
)
_AFTER_LOSS = 1.0
_AFTER_TROUBLE = 5.0
_PATIENCE = 3.0


class Round:
    """One thing done again and again."""

    def __init__(self, name: str, work: Callable[..., object], every: float) -> None:
        self.name = name
        self.work = work
        self.every = every

    def keep_going(self, stop: threading.Event) -> None:
        """Turn after turn; at once again while there is work."""
        wait = 0.0
        while not stop.wait(wait):
            wait = self.turn()
        connection.close()

    def turn(self) -> float:
        """Do it once. Returns the seconds to rest."""
        try:
            close_old_connections()
            return 0 if self.work(at=datetime.now(UTC)) else self.every
        except Error:
            # The database restarts, or two of us met: the work is still there next time.
            logger.warning("%s: the database refused, trying again", self.name, exc_info=True)
            connection.close()
            return _AFTER_LOSS
        except Exception:
            # One bad row must not stop the clock; it is told each time until mended.
            logger.exception("%s failed", self.name)
            return _AFTER_TROUBLE


def main(argv: list[str]) -> int:
    """Work until asked to stop; a round under way is finished first, if it is a short one."""
    django.setup()
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    threads = []
    for name, function, every in ROUNDS:
        work = getattr(importlib.import_module(name), function)
        turns = Round(f"{name}.{function}", work, every)
        threads.append(threading.Thread(target=turns.keep_going, args=[stop], daemon=True))
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join(_PATIENCE)
    return 0
