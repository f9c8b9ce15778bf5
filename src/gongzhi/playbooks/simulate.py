"""What a playbook would do here: matters arrive, people are few, clocks run, and `decide` answers.

An event simulation with finite staff on every rung. It has no rules of its own: each step is a
move on a `Room`, so what it shows is what the server would do. Same seed, same result.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from fractions import Fraction
from heapq import heappop, heappush
from math import ceil, log
from random import Random

from gongzhi.core.clock import SHANGHAI, Term, WorkCalendar
from gongzhi.playbooks import play
from gongzhi.playbooks.moves import (
    Attendance,
    Move,
    Outcome,
    Played,
    Position,
    Ratings,
    Tally,
    Verb,
)
from gongzhi.playbooks.room import Room
from gongzhi.playbooks.schema import Playbook

FIRST_DAY = datetime(2026, 1, 5, 0, 0, tzinfo=SHANGHAI)
_STAFF, _VERIFIER, _PEOPLE, _WORKER = "staff", "verifier", "people", "worker"


@dataclass(frozen=True)
class Setting:
    """What is assumed. Hours are working hours, shares are of one."""

    per_day: float = 10.0  # matters raised on a calendar day, on average
    days: int = 120  # how long matters are raised
    staff: Mapping[str, int] = field(default_factory=dict)  # level → people; see `enough_staff`
    able: Mapping[str, Fraction] = field(default_factory=dict)  # level → part it can settle itself
    handle_hours: float = 6.0  # work on one matter: the median
    handle_spread: float = 2.0  # nine of ten lie within median ÷ and × this, squared
    desk_hours: float = 0.5  # accepting, filing, publishing
    meeting_hours: float = 3.0
    agree: float = 0.9  # part of votes that pass
    there: float = 0.95  # part of meetings that reach their quorum
    answer: float = 0.6  # part of those asked who answer
    content: float = 0.85  # part of the answers that say it is solved
    seed: int = 1
    calendar: WorkCalendar = field(default_factory=WorkCalendar)


def abilities(playbook: Playbook, setting: Setting) -> dict[str, float]:
    """What part of the matters reaching a level it can settle: as given, or as the shares want it.

    With shares 4-3-2-1 the grid settles 4/10 of what reaches it, the community 3/6 of the rest.
    """
    found: dict[str, float] = {}
    for rung, level in enumerate(playbook.levels):
        above = [x.target_share for x in playbook.levels[rung:] if x.target_share is not None]
        left = sum(above, Fraction())
        share = level.target_share
        wanted = share / left if share is not None and left else Fraction(17, 20)
        found[level.id] = float(setting.able.get(level.id, wanted))
    found[playbook.levels[-1].id] = float(setting.able.get(playbook.levels[-1].id, 1))
    return found


def enough_staff(playbook: Playbook, setting: Setting) -> dict[str, int]:
    """People per level: as given, or so many that they are busy about 70 % of the time."""
    able, arriving = abilities(playbook, setting), setting.per_day
    start = playbook.level_index(playbook.start_level)
    gates = [stage.gate.kind for stage in playbook.stages if not stage.level]
    meetings = sum(kind in ("hearing", "vote") for kind in gates)
    desks = sum(kind not in ("hearing", "vote", "joint", "rate") for kind in gates)
    paper = meetings * setting.meeting_hours + desks * setting.desk_hours
    found: dict[str, int] = {}
    for rung, level in enumerate(playbook.levels):
        reached = arriving if rung >= start else 0.0
        hours = reached * (setting.handle_hours * able[level.id] + paper) * 7 / 5
        found[level.id] = setting.staff.get(level.id, max(1, ceil(hours / 7 / 0.7)))
        arriving = reached * (1 - able[level.id]) if rung >= start else arriving
    return found


@dataclass
class Case:
    """One matter in the simulation."""

    room: Room
    raised: datetime
    epoch: int = 0  # grows whenever the matter moves: work queued for an earlier epoch is void
    waited: dict[str, float] = field(default_factory=dict)  # level → hours in its queue
    breaches: list[tuple[str, str]] = field(default_factory=list)  # (stage, level) passed late
    silent: bool = False
    reworked: bool = False
    settled: str = ""  # the level whose work was verified last


@dataclass(frozen=True, slots=True)
class _Job:
    case: Case
    epoch: int
    hours: float
    move: Move
    actor: str
    since: datetime
    level: str


class Simulation:
    """The county on the table: `run` lets it happen, then `cases` tells."""

    def __init__(self, playbook: Playbook, setting: Setting) -> None:
        self.playbook, self.setting = playbook, setting
        self.chance = Random(setting.seed)  # noqa: S311 nothing secret is drawn here
        self.able = abilities(playbook, setting)
        self.staff = enough_staff(playbook, setting)
        self.free = dict(self.staff)
        self.busy = dict.fromkeys(self.staff, 0.0)
        self.queues: dict[str, deque[_Job]] = {level: deque() for level in self.staff}
        self.events: list[tuple[datetime, int, str, Case | None, _Job | int | None]] = []
        self.cases: list[Case] = []
        self._number = 0
        self._people = _people(playbook)
        self.end = FIRST_DAY + timedelta(days=setting.days)

    def run(self) -> list[Case]:
        """Everything that happens, until the last matter has ended or a year has passed after."""
        self._arrivals()
        last = self.end + timedelta(days=365)
        while self.events:
            at, _, kind, case, what = heappop(self.events)
            if at > last:
                break
            if kind == "raise":
                self._raise(at)
            elif kind == "tick" and case is not None:
                self._tick(case, what, at)
            elif isinstance(what, _Job):
                self._finish(what, at, by_staff=kind == "done")
        return self.cases

    def _at(self, at: datetime, kind: str, case: Case | None, what: _Job | int | None) -> None:
        self._number += 1
        heappush(self.events, (at, self._number, kind, case, what))

    def _arrivals(self) -> None:
        at = FIRST_DAY
        while True:
            at += timedelta(days=self.chance.expovariate(self.setting.per_day))
            if at >= self.end:
                return
            midnight = datetime.combine(at, time(0), SHANGHAI)
            waking = midnight + timedelta(hours=7) + (at - midnight) * 0.6
            self._at(waking, "raise", None, None)

    def _raise(self, at: datetime) -> None:
        room = Room(self.playbook, self._people, at, self.setting.calendar)
        case = Case(room, at)
        self.cases.append(case)
        self._moved(case, at)

    def _tick(self, case: Case, epoch: object, at: datetime) -> None:
        if epoch == case.epoch and not case.room.position.outcome:
            before = case.room.position
            answer = self._play(case, None, Move(Verb.TICK), at)
            judged = self.playbook.stage(before.stage).gate.kind == "rate"
            if before.due_at is not None and at >= before.due_at and not judged:
                case.breaches.append((before.stage, before.level))
            self._after(case, before, answer, at)

    def _play(self, case: Case, actor: str | None, move: Move, at: datetime) -> Played | None:
        case.room.at = at
        answer = case.room.play(actor, move)
        case.room.history.clear()
        return answer if isinstance(answer, Played) else None

    def _after(self, case: Case, before: Position, answer: Played | None, at: datetime) -> None:
        if answer is None:
            return
        case.silent = case.silent or (answer.silent and answer.result == "pass")
        case.reworked = case.reworked or answer.result == "fail"
        now = case.room.position
        if (now.stage, now.level) != (before.stage, before.level) or now.outcome:
            self._moved(case, at)
        else:
            self._watch(case)

    def _watch(self, case: Case) -> None:
        due = play.next_tick(self.playbook, case.room.position, self.setting.calendar)
        if due is not None:
            self._at(due, "tick", case, case.epoch)

    def _moved(self, case: Case, at: datetime) -> None:
        """The matter stands somewhere new: the clock is watched and somebody gets work."""
        case.epoch += 1
        if case.room.position.outcome:
            return
        self._watch(case)
        kind = self.playbook.stage(case.room.position.stage).gate.kind
        if kind == "rate":
            self._ask(case, at)
        elif kind == "joint":
            self._handle(case, at)
        else:
            self._desk(case, kind, at)

    def _ask(self, case: Case, at: datetime) -> None:
        """The raiser answers within a few days, or not at all; then the clock passes it on."""
        if self.chance.random() >= self.setting.answer:
            return
        happy = self.chance.random() < self.setting.content
        ratings = Ratings(1, {5: 1}) if happy else Ratings(1, {1: 1}, 1)
        move = Move(Verb.RATE, ratings=ratings)
        job = _Job(case, case.epoch, 0, move, _PEOPLE, at, case.room.position.level)
        self._at(at + timedelta(days=self.chance.expovariate(0.5)), "answer", case, job)

    def _handle(self, case: Case, at: datetime) -> None:
        level = case.room.position.level
        climbs = self.playbook.climb is not None and "decision" in self.playbook.climb.by
        fixed = bool(self.playbook.stage(case.room.position.stage).level)
        if self.chance.random() < self.able[level] or fixed or not climbs:
            self._play(case, _STAFF, Move(Verb.DISPATCH, assignees=(_WORKER,)), at)
            spread = log(self.setting.handle_spread) / 1.645
            hours = self.setting.handle_hours * self.chance.lognormvariate(0, 2 * spread)
            self._queue(case, hours, Move(Verb.REPORT_DONE), _WORKER, at)
        else:
            move = Move(Verb.ESCALATE, reason="本级办不了")
            self._queue(case, self.setting.desk_hours, move, _STAFF, at)

    def _desk(self, case: Case, kind: str, at: datetime) -> None:
        setting = self.setting
        yes, there = self.chance.random() < setting.agree, self.chance.random() < setting.there
        if kind == "vote":
            tally = Tally(30, 30 if there else 1, 30 if yes and there else 0, 0, 0)
            move, hours = Move(Verb.RESOLVE, tally=tally), setting.meeting_hours
        elif kind == "hearing":
            came = {role.id: 30 for role in self.playbook.roles} if there else {}
            move = Move(Verb.HEAR, attendance=Attendance(30, 30 if there else 0, came))
            hours = setting.meeting_hours
        else:
            verbs = {"sign": Verb.SIGN, "attach": Verb.ATTACH, "publish": Verb.PUBLISH}
            move, hours = Move(verbs.get(kind, Verb.ACCEPT)), setting.desk_hours
            case.room.attachments = 1
        least = self.playbook.stage(case.room.position.stage).gate.not_before
        if least is not None and (opens := setting.calendar.add(at, least)) > at:
            job = _Job(case, case.epoch, 0, move, _STAFF, at, case.room.position.level)
            self._at(opens, "later", case, job)  # it only has to stay open
            return
        self._queue(case, hours, move, _STAFF, at)

    def _queue(self, case: Case, hours: float, move: Move, actor: str, at: datetime) -> None:
        level = case.room.position.level
        self.queues[level].append(_Job(case, case.epoch, hours, move, actor, at, level))
        self._serve(level, at)

    def _serve(self, level: str, at: datetime) -> None:
        """Free people take the oldest work that is still wanted."""
        queue = self.queues[level]
        while self.free[level] and queue:
            job = queue.popleft()
            if job.epoch != job.case.epoch:
                continue
            waited = self.setting.calendar.between(job.since, at).total_seconds() / 3600
            job.case.waited[level] = job.case.waited.get(level, 0.0) + waited
            self.free[level] -= 1
            self.busy[level] += job.hours
            self._at(self._worked(at, job.hours), "done", job.case, job)

    def _worked(self, at: datetime, hours: float) -> datetime:
        """When so many working hours have been worked, to the hundredth."""
        whole = max(1, ceil(hours))
        end = self.setting.calendar.add(at, Term(whole, "wh"))
        return self.setting.calendar.fraction_point(at, end, round(100 * hours / whole), "wh")

    def _finish(self, job: _Job, at: datetime, *, by_staff: bool) -> None:
        case, level = job.case, job.level
        if by_staff:
            self.free[level] += 1
        if job.epoch == case.epoch and not case.room.position.outcome:
            self._done(case, job, at)
        if by_staff:
            self._serve(level, at)

    def _done(self, case: Case, job: _Job, at: datetime) -> None:
        before = case.room.position
        answer = self._play(case, job.actor, job.move, at)
        if job.move.verb is Verb.REPORT_DONE:
            answer = self._play(case, _VERIFIER, Move(Verb.VERIFY), at)
            case.settled = before.level
        if answer is not None and answer.result == "no_decision":
            self._moved(case, at)  # the meeting is called again
            return
        self._after(case, before, answer, at)


def _people(playbook: Playbook) -> dict[str, frozenset[str]]:
    staff = frozenset(role.id for role in playbook.roles if not role.special)
    neighbours = frozenset(r.id for r in playbook.roles if r.special not in ("", "assignee"))
    return {_STAFF: staff, _VERIFIER: staff, _PEOPLE: neighbours, _WORKER: frozenset()}


def ended(case: Case) -> bool:
    """Whether the matter came to its end in the ordinary way."""
    return case.room.position.outcome == Outcome.DONE
