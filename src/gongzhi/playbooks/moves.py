"""What can happen to a matter, in types: a position, a move, the facts around it, and the answer.

One semantics: the server, the simulator, the replayer and the property tests all speak these
types to `play.decide`, which is pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gongzhi.core.clock import WorkCalendar


class Verb(StrEnum):
    """Every named move. A playbook chooses among them; it cannot invent one."""

    RAISE = "raise"  # the matter begins
    # What the gate of the stage waits for
    ACCEPT = "accept"  # gates accept, approve
    REFUSE = "refuse"  # gates accept, approve; needs a reason
    SIGN = "sign"  # gate sign
    ATTACH = "attach"  # gate attach
    HEAR = "hear"  # gate hearing: who came, what was said
    RESOLVE = "resolve"  # gate vote: a tally judged by the stage's rule
    DISPATCH = "dispatch"  # gate joint: 交办 to one, 会办 to a lead with co-handlers
    REPORT_DONE = "report_done"  # gate joint: one assignee says his part is done
    VERIFY = "verify"  # gate joint: somebody else confirms it
    SEND_BACK = "send_back"  # gate joint: somebody else found it not done
    RATE = "rate"  # gate rate: those concerned judge the result
    PUBLISH = "publish"  # gate publish
    # Along the ladder, one rung at a time
    ESCALATE = "escalate"
    SEND_DOWN = "send_down"
    # Care of a running matter
    TRANSFER = "transfer"  # another assignee at the same level
    RETURN = "return"  # 退单: an assignee asks to be relieved, with a reason
    ACCEPT_RETURN = "accept_return"
    REJECT_RETURN = "reject_return"
    EXTEND = "extend"
    PAUSE = "pause"
    RESUME = "resume"
    PARK = "park"  # 挂账, with a review date
    UNPARK = "unpark"
    RECALL = "recall"  # the raiser takes the matter back
    REOPEN = "reopen"  # once, no reason needed
    DIVERT = "divert"  # a petition, a lawsuit, out of scope: closed with advice
    MERGE = "merge"  # closed into another matter
    MARK = "mark"  # the law gives it to an assembly: see `statutory`
    COMMENT = "comment"  # changes nothing, is recorded
    TICK = "tick"  # the clock looks


class Outcome(StrEnum):
    """How a matter ended. The empty string of `Position.outcome` means it has not."""

    DONE = "done"
    REFUSED = "refused"
    RECALLED = "recalled"
    DIVERTED = "diverted"
    MERGED = "merged"


class Step(StrEnum):
    """Where a stage with a joint gate stands. Other gates have no steps (`NONE`)."""

    NONE = ""
    DISPATCHING = "dispatching"
    HANDLING = "handling"
    VERIFYING = "verifying"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a matter stands. Everything `decide` needs to know of the past is here."""

    stage: str
    level: str
    entered_at: datetime
    due_at: datetime | None = None
    step: Step = Step.NONE
    outcome: str = ""
    warned: int = 0  # per cent of the time already announced: 0, 50, 80 or 100
    paused_at: datetime | None = None
    pause_reason: str = ""
    parked_until: datetime | None = None
    climbs: int = 0  # rungs up so far, over the whole life
    descents: int = 0  # rungs down so far, over the whole life; bounded by climb.max_descents
    returns: int = 0  # 退单 within the present stage; bounded
    extensions: int = 0  # within the present stage; bounded
    loops: int = 0  # edges taken back to an earlier stage, over the whole life; bounded
    reopened: int = 0  # bounded by one
    return_pending: bool = False  # a 退单 waits for review
    clock_from: datetime | None = None  # since when the present deadline runs, pauses taken out
    unit: str = ""  # on which clock the present deadline runs: a unit of `Term`
    ended_at: datetime | None = None  # since when `outcome` stands
    unsolved: bool = False  # the way was walked to its end and those concerned still say no
    statutory: str = ""  # the item of `statutory` it was marked with
    resolution: str = ""  # the session whose binding resolution settled that item


@dataclass(frozen=True, slots=True)
class Tally:
    """A count by raised hands. Integers only; the result is computed, never typed."""

    electorate: int  # members entitled to vote
    present: int
    for_: int
    against: int
    abstain: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a ballot decided, as the ballot computed it. Only code hands one in, never a form."""

    id: int
    session_number: str  # "" for a count outside any session: never binding for an assembly's item
    body_name: str
    rule: str  # a preset of the law by name, or "house"
    edition: str
    binding: bool  # a forum's opinion is not (cases.md 1.2, invariant 5)
    verdict: str  # pass, fail or no_decision
    tally: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came to a hearing: total seats, present, and present by role of the playbook."""

    seats: int
    present: int
    by_role: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ratings:
    """The judgement of those concerned, as counted at `at`. `scores` maps 1..5 to a number.

    `unscored` are answers that say only whether it is solved: nobody's score is made up for him.
    """

    asked: int
    scores: Mapping[int, int] = field(default_factory=dict)
    not_solved: int = 0
    unscored: int = 0

    @property
    def answered(self) -> int:
        """How many said something, with a score or without."""
        return sum(self.scores.values()) + self.unscored


@dataclass(frozen=True, slots=True)
class Move:
    """One thing somebody (or the clock) wants to do."""

    verb: Verb
    reason: str = ""
    tally: Tally | None = None
    attendance: Attendance | None = None
    ratings: Ratings | None = None
    assignees: tuple[str, ...] = ()  # lead first; one = 交办, several = 会办
    until: datetime | None = None  # PARK: when it is looked at again
    item: str = ""  # MARK: the item of `statutory`; "" takes the mark away
    resolution: Resolution | None = None  # RESOLVE: counted by a ballot instead of typed


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true around the matter when the move is made, gathered by the caller."""

    calendar: WorkCalendar
    actor: str | None = None  # None is the clock
    roles: frozenset[str] = frozenset()  # playbook role ids the actor holds for this matter now
    handlers: frozenset[str] = frozenset()  # everybody who handled it in this round
    signed: frozenset[str] = frozenset()  # role ids that have signed in this stage
    open_parts: int = 0  # assignments not yet reported done, counted before the move
    attachments: int = 0  # added in this stage
    urgent: bool = False
    topic: str = ""  # category code; `climb.topics` may send it straight to a level
    conflict: bool = False  # the actor is near kin of, lives with, or owns what it is about


@dataclass(frozen=True, slots=True)
class Played:
    """The answer yes: the new position and what the caller must record with it.

    `result` is one of

    - "stay": recorded, the matter stands where it stood (also a step within a joint gate);
    - "pass", "fail": the gate of the stage decided, the position is already the next one;
    - "refuse": the gate refused, and the playbook leads on (an appeal, a note why it is not used);
    - "no_decision": the quorum was missed; nothing was decided, so nothing was rejected;
    - "up", "down": one rung of the ladder (or onto its top stage);
    - "warn": the clock announces `warned` per cent; "review": a parked matter comes up again;
    - "end": the matter ended without its gate deciding: recalled, diverted, merged, refused.
    """

    position: Position
    result: str = "stay"
    warned: int = 0  # the warning this move announces, if any: 50, 80 or 100
    silent: bool = False  # the clock passed it on: nobody, or too few, answered


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer no. `code` is stable, `words` are for the person who asked (zh-Hans)."""

    code: str
    words: str
    todo: str = ""  # what to do instead
    field: str = ""  # what of the move was filled in wrongly: "tally.present"


Answer = Played | Refused
