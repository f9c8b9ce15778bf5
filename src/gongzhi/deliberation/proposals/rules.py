"""What may be said of proposals without looking anything up: the small form as data. Pure.

The data are in `data/small_form.toml`; a number there says where it comes from.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from gongzhi.playbooks.schema import Playbook

# The five words of case 10 and which gates of the playbook they stand for.
WORDS = ("propose", "deliberate", "decide", "do", "appraise")
STATE_OF_GATE = {
    "accept": "waiting",
    "approve": "waiting",
    "hearing": "deliberating",
    "sign": "deliberating",
    "attach": "deliberating",
    "vote": "deciding",
    "joint": "project",
    "rate": "done",
    "publish": "rated",
}
STATE_OF_OUTCOME = {
    "done": "rated",
    "refused": "returned",
    "diverted": "returned",
    "recalled": "withdrawn",
    "merged": "merged",
}
STATES = (
    "draft", "seconding", "waiting", "deliberating", "deciding", "decided", "project", "done",
    "rated", "shelved", "returned", "merged", "withdrawn",
)  # fmt: skip
# In these nobody but the neighbours of the street reads it; from acceptance on everybody may.
LOCAL = ("seconding", "waiting", "shelved")
HIDDEN = ("draft", "withdrawn")
# Which of the five words a state stands on, from 0; past the last when all is said.
WORD_OF = {
    "draft": 0, "seconding": 0, "waiting": 0, "deliberating": 1, "deciding": 2, "decided": 3,
    "project": 3, "done": 4, "rated": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the small form's data: a topic, a reach, a test, a method, an honour."""

    id: str
    zh: str
    en: str
    more: Mapping[str, Any]

    def name(self, language: str) -> str:
        """Its name in that language, else in Chinese."""
        return self.en if language.startswith("en") else self.zh

    def platform(self, language: str) -> str:
        """Which platform talks about proposals of this reach."""
        return str(self.more["platform_en" if language.startswith("en") else "platform_zh"])


VOTE = "vote"  # the method of a decision that a ballot counted: never chosen by hand


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(
        resources.files(__package__).joinpath("data/small_form.toml").read_text("utf-8")
    )


@cache
def entries(kind: str) -> dict[str, Entry]:
    """Entries by id: "topics", "reaches", "tests", "methods" or "honours", in their order."""
    return {row["id"]: Entry(row["id"], row["zh"], row["en"], row) for row in _data()[kind]}


def limit(name: str) -> int:
    """A number of the small form: seconding_days, appeal_days, sample_households…"""
    return int(_data()["limits"][name])


def seconders_needed(reach: str) -> int:
    """How many households must second a proposal of that reach (cases.md 2.15: 5, building 3)."""
    return int(entries("reaches")[reach].more["seconders"])


def level_for(playbook: Playbook, reach: str) -> str:
    """The level of the playbook that talks about proposals of that reach.

    The first level whose unit is that of the reach, else the nearest one above it.
    """
    order = list(entries("reaches"))
    for wider in order[order.index(reach) :]:
        units = entries("reaches")[wider].more["units"]
        for level in playbook.levels:
            if level.unit in units:
                return level.id
    return playbook.levels[-1].id


def reach_kinds(reach: str) -> tuple[str, ...]:
    """Kinds of place whose households a proposal of that reach concerns, nearest first.

    A place without a courtyard above it is as wide as its grid, and so on up.
    """
    order = list(entries("reaches"))
    kinds: list[str] = []
    for wider in order[order.index(reach) :]:
        kinds += reversed(entries("reaches")[wider].more["units"])
    return tuple(kinds)


def state(
    phase: str, gate: str, step: str, outcome: str, *, parked: bool, over: bool = False
) -> str:
    """Where a proposal stands, from its phase and, once it runs, from its matter.

    `parked`: its matter is put aside to a day; `over`: the time for seconders has run out.
    """
    if phase == "seconding" and over:
        return "shelved"
    if phase != "running":
        return phase
    if outcome:
        return STATE_OF_OUTCOME[outcome]
    if parked:
        return "shelved"
    if gate == "joint" and step == "dispatching":
        return "decided"
    return STATE_OF_GATE[gate]


def five_words(state_: str) -> list[str]:
    """Of each of the five words whether it is "done", "now" or "next"; "ended" where it stopped."""
    at = WORD_OF.get(state_)
    if at is None:
        return ["ended", "next", "next", "next", "next"]
    return ["done" if i < at else "now" if i == at else "next" for i in range(5)]


def failed_tests(answers: Mapping[str, bool]) -> list[str]:
    """The tests not passed; one not answered is not passed."""
    return [test for test in entries("tests") if not answers.get(test, False)]


def money(lines: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Planned, agreed (levies), spent and left of a project, in fen."""
    rows = list(lines)
    planned = sum(row["planned_fen"] for row in rows)
    spent = sum(row["spent_fen"] for row in rows)
    agreed = sum(row["agreed_fen"] for row in rows if row["source"] == "levy")
    return {"planned": planned, "spent": spent, "agreed": agreed, "left": planned - spent}
