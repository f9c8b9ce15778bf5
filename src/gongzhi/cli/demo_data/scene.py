"""Virtual time for the demonstration: many lives of matters, told in the order of their hours.

A life is a generator that acts, then yields how long it waits. Between two moments the real
sweeper runs, so deadlines, warnings and climbing are the clock's own work.
"""

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from gongzhi.cli.demo_data.world import World
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import Refused
from gongzhi.matters import actions, jobs
from gongzhi.matters.models import Matter

Life = Generator[timedelta, datetime, None]
SWEEP_EVERY = timedelta(hours=8)


@dataclass
class Scene:
    """What lives share: the world, the dice, the hour, and a tally of what was refused."""

    world: World
    rng: Random
    refused: list[str] = field(default_factory=list)

    def awake(self, at: datetime) -> datetime:
        """The hour itself, or in the night the next morning: people sleep, the clock does not."""
        local = at.astimezone(SHANGHAI)
        if 8 <= local.hour < 20:
            return at
        morning = local.replace(hour=8, minute=self.rng.randrange(10, 59))
        return morning if local.hour < 8 else morning + timedelta(days=1)

    def hours(self, least: int, most: int) -> timedelta:
        """A length between the two."""
        return timedelta(minutes=self.rng.randrange(least * 60, most * 60 + 1))

    def move(self, matter: int, verb: str, by: int | None, at: datetime, **more: Any) -> None:
        """One move by its real action; a refusal ends the life and is noted."""
        actions.move(matter_id=matter, verb=verb, by=by, at=at, **more)

    def where(self, matter: int) -> Matter:
        """Where the matter stands now."""
        return Matter.objects.get(pk=matter)


def tell(
    scene: Scene,
    lives: list[tuple[datetime, Life]],
    until: datetime,
    progress: Callable[[int, int], None],
) -> None:
    """Run all lives up to `until`; what lies later is left waiting, as in real life."""
    waiting = [(start, n, life) for n, (start, life) in enumerate(lives)]
    heapq.heapify(waiting)
    for _, _, life in waiting:
        next(life)
    total, ended, swept = len(lives), 0, min(start for start, _ in lives)
    while waiting and waiting[0][0] < until:
        at, n, life = heapq.heappop(waiting)
        while swept + SWEEP_EVERY <= at:
            swept += SWEEP_EVERY
            _clock(swept)
        try:
            heapq.heappush(waiting, (scene.awake(at + life.send(at)), n, life))
            continue
        except StopIteration:
            pass
        except Refused as refused:
            scene.refused.append(f"{n} {at:%m-%d %H}: {refused.words}")
        ended += 1
        progress(ended, total)
    _clock(until)


def _clock(at: datetime) -> None:
    jobs.ask_those_concerned(at=at)
    jobs.sweep(at=at)
