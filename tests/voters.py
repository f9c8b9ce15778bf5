"""Votes for tests: a village that votes, and its motions taken as far as a test needs them."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import people
from gongzhi.core import db
from gongzhi.deliberation.ballots import actions, queries, recount, rules
from gongzhi.deliberation.ballots.models import Ballot, Elector, Motion
from gongzhi.people.models import Account, Household, Membership, Person

HOUR = timedelta(hours=1)
SCRIPT = Path(recount.__file__)


@dataclass
class Poll:
    """One motion, its clock, its electors in a fixed order, and the receipts they hold."""

    county: people.County
    id: int
    voters: list[Person]
    at: datetime = people.NOW
    codes: dict[int, str] = field(default_factory=dict)

    @property
    def host(self) -> Person:
        return self.county.holders["workshop_host"]

    @property
    def row(self) -> Motion:
        return Motion.objects.get(pk=self.id)

    def open(self, **more: Any) -> "Poll":
        wanted: dict[str, Any] = {"closes_at": self.at + 24 * HOUR} | more
        actions.open_motion(motion_id=self.id, by=self.host.pk, at=self.at, **wanted)
        return self

    def vote(self, who: int, *choice: str, **more: Any) -> actions.Voted:
        """The voter of that number votes; his receipt is kept for him."""
        person = self.voters[who]
        code = more.pop("receipt", None) or self.codes.setdefault(who, rules.receipt_code())
        wanted: dict[str, Any] = {"by": person.pk, "at": self.at + HOUR} | more
        return actions.vote(
            motion_id=self.id, person_id=person.pk, choice=choice or ("for",), receipt=code,
            **wanted,
        )  # fmt: skip

    def votes(self, **choices: int) -> "Poll":
        """So many vote for each option, the first voters first."""
        who = 0
        for choice, count in choices.items():
            for _ in range(count):
                self.vote(who, choice)
                who += 1
        return self

    def close(self, **more: Any) -> actions.Result:
        wanted: dict[str, Any] = {"by": self.host.pk, "at": self.at + 25 * HOUR} | more
        return actions.close_motion(motion_id=self.id, **wanted)

    @property
    def board(self) -> dict[str, Any]:
        return queries.board(self.id)

    def ballots(self) -> list[Ballot]:
        return list(Ballot.objects.filter(motion=self.id))

    def line(self, who: int) -> Elector:
        return Elector.objects.get(motion=self.id, person=self.voters[who])


def villagers(county: people.County, count: int, *, household_of: int = 1) -> list[Person]:
    """So many grown-up villagers of Ah-Mei's village with phones, `household_of` to a household."""
    place, grid = county.place("building"), county.place("grid")
    before = Household.objects.count()
    homes = Household.objects.bulk_create(
        Household(place=place, grid=grid, door=f"投票 {before + n}")
        for n in range(-(-count // household_of))
    )
    made = Person.objects.bulk_create(
        Person(name=f"村民{n:04}", household=homes[n // household_of],
               head=n % household_of == 0, born_on=date(1980, 1, 1))
        for n in range(count)
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(person=p, place=county.place("village"), kind="villager") for p in made
    )
    Account.objects.bulk_create(Account(username=f"v{p.pk}", person=p) for p in made)
    return made


def poll(county: people.County, count: int = 10, **more: Any) -> Poll:
    """A motion of the village that so many may vote on, drafted by the host."""
    voters = more.pop("voters", None) or villagers(county, count)
    areas = more.pop("areas", [0] * len(voters))
    wanted: dict[str, Any] = {
        "title": "村口装几盏路灯", "text_": "在村口到小学的路上装路灯，从村集体收入里出钱。",
        "place_id": county.place("village").pk, "by": county.holders["workshop_host"].pk,
        "at": people.NOW, "house": {"quorum": [{"share": "1/2", "op": ">"}]},
        "listed": [(p.pk, area) for p, area in zip(voters, areas, strict=True)],
    }  # fmt: skip
    if "body_id" in more or "session_id" in more or "electorate" in more:
        del wanted["listed"]
    motion_id = actions.propose_motion(**(wanted | more))
    return Poll(county, motion_id, voters, wanted["at"])


def noticed(poll: Poll, days: int = 15) -> Poll:
    """Announced, and so many days gone by."""
    actions.announce_motion(motion_id=poll.id, by=poll.host.pk, at=poll.at)
    poll.at += timedelta(days=days)
    return poll


def counted_by_script(board: dict[str, Any], folder: Path, *more: str) -> tuple[int, str]:
    """What the stand-alone script says of a board: its exit code and its words."""
    file = folder / "board.json"
    file.write_text(json.dumps(board, ensure_ascii=False), "utf-8")
    told = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(file), *more],
        capture_output=True, text=True, check=False,
        env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
    )  # fmt: skip
    return told.returncode, told.stdout + told.stderr


def sql(text: str, *params: object) -> list[tuple[Any, ...]]:
    """Straight to the database, past every action."""
    return db.rows(text, params)
