"""One matter on a table: `decide` with everything around it kept in memory, and no database.

Scenarios, the interactive walk, the simulator and the property tests play here; what they see is
what the server does, because the server asks the same `decide`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gongzhi.core.clock import WorkCalendar
from gongzhi.playbooks import play
from gongzhi.playbooks.moves import Answer, Facts, Move, Played, Position, Refused, Verb
from gongzhi.playbooks.schema import Playbook


@dataclass(frozen=True, slots=True)
class Entry:
    """One move that was made: enough to make it again."""

    at: datetime
    actor: str | None
    move: Move
    facts: Facts
    answer: Played


@dataclass
class Room:
    """A matter, the people around it by name with their roles, and the clock."""

    playbook: Playbook
    people: Mapping[str, frozenset[str]]
    at: datetime
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    level: str | None = None
    topic: str = ""
    urgent: bool = False
    in_conflict: frozenset[str] = frozenset()
    position: Position = field(init=False)
    history: list[Entry] = field(default_factory=list)
    ratings: Move = field(default_factory=lambda: Move(Verb.TICK))  # what the clock is told
    assigned: list[str] = field(default_factory=list)
    undone: set[str] = field(default_factory=set)
    handlers: set[str] = field(default_factory=set)
    signed: frozenset[str] = frozenset()
    attachments: int = 0

    def __post_init__(self) -> None:
        self.position = play.start(self.playbook, self.facts(None), self.at, self.level)
        self.first = self.position

    def facts(self, actor: str | None) -> Facts:
        """What is true for this actor now; None is the clock."""
        roles = self.people.get(actor, frozenset()) if actor is not None else frozenset()
        if actor in self.assigned:
            roles |= {r.id for r in self.playbook.roles if r.special == "assignee"}
        return Facts(
            calendar=self.calendar,
            actor=actor,
            roles=roles,
            handlers=frozenset(self.handlers),
            signed=self.signed,
            open_parts=len(self.undone),
            attachments=self.attachments,
            urgent=self.urgent,
            topic=self.topic,
            conflict=actor in self.in_conflict,
        )

    def play(self, actor: str | None, move: Move) -> Answer:
        """Make the move now. A refused one leaves everything as it was."""
        facts = self.facts(actor)
        if move.verb is Verb.REPORT_DONE and actor not in self.undone:
            return Refused("done_already", "您的这一份已经报过办结了。")
        answer = play.decide(self.playbook, self.position, move, facts, self.at)
        if isinstance(answer, Played):
            self._keep(actor, move, facts, answer)
        return answer

    def _keep(self, actor: str | None, move: Move, facts: Facts, answer: Played) -> None:
        before, after = self.position, answer.position
        self.position = after
        self.history.append(Entry(self.at, actor, move, facts, answer))
        self._parts(actor, move)
        if move.verb is Verb.SIGN:
            self.signed |= facts.roles & frozenset(self.playbook.stage(before.stage).gate.by)
        if (after.stage, after.level, after.entered_at) != (
            before.stage,
            before.level,
            before.entered_at,
        ):
            self.assigned, self.undone = [], set()
            self.signed, self.attachments = frozenset(), 0

    def _parts(self, actor: str | None, move: Move) -> None:
        """Who has a part of the work, and whose is still to be done."""
        if move.verb is Verb.DISPATCH:
            self.assigned = list(move.assignees)
            self.undone = set(move.assignees)
            self.handlers |= self.undone
        elif move.verb is Verb.REPORT_DONE and actor is not None:
            self.undone.discard(actor)
        elif move.verb is Verb.SEND_BACK:
            self.undone = set(self.assigned)
        elif move.verb is Verb.TRANSFER:
            self.assigned, self.undone = list(move.assignees), set(move.assignees)
            self.handlers |= self.undone
        elif move.verb is Verb.ACCEPT_RETURN:
            self.handlers -= self.undone
            self.assigned, self.undone = [], set()

    def wait_until(self, at: datetime) -> list[Played]:
        """Let the clock run: every instant that has something to do is looked at once.

        RuntimeError if one of them changes nothing: a clock that would never come to rest.
        """
        seen: list[Played] = []
        while True:
            due = play.next_tick(self.playbook, self.position, self.calendar)
            if due is None or due > at:
                break
            self.at, before = max(self.at, due), self.position
            answer = self.play(None, self.ratings)
            assert isinstance(answer, Played)
            if answer.position == before:
                raise RuntimeError(f"the clock looks at {due} again and again: {before}")
            seen.append(answer)
        self.at = max(self.at, at)
        return seen

    def replayed(self) -> Position:
        """The position made again from the recorded moves alone."""
        position = self.first
        for entry in self.history:
            answer = play.decide(self.playbook, position, entry.move, entry.facts, entry.at)
            assert isinstance(answer, Played)
            position = answer.position
        return position
