"""What a playbook is, in types. Nothing in here decides anything.

Extras are forbidden and nothing changes after loading. Defaults in this file never change, because
a stored playbook leaves its defaults out: a new behaviour is a new key.
"""

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from json import dumps, loads
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from gongzhi.core.clock import Term
from gongzhi.playbooks.kinds import (
    END,
    REFUSED,
    Basis,
    ClimbKind,
    EdgeKind,
    GateKind,
    Id,
    LateKind,
    Length,
    MeasureKind,
    Op,
    Part,
    Share,
    Special,
    Unit,
)
from gongzhi.playbooks.texts import StageWords as StageWords
from gongzhi.playbooks.texts import Words as Words


class Level(Part):
    """A rung of the ladder; the file lists them from the lowest to the highest."""

    id: Id
    """What the file calls it; its name stands in `strings`."""
    unit: Unit
    """The kind of place this rung is."""
    target_share: Share | None = None
    """What part of the matters should be settled here; a thermometer, never a quota."""
    basis: Basis | None = None
    """Where the number comes from."""


class Role(Part):
    """Who a stage speaks of."""

    id: Id
    """What the file calls it; its name stands in `strings`."""
    holders: tuple[str, ...] | Special
    """Codes of appointments, or one of raiser, assignee, affected, residents."""
    at: str = "level"
    """Where the appointment must be held: "level" (where the matter stands now) or a level id."""
    stand_in: dict[str, str] = {}
    """Rung without such an office → the rung whose office acts for it as well."""

    @property
    def special(self) -> str:
        """ "raiser", "assignee", "affected" or "residents"; "" for appointments."""
        return self.holders if isinstance(self.holders, str) else ""


class Quorum(Part):
    """How many must be there, or nothing is decided."""

    min_count: Annotated[int, Field(ge=1)] | None = None
    min_share: Share | None = None
    op: Op = ">="
    """">=" includes the share itself (…以上), ">" does not (过半数)."""
    seats: Annotated[int, Field(ge=1)] | None = None
    """How many seats the body has at most, so that an impossible quorum is found early."""
    include: dict[str, Annotated[int, Field(ge=1)]] = {}
    """How many of a role must be among them."""
    basis: Basis | None = None
    """Where the numbers come from."""


class HouseRule(Part):
    """A forum's own majority. Its opinion is never binding."""

    pass_: Share = Field(alias="pass")
    """What part must agree."""
    op: Op = ">"
    """">=" includes the share itself (…以上), ">" does not (过半数)."""
    of: Literal["present", "members"] = "present"
    """Of those present, or of all who may vote."""
    basis: Basis | None = None
    """Where the number comes from."""


class Gate(Part):
    """What a stage waits for."""

    kind: GateKind
    """One of the nine."""
    by: tuple[str, ...]
    """Roles that decide; for a joint gate, roles that dispatch and review returns."""
    verify_by: tuple[str, ...] = ()
    """Joint: roles that confirm the work. The handler never may."""
    quorum: Quorum | None = None
    """Hearing and vote: who must be there. A preset rule brings its own."""
    rule: str | HouseRule | None = None
    """Vote: a preset of the law by name, or a forum's own rule."""
    threshold: Share | None = None
    """Rate: the mean score, from 1/1 to 5/1, from which the result is accepted."""
    min_raters: Annotated[int, Field(ge=1)] | None = None
    """Rate: with fewer answers nothing is said about satisfaction."""
    enough: Share | None = None
    """Rate: what part of those asked must have answered to end early; all if unset."""
    ask_after: tuple[Length, ...] = ()
    """Rate: how long after the work the system asks, first and again."""
    not_before: Length | None = None
    """How long the stage stays open at least, such as a notice or a round that must last; not for
    joint and rate."""
    basis: Basis | None = None
    """Where the numbers come from."""


class Deadline(Part):
    """How long a stage may take, and what then."""

    due: Length
    """The time from entering the stage."""
    urgent: Length | None = None
    """Instead of `due` for an urgent matter."""
    warn: tuple[Annotated[int, Field(ge=1, le=100)], ...] = (50, 80, 100)
    """Per cent of the time at which it is announced."""
    then: LateKind
    """What happens when the time is over."""
    pause_on: tuple[str, ...] = ()
    """Reasons for which the clock may be stopped."""
    basis: Basis | None = None
    """Where the numbers come from."""

    def term(self, urgent: bool) -> Term:
        """The length that counts for this matter."""
        return self.urgent if urgent and self.urgent is not None else self.due


