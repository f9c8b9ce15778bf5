"""Conversations with published groups, from the folder `shared` beside the project."""

import csv
import json
import os
from collections.abc import Iterable, Mapping
from math import comb
from pathlib import Path

import pytest

from gongzhi.deliberation.rounds.opinion import Opinion, Votes, collect

SHARED = Path(os.environ.get("GONGZHI_SHARED", Path(__file__).parents[3] / "shared"))
POLIS = SHARED / "data" / "polis"


def folder(name: str) -> Path:
    """A conversation's folder; the test is skipped, and says so, where the data is not there."""
    found = POLIS / name
    if not found.exists():
        pytest.skip(f"no data: {found}")
    return found


def published(name: str) -> dict[str, int]:
    """The groups an export of Polis tells."""
    with (folder(name) / "participants-votes.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return {row["participant"]: int(row["group-id"]) for row in rows if row["group-id"]}


def moderated(name: str) -> set[str]:
    """The statements its moderators took away."""
    with (folder(name) / "comments.csv").open(encoding="utf-8-sig") as file:
        return {row["comment-id"] for row in csv.DictReader(file) if row["moderated"] == "-1"}


def fixture(name: str) -> tuple[Votes, set[str], dict[str, object]]:
    """Votes, what was moderated away, and Polis' own output for them."""
    here = folder(f"fixtures/{name}")
    rows = json.loads((here / "votes.json").read_text())
    math = json.loads((here / "math-pca2.json").read_text())
    votes = collect(
        [str(row["participant_id"]) for row in rows],
        [str(row["statement_id"]) for row in rows],
        [row["vote"] for row in rows],
        [row["modified"] for row in rows],
    )
    return votes, {str(number) for number in math["mod-out"]}, math


def groups_of(math: Mapping[str, object]) -> dict[str, int]:
    """The group of every participant in Polis' own output."""
    bases: Mapping[str, list[object]] = math["base-clusters"]  # type: ignore[assignment]
    held = dict(zip(bases["id"], bases["members"], strict=True))
    found: dict[str, int] = {}
    for cluster in math["group-clusters"]:  # type: ignore[attr-defined]
        for base in cluster["members"]:
            found |= {str(person): cluster["id"] for person in held[base]}  # type: ignore[attr-defined]
    return found


def labels(opinion: Opinion) -> dict[str, int]:
    """Voter to group, of those in the picture."""
    pairs = zip(opinion.votes.voters, opinion.labels.tolist(), strict=True)
    return {voter: label for voter, label in pairs if label >= 0}


def rand(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The adjusted Rand index over those in both: 1 the same groups, 0 no better than chance."""
    both = sorted(set(one) & set(other))
    cells: dict[tuple[int, int], int] = {}
    for name in both:
        at = (one[name], other[name])
        cells[at] = cells.get(at, 0) + 1

    def pairs(sizes: Iterable[int]) -> int:
        return sum(comb(size, 2) for size in sizes)

    def sums(side: int) -> int:
        held: dict[int, int] = {}
        for at, size in cells.items():
            held[at[side]] = held.get(at[side], 0) + size
        return pairs(held.values())

    same, left, right, every = pairs(cells.values()), sums(0), sums(1), comb(len(both), 2)
    chance, most = left * right / every, (left + right) / 2
    return 1.0 if most == chance else (same - chance) / (most - chance)
