"""Lives of matters for tests: the cast takes a matter as far along its way as a test needs it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

import people
from gongzhi.matters import actions, jobs
from gongzhi.matters.actions import Assignee
from gongzhi.matters.models import Event, Matter
from gongzhi.people.models import Appointment, Person
from gongzhi.playbooks.moves import Attendance, Tally

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CAME = Attendance(seats=11, present=9, by_role={"affected": 2})
FOR = Tally(electorate=30, present=21, for_=15, against=4, abstain=2)


@dataclass
class Life:
    """One matter, its clock, and the cast that may move it."""

    county: people.County
    id: int
    number: str
    at: datetime = people.NOW
    steps: tuple[tuple[str, Callable[["Life"], Any]], ...] = ()

    def move(self, verb: str, by: Person, *, later: timedelta = HOUR, **more: Any) -> actions.Moved:
        """A move some time later; one that is refused takes no time."""
        moved = actions.move(matter_id=self.id, verb=verb, by=by.pk, at=self.at + later, **more)
        self.at += later
        return moved

    def to(self, stop: str) -> "Life":
        """Walk on until `stop` is reached: a stage, or "handling", "verifying", "end"."""
        for name, step in self.steps:
            if self.stands() == stop:
                return self
            if self.stands() == name:
                step(self)
        assert self.stands() == stop, self.stands()
        return self

    def stands(self) -> str:
        """Where it is: the end, the step of a joint gate, or the stage."""
        row = self.row
        if row.outcome:
            return "end"
        return row.step if row.step in ("handling", "verifying") else row.stage

    @property
    def row(self) -> Matter:
        return Matter.objects.get(pk=self.id)

    @property
    def events(self) -> list[Event]:
        return list(Event.objects.filter(matter=self.id).order_by("seq"))

    def sweep(self, at: datetime | None = None) -> int:
        """The clock looks at `at` (when the next thing is due, if not said)."""
        wanted = at or self.row.tick_at
        assert wanted is not None
        self.at = wanted
        return jobs.sweep(at=wanted)

    def answer(self, by: Person, *, solved: bool = True, **more: Any) -> actions.Moved:
        return actions.answer_call_back(
            matter_id=self.id, by=by.pk, at=self.at + HOUR, solved=solved, **more
        )


def raised(county: people.County, **more: Any) -> actions.Raised:
    """Ah-Mei reports the street lamp of her village."""
    wanted: dict[str, Any] = {
        "by": county.ah_mei.pk, "at": people.NOW, "key": None, "source": "page",
        "body": "村口路灯不亮，晚上走路看不见。", "place_id": county.place("building").pk,
    }  # fmt: skip
    return actions.raise_matter(**(wanted | more))


def xuyi(county: people.County, **more: Any) -> Life:
    """A matter of Ah-Mei's village."""
    made = raised(county, **more)
    held = county.holders
    steps: tuple[tuple[str, Callable[[Life], Any]], ...] = (
        ("propose", lambda life: life.move("accept", held["committee"])),
        ("deliberate", lambda life: life.move("hear", held["workshop_host"], attendance=CAME)),
        ("decide", lambda life: life.move("resolve", held["workshop_host"], tally=FOR)),
        ("handle", lambda life: life.move("dispatch", held["committee"],
                                          assignees=(Assignee(held["grid_worker"].pk),))),
        ("handling", lambda life: life.move("report_done", held["grid_worker"], note="换好了")),
        ("verifying", lambda life: life.move("verify", held["supervisor"])),
        ("appraise", lambda life: life.answer(county.ah_mei, score=5)),
        ("publish", lambda life: life.move("publish", held["supervisor"])),
    )  # fmt: skip
    return Life(county, made.id, made.number, more.get("at", people.NOW), steps)


def xindu(county: people.County, **more: Any) -> Life:
    """A matter of He's compound in Xindu; it starts in the grid."""
    wanted: dict[str, Any] = {
        "by": county.he.pk, "place_id": county.place("compound").pk,
        "body": "楼上半夜拖椅子，吵得睡不着。",
    }  # fmt: skip
    made = raised(county, **(wanted | more))
    held = county.foreign
    steps: tuple[tuple[str, Callable[[Life], Any]], ...] = (
        ("report", lambda life: life.move("accept", held["grid_worker"])),
        ("file", lambda life: life.move("accept", held["committee"])),
        ("handle", lambda life: life.move("dispatch", held["committee"],
                                          assignees=(Assignee(held["generalist_worker"].pk),))),
        ("handling", lambda life: life.move("report_done", held["generalist_worker"])),
        ("verifying", lambda life: life.move("verify", held["supervisor"])),
        ("appraise", lambda life: life.answer(county.he, score=4)),
        ("publish", lambda life: life.move("publish", held["supervisor"])),
    )  # fmt: skip
    return Life(county, made.id, made.number, more.get("at", people.NOW), steps)


def appoint(county: people.County, person: Person, role: str, kind: str) -> Person:
    """Somebody of the cast gets one more post."""
    Appointment.objects.create(
        person=person, role=role, place=county.place(kind), from_on=people.START
    )
    return person


def statements(call: Callable[[], Any]) -> list[str]:
    """The SQL that a call sends."""
    with CaptureQueriesContext(connection) as seen:
        call()
    return [str(query["sql"]) for query in seen.captured_queries]