class Publish(Part):
    """What is put on the board when the stage is passed."""

    what: tuple[str, ...]
    """Parts of the matter; see the list of parts in the reference."""
    to: Literal["raiser", "grid", "community", "town", "public"]
    """Who may read it."""
    days: Annotated[int, Field(ge=1)] = 15
    """How long it stays up; by law at least 15."""
    mask: bool = True
    """Whether names, numbers and addresses are covered."""
    basis: Basis | None = None
    """Where the number comes from."""


class Rung(Part):
    """What is otherwise in a stage on one rung of the ladder."""

    due: Length | None = None
    """How long it may take there."""
    rule: str | HouseRule | None = None
    """Vote: the rule there."""
    quorum: Quorum | None = None
    """Hearing and vote: who must be there, on that rung."""
    basis: Basis | None = None
    """Where the numbers come from."""


class Edge(Part):
    """A way out of a stage."""

    to: str
    """A stage, or "end", or "refused"."""
    on: EdgeKind = "pass"
    """When this way is taken."""


class Stage(Part):
    """One step of the way. A matter stands in exactly one."""

    id: Id
    """What the file calls it; its name stands in `strings`."""
    do: tuple[str, ...]
    """Roles that do the work of the stage."""
    gate: Gate
    """What it waits for."""
    deadline: Deadline | None = None
    """How long it may take; unset, no limit."""
    publish: Publish | None = None
    """What is put on the board when it is passed."""
    refusal: Publish | None = None
    """What is put on the board when the gate refuses; the reason is always part of it."""
    on: dict[str, Rung] = {}
    """Level → what is otherwise there."""
    level: str = ""
    """A rung this stage is fixed to; unset, it stays where the matter stands."""
    next: tuple[Edge, ...] = ()
    """Ways out; without one the stage below follows, and after the last the end."""


class Climb(Part):
    """How a matter goes up and down the ladder."""

    by: tuple[ClimbKind, ...]
    """What lets a matter climb, always one rung at a time."""
    keep_clock: bool = False
    """Whether the old due date stays when a matter climbs before it; a passed one starts anew."""
    max_climbs: Annotated[int, Field(ge=0)] | None = None
    """Rungs up over the whole life; unset, the ladder and `max_descents` bound it."""
    max_descents: Annotated[int, Field(ge=0)] = 2
    """Rungs down over the whole life."""
    max_returns: Annotated[int, Field(ge=0)] = 2
    """How often a dispatch may be given back within one stage."""
    top: str = "hold"
    """Where a matter goes that would climb from the highest rung: a stage, or "hold"."""
    topics: dict[str, str] = {}
    """Category → level where such a matter starts."""
    basis: Basis | None = None
    """Where the numbers come from."""


class Limits(Part):
    """What may happen only so often, or so long."""

    loops: Annotated[int, Field(ge=0)] = 2
    """Ways back to an earlier stage over the whole life."""
    extensions: Annotated[int, Field(ge=0)] = 1
    """Extensions within one stage, each half its time."""
    recall_until: str = ""
    """The last stage in which the raiser may take the matter back; unset, never."""
    reopen_days: Annotated[int, Field(ge=0)] = 30
    """How long after the end the raiser may reopen it, once and without a reason."""
    reopen_to: str = ""
    """The stage a reopened matter starts in."""
    basis: Basis | None = None
    """Where the numbers come from."""


class Measure(Part):
    """What is counted afterwards."""

    id: Id
    """What the file calls it; its name stands in `strings`."""
    kind: MeasureKind
    """What is counted."""
    stage: str = ""
    """The stage it looks at, where the kind needs one."""
    target: Share | None = None
    """What is hoped for."""
    basis: Basis | None = None
    """Where the number comes from."""


def _as_on(stage: Stage, rung: Rung) -> Stage:
    """The stage with what is otherwise on a rung put in its place."""
    gate, deadline = stage.gate, stage.deadline
    changed = {
        name: value
        for name in ("rule", "quorum", "basis")
        if (value := getattr(rung, name)) is not None
    }
    if rung.rule is not None or rung.quorum is not None:
        gate = gate.model_copy(update=changed)
    if rung.due is not None and deadline is not None:
        deadline = deadline.model_copy(update={"due": rung.due, "basis": rung.basis})
    return stage.model_copy(update={"gate": gate, "deadline": deadline})


