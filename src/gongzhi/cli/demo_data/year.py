"""A year of one street in memory: each matter played by `decide`, in the hours people keep.

Nothing here knows the database. What is settled where is drawn before; whether it comes so is up
to the playbook and its clock.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from gongzhi.core.clock import SHANGHAI, WorkCalendar
from gongzhi.playbooks import play
from gongzhi.playbooks.moves import Facts, Move, Played, Position, Ratings, Refused, Step, Verb
from gongzhi.playbooks.schema import Playbook

LEVELS = ("grid", "community", "street", "district")
NEVER = timedelta(days=400)


@dataclass(slots=True)
class Lived:
    """One event of a life: who acts is a playbook role, looked up later."""

    verb: Verb
    result: str
    at: datetime
    role: str
    level: str  # where it stood when he acted
    position: Position
    data: dict[str, Any]


@dataclass(slots=True)
class Course:
    """One matter from its first event to where it stands at the end of the year."""

    start: datetime
    wanted: str  # the rung on which it is meant to be settled
    steps: list[Lived] = field(default_factory=list)
    settled: str = ""
    assigned: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    done: list[datetime] = field(default_factory=list)
    asked: datetime | None = None
    answer: tuple[datetime, bool, int] | None = None
    silent: bool = False

    @property
    def position(self) -> Position:
        """Where it stands."""
        return self.steps[-1].position


class Year:
    """Plays courses with one playbook, one calendar and one pair of dice."""

    def __init__(self, playbook: Playbook, calendar: WorkCalendar, rng: Random) -> None:
        self.playbook, self.calendar, self.rng = playbook, calendar, rng
        self.clock = Facts(calendar=calendar)

    def course(self, start: datetime, until: datetime, wanted: str, urgent: bool) -> Course:
        """One matter from `start` until it ends, or until the year is over."""
        course = Course(start, wanted)
        self.clock = Facts(calendar=self.calendar, urgent=urgent)
        first = play.start(self.playbook, self.clock, start)
        course.steps.append(Lived(Verb.RAISE, "stay", start, "", first.level, first, {}))
        at, by_clock = start, self.rng.random() < 0.25
        while not course.position.outcome and len(course.steps) < 60:
            verb, role, wait = self._next(course, by_clock)
            when = self._awake(at + wait)
            tick = play.next_tick(self.playbook, course.position, self.calendar)
            if tick is not None and tick <= when:
                if tick > until:
                    break
                at = max(at, tick)
                if not self._tick(course, at):
                    break
                continue
            if when > until:
                break
            at = when
            self._act(course, verb, role, at)
        return course

    def _next(self, course: Course, by_clock: bool) -> tuple[Verb, str, timedelta]:
        """What somebody will do where the matter stands now, who, and after how long."""
        now, hours = course.position, self._hours
        if now.stage == "report":
            return Verb.ACCEPT, "grid_worker" if now.level == "grid" else "desk", hours(0.3, 4)
        if now.stage == "file":
            return Verb.ACCEPT, "desk", hours(0.5, 5)
        if now.stage == "appraise":
            answers = course.answer is None and not course.silent and self.rng.random() < 0.8
            return Verb.RATE, "raiser", hours(50, 110) if answers else NEVER
        if now.stage == "publish":
            return Verb.PUBLISH, "supervisor", hours(2, 30)
        chief = "leaders" if now.stage == "leaders_joint" else "desk"
        if now.step is Step.DISPATCHING:
            below = LEVELS.index(now.level) < LEVELS.index(course.wanted)
            if below and now.stage == "handle":
                role = "grid_worker" if now.level == "grid" else "desk"
                return Verb.ESCALATE, role, NEVER if by_clock else hours(6, 40)
            return Verb.DISPATCH, chief, hours(1, 9)
        if now.step is Step.HANDLING:
            return Verb.REPORT_DONE, "handler", hours(6, 60)
        return Verb.VERIFY, "verifier", hours(3, 20)

    def _act(self, course: Course, verb: Verb, role: str, at: datetime) -> None:
        now = course.position
        move, data = self._move(course, verb, at)
        facts = Facts(
            calendar=self.calendar, actor=role, roles=frozenset({role}),
            handlers=frozenset({"handler"}) if course.assigned else frozenset(),
            open_parts=1 if now.step is Step.HANDLING else 0, urgent=self.clock.urgent,
        )  # fmt: skip
        answer = play.decide(self.playbook, now, move, facts, at)
        if isinstance(answer, Refused):
            raise ValueError(f"{verb} at {now.stage}/{now.level}/{now.step}: {answer.words}")
        self._effects(course, verb, answer, at)
        if verb is Verb.DISPATCH:
            due = answer.position.due_at or at
            data = {"kind": "assigned", "due_at": due.isoformat()}
        course.steps.append(Lived(verb, answer.result, at, role, now.level, answer.position, data))

    def _move(self, course: Course, verb: Verb, at: datetime) -> tuple[Move, dict[str, Any]]:
        if verb is Verb.ESCALATE:
            return Move(verb, reason="本级没有权限，提请上一级"), {}
        if verb is Verb.DISPATCH:
            return Move(verb, assignees=("handler",)), {}
        if verb is Verb.RATE:
            score = self.rng.choice((5, 5, 5, 4, 4, 3, 2))
            course.answer = (at, score >= 3, score)
            rated = self._ratings(course)
            return Move(verb, ratings=rated), {"ratings": _told(rated)}
        return Move(verb), {}

    def _ratings(self, course: Course) -> Ratings:
        if course.answer is None:
            return Ratings(asked=1)
        _, solved, score = course.answer
        return Ratings(asked=1, scores={score: 1}, not_solved=0 if solved else 1)

    def _tick(self, course: Course, at: datetime) -> bool:
        """Let the clock look; False if it had nothing to say."""
        now = course.position
        rated = now.stage == "appraise"
        ratings = self._ratings(course) if rated else None
        answer = play.decide(self.playbook, now, Move(Verb.TICK, ratings=ratings), self.clock, at)
        assert isinstance(answer, Played)
        if answer.position == now:
            return False
        data: dict[str, Any] = {"warned": answer.warned} if answer.warned else {}
        if ratings is not None:
            data["ratings"] = _told(ratings)
        course.silent = answer.silent
        self._effects(course, Verb.TICK, answer, at)
        course.steps.append(
            Lived(Verb.TICK, answer.result, at, "", now.level, answer.position, data)
        )
        return True

    def _effects(self, course: Course, verb: Verb, answer: Played, at: datetime) -> None:
        """What the real actions leave beside the position."""
        before, after = course.position, answer.position
        if verb is Verb.DISPATCH:
            course.assigned.append((before.level, at, after.due_at or at))
        elif verb is Verb.REPORT_DONE:
            course.done.append(at)
        elif verb is Verb.VERIFY:
            course.settled = before.level
        if after.stage == "appraise" and before.stage != "appraise":
            course.asked, course.answer = at + timedelta(days=2), None
        if before.stage == "appraise" and after.stage in ("handle", "leaders_joint"):
            course.settled = ""

    def _hours(self, least: float, most: float) -> timedelta:
        return timedelta(minutes=self.rng.uniform(least, most) * 60 // 1)

    def _awake(self, at: datetime) -> datetime:
        local = at.astimezone(SHANGHAI)
        if 8 <= local.hour < 20:
            return at
        morning = local.replace(hour=8, minute=self.rng.randrange(10, 59))
        return morning if local.hour < 8 else morning + timedelta(days=1)


def _told(ratings: Ratings) -> dict[str, Any]:
    scores = {str(score): n for score, n in ratings.scores.items()}
    return {"asked": ratings.asked, "scores": scores, "not_solved": ratings.not_solved}
