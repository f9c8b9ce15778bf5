"""Sessions for tests: the cast calls one, signs in, and takes it as far as a test needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import people
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.meetings import actions
from gongzhi.deliberation.meetings.models import AgendaItem, Session
from gongzhi.people.models import Household, Membership, Person

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Meeting:
    """One session with its clock. The committee of the village runs it."""

    county: people.County
    body: int
    id: int
    at: datetime

    @property
    def host(self) -> Person:
        return self.county.holders["committee"]

    @property
    def row(self) -> Session:
        return Session.objects.get(pk=self.id)

    def item(self, kind: str) -> AgendaItem:
        """The first item of that kind on the agenda."""
        return AgendaItem.objects.filter(session=self.id, kind=kind).order_by("position")[0]

    def notice(self, **more: str) -> "Meeting":
        actions.notice(session_id=self.id, by=self.host.pk, at=self.at, **more)
        return self

    def begins(self) -> "Meeting":
        """The hour has come."""
        self.at = self.row.starts_at
        return self

    def comes(self, *who: Person, how: str = "code") -> "Meeting":
        for person in who:
            by = person.pk if how in ("code", "online") else self.host.pk
            actions.sign_in(session_id=self.id, person_id=person.pk, how=how, by=by, at=self.at)
        return self

    def opens(self) -> "Meeting":
        actions.open_session(session_id=self.id, by=self.host.pk, at=self.at)
        return self

    def reads_back(self) -> "Meeting":
        """What has to be read first has been read."""
        first = AgendaItem.objects.filter(session=self.id, kind="readback").first()
        if first is not None:
            actions.start_part(item_id=first.pk, by=self.host.pk, at=self.at)
        return self

    def settles(self) -> "Meeting":
        """Every item still open ends without a decision."""
        for item in AgendaItem.objects.filter(
            session=self.id, kind__in=("item", "motion", "hearing"), outcome=""
        ):
            actions.record_outcome(item_id=item.pk, outcome="no_decision", by=self.host.pk,
                                   at=self.at, data={"words": "下次再议"})  # fmt: skip
        return self

    def closes(self) -> "Meeting":
        self.at += HOUR
        actions.close_session(session_id=self.id, by=self.host.pk, at=self.at)
        return self


def body(county: people.County, blueprint: str = "small_stool", kind: str = "village",
         **more: object) -> int:  # fmt: skip
    """A body of the village, founded by its committee at the start of the year."""
    wanted: dict[str, object] = {"from_on": people.START} | more
    return bodies.found(
        place_id=county.place(kind).pk, blueprint=blueprint, by=county.holders["committee"].pk,
        at=people.NOW, **wanted,  # type: ignore[arg-type]
    )  # fmt: skip


def meeting(county: people.County, blueprint: str = "small_stool", *, days: int = 12,
            of: int | None = None, **more: object) -> Meeting:  # fmt: skip
    """A draft session, some days ahead."""
    whose = body(county, blueprint) if of is None else of
    wanted: dict[str, object] = {
        "starts_at": people.NOW + days * DAY, "venue": "村部前的场地",
        "by": county.holders["committee"].pk, "at": people.NOW,
    }  # fmt: skip
    made = actions.call(body_id=whose, **(wanted | more))  # type: ignore[arg-type]
    return Meeting(county, whose, made, people.NOW)


def one_four_one(
    county: people.County, *, mode: str = "hybrid"
) -> tuple[Meeting, dict[str, Person]]:
    """Case 3: a consultation council with all its sides seated, its session called."""
    council = body(county, "one_four_one")
    seated = {
        "party": county.holders["party_secretary"], "committee": county.holders["committee"],
        "supervision": county.holders["supervisor"], "stakeholder": county.ah_mei,
        "unit": county.holders["org_manager"],
    }  # fmt: skip
    for seat_class, person in seated.items():
        bodies.seat(body_id=council, person_id=person.pk, seat_class=seat_class,
                    by=county.holders["committee"].pk, at=people.NOW,
                    from_on=people.START)  # fmt: skip
    made = meeting(county, of=council, days=4, mode=mode,
                   online="点“线上参会”" if mode != "onsite" else "")  # fmt: skip
    return made, seated


def villagers(county: people.County, number: int, *, a_home: int = 2) -> list[Person]:
    """So many villagers in homes of their own, heads first in each."""
    grid, village = county.place("grid"), county.place("village")
    homes = Household.objects.bulk_create(
        Household(place=grid, grid=grid, door=f"{n}号") for n in range((number - 1) // a_home + 1)
    )
    made = Person.objects.bulk_create(
        Person(name=f"村民{n:03}", initials=f"cm{n:03}", household=homes[n // a_home],
               head=n % a_home == 0)
        for n in range(number)
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(person=one, place=village, kind="villager", from_on=people.START) for one in made
    )
    return made