class Playbook(Part):
    """One way of governing, complete with its words."""

    id: Id
    """The name of its folder; a matter keeps it for life."""
    version: Annotated[int, Field(ge=1)]
    """For people; what a matter pins is the digest."""
    case: Annotated[int, Field(ge=1)] | None = None
    """Which of the thirteen published cases it reconstructs, if any."""
    start_level: str
    """The rung a matter starts on when nobody says otherwise."""
    levels: tuple[Level, ...]
    """The ladder, from the lowest rung to the highest."""
    roles: tuple[Role, ...]
    """Everybody the stages speak of."""
    stages: tuple[Stage, ...]
    """The way, in order."""
    climb: Climb | None = None
    """How a matter goes up and down; unset, it stays on its rung."""
    limits: Limits = Limits()
    """What may happen only so often."""
    measures: tuple[Measure, ...] = ()
    """What is counted afterwards."""
    strings: dict[str, Words] = {}

    @cached_property
    def digest(self) -> str:
        """sha256 of the canonical text: what a matter pins."""
        return sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The canonical text: the same playbook gives the same bytes, words included."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        return dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """A playbook stored by `to_json`; pydantic's ValidationError for anything else."""
        return cls.from_data(loads(text))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """A playbook out of plain data, as TOML or JSON give it."""
        return cls.model_validate(data)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy; what was worked out for the original is forgotten."""
        made = super().model_copy(update=update, deep=deep)
        for name in ("digest", "_stages", "_levels", "_roles", "_on"):
            made.__dict__.pop(name, None)
        return made

    @cached_property
    def _stages(self) -> dict[str, tuple[int, Stage]]:
        return {stage.id: (index, stage) for index, stage in enumerate(self.stages)}

    @cached_property
    def _levels(self) -> dict[str, int]:
        return {level.id: index for index, level in enumerate(self.levels)}

    @cached_property
    def _roles(self) -> dict[str, Role]:
        return {role.id: role for role in self.roles}

    def stage(self, stage_id: str) -> Stage:
        """The stage of that id; KeyError if there is none."""
        return self._stages[stage_id][1]

    @cached_property
    def _on(self) -> dict[tuple[str, str], Stage]:
        return {
            (stage.id, level): _as_on(stage, rung)
            for stage in self.stages
            for level, rung in stage.on.items()
        }

    def stage_on(self, stage_id: str, level_id: str) -> Stage:
        """The stage as it is on that rung; KeyError if there is no such stage."""
        return self._on.get((stage_id, level_id)) or self.stage(stage_id)

    def stage_index(self, stage_id: str) -> int:
        """Where the stage stands in the file, from 0."""
        return self._stages[stage_id][0]

    def level_index(self, level_id: str) -> int:
        """Which rung it is, from 0 for the lowest."""
        return self._levels[level_id]

    def role(self, role_id: str) -> Role:
        """The role of that id; KeyError if there is none."""
        return self._roles[role_id]

    def held_at(self, role_id: str, level_id: str) -> frozenset[str]:
        """On which rungs an appointment counts for the role while a matter is on `level_id`."""
        role = self._roles[role_id]
        if role.at != "level":
            return frozenset({role.at})
        return frozenset({level_id, role.stand_in.get(level_id, level_id)})

    def special(self, role_ids: tuple[str, ...]) -> frozenset[str]:
        """Those of the roles that are not appointments."""
        return frozenset(r for r in role_ids if self._roles[r].special)

    def words(self, language: str = "zh-Hans") -> Words:
        """The words in that language, else in Chinese."""
        return self.strings.get(language) or self.strings["zh-Hans"]

    def target(self, stage: Stage, on: EdgeKind) -> str | None:
        """Where the stage leads when that happens: a stage id, "end", "refused", or nowhere."""
        for edge in stage.next:
            if edge.on == on:
                return edge.to
        if on == "pass":
            below = self.stage_index(stage.id) + 1
            return self.stages[below].id if below < len(self.stages) else END
        if on == "refuse":
            return REFUSED
        return stage.id if on == "escalate" else None

    def top_stage(self) -> str | None:
        """The stage beyond the highest rung, if the ladder has one."""
        return None if self.climb is None or self.climb.top == "hold" else self.climb.top
