"""One diary for all that enters the books, told in the order of its hours; then the log is sealed.

A witness of the demonstration's own signs what was sealed, and every head after it: its key is made
now and stays with this installation.

An entry dated before what the log holds already is "back-dating" to every verifier. So communities
that keep points cannot be told one after the other, as towns that deliberate can.
"""

import heapq
from collections.abc import Callable
from datetime import datetime

from gongzhi.log import actions, jobs

WITNESS = "示范监督委员会（示范自带，和本系统在同一台电脑上）"
Step = Callable[[datetime], object]


class Diary:
    """Steps with their hours; a step may write further ones."""

    def __init__(self) -> None:
        self._steps: list[tuple[datetime, int, Step]] = []
        self._count = 0

    def on(self, at: datetime, step: Step) -> None:
        """Note a step; those of the same moment keep their order."""
        self._count += 1
        heapq.heappush(self._steps, (at, self._count, step))

    def tell(self, until: datetime) -> int:
        """Do what is noted up to then, the earliest first; how many."""
        told = 0
        while self._steps and self._steps[0][0] <= until:
            at, _, step = heapq.heappop(self._steps)
            step(at)
            told += 1
        return told


def seal(at: datetime) -> None:
    """What waits gets its place and a signed head: receipts can be had at the first visit."""
    while jobs.sequence(at=at):
        pass
    actions.witness_here(title=WITNESS, at=at)
    jobs.ask_here(at=at)
