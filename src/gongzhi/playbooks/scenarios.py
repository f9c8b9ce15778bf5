"""Scenarios as data: a sentence, what is given, what happens, what must be true then."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from gongzhi.core.clock import SHANGHAI, WorkCalendar
from gongzhi.playbooks.kinds import Length, Part
from gongzhi.playbooks.moves import (
    Attendance,
    Move,
    Played,
    Ratings,
    Refused,
    Resolution,
    Tally,
    Verb,
)
from gongzhi.playbooks.problems import Broken, Problem, from_validation
from gongzhi.playbooks.room import Room
from gongzhi.playbooks.schema import Playbook


class Then(Part):
    """What must be true; only what is written is looked at."""

    result: str | None = None
    refused: str | None = None
    stage: str | None = None
    level: str | None = None
    step: str | None = None
    outcome: str | None = None
    silent: bool | None = None
    warned: int | None = None
    unsolved: bool | None = None
    loops: int | None = None
    statutory: str | None = None
    resolution: str | None = None
    due: str | None = None
    """The due date and time in the place, e.g. "2026-03-09 09:00"; "" for none."""


class Count(Part):
    """A count by raised hands."""

    members: int
    present: int
    yes: int = Field(alias="for")
    against: int = 0
    abstain: int = 0

    def counted(self) -> Tally:
        """As `decide` takes it."""
        return Tally(self.members, self.present, self.yes, self.against, self.abstain)


class Decided(Part):
    """A ballot's resolution, as the ballot would hand it in."""

    rule: str
    verdict: str = "pass"
    binding: bool = True
    session: str = "2026-1"

    def handed_in(self) -> Resolution:
        """As `decide` takes it."""
        return Resolution(1, self.session, "", self.rule, "2025", self.binding, self.verdict)


class When(Part):
    """One thing that happens: somebody does something, or time passes."""

    wait: Length | str | None = None
    """How long the clock runs first: "3d", or "due" for until the present deadline."""
    who: str = ""
    do: Verb | None = None
    reason: str = ""
    to: tuple[str, ...] = ()
    """Whom it is dispatched or transferred to."""
    tally: Count | None = None
    seats: int = 0
    came: dict[str, int] = {}
    """Who came to a hearing: "all", and by role."""
    asked: int = 0
    scores: dict[str, int] = {}
    not_solved: int = 0
    until: datetime | None = None
    files: int = 0
    item: str = ""
    """What it is marked as, out of the law's list."""
    resolution: Decided | None = None
    then: Then = Then()

    @field_validator("wait", mode="after")
    @classmethod
    def _only_due(cls, value: object) -> object:
        if isinstance(value, str) and value != "due":
            raise ValueError("not a length of time; write 3d, 2wd or due")
        return value


class Given(Part):
    """How it begins."""

    at: datetime = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 local time of the place
    level: str | None = None
    topic: str = ""
    urgent: bool = False
    people: dict[str, tuple[str, ...]]
    conflict: tuple[str, ...] = ()


class Scenario(Part):
    """One file of `scenarios/`."""

    sentence: str
    given: Given
    when: tuple[When, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where what happened is not what was said."""

    step: int
    what: str
    expected: object
    found: object

    def __str__(self) -> str:
        return f"第 {self.step} 步：{self.what} 应为 {self.expected!r}，实际是 {self.found!r}"


def files(folder: Path) -> list[Path]:
    """The scenario files of a playbook's folder."""
    return sorted((folder / "scenarios").glob("*.toml"))


def read(file: Path) -> Scenario:
    """The scenario in that file; `Broken` with the slips of it."""
    name = f"scenarios/{file.name}"
    try:
        data = tomllib.loads(file.read_text("utf-8"))
        return Scenario.model_validate(data)
    except tomllib.TOMLDecodeError as error:
        raise Broken((Problem("not_toml", name, f"写法不对：{error}"),)) from error
    except ValidationError as error:
        raise Broken(from_validation(name, error, data, Scenario)) from error


def room_of(playbook: Playbook, scenario: Scenario) -> Room:
    """The table as the scenario finds it."""
    given = scenario.given
    return Room(
        playbook=playbook,
        people={name: frozenset(roles) for name, roles in given.people.items()},
        at=given.at.replace(tzinfo=SHANGHAI),
        calendar=WorkCalendar(),
        level=given.level,
        topic=given.topic,
        urgent=given.urgent,
        in_conflict=frozenset(given.conflict),
    )


def run(playbook: Playbook, scenario: Scenario) -> list[Mismatch]:
    """Play it to its end; everything that was not as said, none if all was."""
    room = room_of(playbook, scenario)
    return [
        mismatch
        for number, when in enumerate(scenario.when, 1)
        for mismatch in happen(room, number, when)
    ]


def happen(room: Room, number: int, when: When) -> list[Mismatch]:
    """One step of a scenario made on the table; what did not come out as said."""
    last: Played | Refused | None = None
    room.ratings = _move(when, Verb.TICK)
    if when.wait is not None:
        due = room.position.due_at
        until = due if isinstance(when.wait, str) else room.calendar.add(room.at, when.wait)
        seen = room.wait_until(until or room.at)
        last = seen[-1] if seen else None
    if when.do is not None:
        room.attachments += when.files
        last = room.play(when.who or None, _move(when, when.do))
    return _compare(number, when.then, room, last)


def _move(when: When, verb: Verb) -> Move:
    came = dict(when.came)
    scores = {int(score): n for score, n in when.scores.items()}
    return Move(
        verb=verb,
        reason=when.reason,
        assignees=when.to,
        tally=when.tally.counted() if when.tally else None,
        attendance=Attendance(when.seats, came.pop("all", 0), came) if when.seats else None,
        ratings=Ratings(when.asked, scores, when.not_solved) if when.asked else None,
        until=when.until and when.until.replace(tzinfo=SHANGHAI),
        item=when.item,
        resolution=when.resolution.handed_in() if when.resolution else None,
    )


def _compare(number: int, then: Then, room: Room, last: Played | Refused | None) -> list[Mismatch]:
    position = room.position
    due = position.due_at and position.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    found: dict[str, object] = {
        "result": last.result if isinstance(last, Played) else None,
        "refused": last.code if isinstance(last, Refused) else None,
        "silent": isinstance(last, Played) and last.silent,
        "warned": last.warned if isinstance(last, Played) else 0,
        "due": due or "",
        "step": position.step.value,
    }
    for name in ("stage", "level", "outcome", "unsolved", "loops", "statutory", "resolution"):
        found[name] = getattr(position, name)
    wanted = {n: v for n, v in then.model_dump().items() if n in then.model_fields_set}
    if isinstance(last, Refused) and "refused" not in wanted:
        return [Mismatch(number, "没有被拒绝", "", f"{last.code} {last.words}")]
    return [Mismatch(number, n, v, found[n]) for n, v in wanted.items() if found[n] != v]
