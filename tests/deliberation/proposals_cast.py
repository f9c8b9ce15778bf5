"""A street that governs by four platforms, with neighbours enough to second a proposal."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import people
from gongzhi.deliberation.proposals import actions, queries
from gongzhi.deliberation.proposals.actions import Plan, SmallForm
from gongzhi.deliberation.proposals.models import Proposal
from gongzhi.deliberation.proposals.rules import entries
from gongzhi.matters import actions as matters
from gongzhi.matters import jobs
from gongzhi.people.models import Account, Household, Person
from gongzhi.places.actions import adopt
from gongzhi.playbooks import load
from gongzhi.playbooks.moves import Tally
from gongzhi.playbooks.schema import Playbook

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL_YES = dict.fromkeys(entries("tests"), True)
FOR = Tally(electorate=20, present=14, for_=12, against=1, abstain=1)


@cache
def four_platforms() -> Playbook:
    """The playbook of these tests: four levels, five stages."""
    return load.load(Path(__file__).parent / "proposals" / "playbook")


@dataclass
class Street:
    """Ah-Mei's building has twelve households; the town has adopted the four platforms."""

    county: people.County
    neighbours: list[Person] = field(default_factory=list)  # each of his own household
    at: datetime = people.NOW

    def form(self, **more: Any) -> SmallForm:
        """Ah-Mei's form: a handrail for the stairs."""
        said: dict[str, Any] = {
            "title": "楼道加装扶手", "wrong": "楼道没有扶手，老人上下楼很吃力。",
            "propose": "从一楼到四楼装上木扶手。", "own_part": "我可以帮忙量尺寸。",
            "topic": "safety", "households": 12, "reach": "courtyard",
            "place_id": self.county.place("building").pk,
        }  # fmt: skip
        return SmallForm(**(said | more))

    def propose(self, **more: Any) -> Proposal:
        """A proposal of Ah-Mei, open to seconders."""
        made = actions.propose(
            by=self.county.ah_mei.pk, at=self.at, key=None, form=self.form(**more)
        )
        return Proposal.objects.get(pk=made.id)

    def second(self, proposal: Proposal, how_many: int) -> None:
        """As many households stand behind it."""
        for person in self.neighbours[:how_many]:
            actions.second(proposal_id=proposal.pk, by=person.pk, at=self.at)

    def filed(self, **more: Any) -> Proposal:
        """One that is seconded by enough households and waits to be accepted."""
        proposal = self.propose(**more)
        self.second(proposal, proposal.needed)
        return self.again(proposal)

    def accepted(self, **more: Any) -> Proposal:
        proposal = self.filed(**more)
        self.at += HOUR
        by = self.held("town_officer" if more.get("reach") == "street" else "committee")
        actions.accept(proposal_id=proposal.pk, by=by, at=self.at, answers=ALL_YES)
        return self.again(proposal)

    def decided(self, **more: Any) -> Proposal:
        proposal = self.accepted(**more)
        self.talk(proposal)
        return self.again(proposal)

    def talk(self, proposal: Proposal, by: str = "committee") -> None:
        """The platform meets, talks and decides."""
        self.at += HOUR
        actions.hear(
            proposal_id=proposal.pk, by=self.held(by), at=self.at, seats=12, present=9,
            words="都说要装，先装一到四楼",
        )  # fmt: skip
        self.at += HOUR
        actions.decide(
            proposal_id=proposal.pk, by=self.held(by), at=self.at, tally=FOR,
            method="households", words="同意装，社区出六成",
        )  # fmt: skip

    def planned(self, **more: Any) -> Proposal:
        """With a project, two supervisors, a task and two sources of money."""
        proposal = self.decided(**more)
        by = self.held("committee")
        actions.plan_project(
            proposal_id=proposal.pk, by=by, at=self.at,
            plan=Plan("装木扶手", "社区为民服务资金", lead=self.held("grid_worker")),
        )  # fmt: skip
        for person in self.neighbours[-2:]:
            actions.add_supervisor(proposal_id=proposal.pk, by=by, at=self.at, person_id=person.pk)
        actions.add_task(proposal_id=proposal.pk, by=by, at=self.at, what="量尺寸买料")
        actions.add_line(proposal_id=proposal.pk, by=by, at=self.at, source="fund",
                         name="为民服务资金", planned_fen=300_000)  # fmt: skip
        actions.add_line(proposal_id=proposal.pk, by=by, at=self.at, source="levy",
                         name="每户五十元", planned_fen=60_000)  # fmt: skip
        return self.again(proposal)

    def finished(self, **more: Any) -> Proposal:
        """The work is done and verified; those concerned are to be asked."""
        proposal = self.planned(**more)
        by, lead = self.held("committee"), self.held("grid_worker")
        self.at += HOUR
        actions.start_project(proposal_id=proposal.pk, by=by, at=self.at)
        project = self.again(proposal).project
        for task in project.tasks.all():
            actions.task_done(proposal_id=proposal.pk, task_id=task.pk, by=by, at=self.at)
        line = project.lines.get(source="fund")
        actions.spend(proposal_id=proposal.pk, line_id=line.pk, by=by, at=self.at,
                      amount_fen=280_000, what="扶手和人工", spent_on=self.at.date())  # fmt: skip
        self.at += DAY
        actions.finish_project(proposal_id=proposal.pk, by=lead, at=self.at, note="装好了")
        matter = self.again(proposal).matter_id
        assert matter is not None
        matters.move(matter_id=matter, verb="verify", by=self.held("supervisor"),
                     at=self.at + HOUR)  # fmt: skip
        self.at += 4 * DAY
        jobs.ask_those_concerned(at=self.at)
        return self.again(proposal)

    def again(self, proposal: Proposal) -> Proposal:
        return Proposal.objects.get(pk=proposal.pk)

    def held(self, role: str) -> int:
        return int(self.county.holders[role].pk)

    def get(self, proposal: Proposal, who: str | Person = "committee") -> dict[str, Any]:
        """The proposal as somebody of the cast reads it."""
        viewer = self.county.viewer(who, self.at)
        return queries.get(viewer, proposal.number, self.at)

    def state(self, proposal: Proposal) -> str:
        return str(self.get(proposal)["state"])


def make_street(county: people.County) -> Street:
    """Twelve more households around Ah-Mei, and the adoption."""
    building, grid = county.place("building"), county.place("grid")
    homes = Household.objects.bulk_create(
        Household(place=building, grid=grid, door=f"2单元 {floor}0{side}")
        for floor in range(1, 7)
        for side in (1, 2)
    )
    neighbours = Person.objects.bulk_create(
        Person(name=f"邻居{number}", household=home, head=True)
        for number, home in enumerate(homes, 1)
    )
    Account.objects.bulk_create(
        Account(username=f"u{person.pk}", person=person) for person in neighbours
    )
    adopt(place_id=county.place("town").pk, playbook=four_platforms(), from_on=date(2026, 1, 1),
          by=None, at=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    return Street(county, neighbours)
