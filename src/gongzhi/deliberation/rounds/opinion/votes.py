"""Votes as a matrix: voters down, statements across, the last vote of each counts."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ENOUGH = 7  # votes after which a person is taken into the picture
AT_LEAST = 15  # people in the picture, the most diligent first, while there are few
_NUMBERED = re.compile(r"^(\D*)(\d{1,18})$")


@dataclass(frozen=True)
class Cast:
    """All votes in the order of their times: row and column of the matrix, and when."""

    who: Ints
    what: Ints
    when: Floats


@dataclass(frozen=True)
class Votes:
    """One conversation. `matrix` is voters x statements: 1 agree, 0 pass, -1 disagree, NaN none.

    `came_in` marks those who are in the picture; `changed` counts votes replaced by later ones;
    `cast` is None where times are not known.
    """

    voters: tuple[str, ...]
    statements: tuple[str, ...]
    matrix: Floats
    came_in: Bools
    changed: int
    cast: Cast | None = None


def collect(
    voters: Sequence[str],
    statements: Sequence[str],
    values: Sequence[int],
    times: Sequence[float] | None = None,
) -> Votes:
    """One entry per vote. With `times` the latest counts; without, the one later in the list."""
    marks = np.asarray(values, dtype=np.float64)
    who, people = _numbered(voters)
    what, asked = _numbered(statements)
    when: Floats | None = None
    if times is not None and len(marks):
        when = np.asarray(times, dtype=np.float64)
        order = np.argsort(when, kind="stable")
        who, what, marks, when = who[order], what[order], marks[order], when[order]
    who, people = _in_order(who, people, arrival=True)
    what, asked = _in_order(what, asked, arrival=False)
    matrix = np.full((len(people), len(asked)), np.nan)
    matrix[who, what] = marks  # of equal places numpy keeps the last, which is what is wanted
    filled = int(np.count_nonzero(~np.isnan(matrix)))
    came_in = enough(matrix)
    if times is not None:
        came_in |= _early(who, what, len(people))
    cast = None if when is None or when[0] == when[-1] else Cast(who, what, when)
    return Votes(people, asked, matrix, came_in, len(marks) - filled, cast)


def _numbered(names: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    """Each name as a number in order of appearance, and the names."""
    index: dict[str, int] = {}
    numbers = [index.setdefault(name, len(index)) for name in names]
    return np.array(numbers, dtype=np.int64), tuple(index)


def _in_order(at: Ints, names: tuple[str, ...], *, arrival: bool) -> tuple[Ints, tuple[str, ...]]:
    """Names that are numbers (12, p12) are given out as people come: sort by them.

    Other names say nothing about arrival: voters stay as they came, statements are sorted.
    The order matters because the first points are the seeds of the groups.
    """
    parts = [_NUMBERED.match(name) for name in names]
    if all(parts) and len({part[1] for part in parts if part}) == 1:
        keys = [int(part[2]) for part in parts if part]
        order = sorted(range(len(names)), key=keys.__getitem__)
    elif arrival:
        return at, names
    else:
        order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return place[at], tuple(names[i] for i in order)


def enough(matrix: Floats) -> Bools:
    """Who has at least seven votes (or all there are), filled up to fifteen people."""
    count = np.count_nonzero(~np.isnan(matrix), axis=1)
    enough: Bools = count >= min(ENOUGH, matrix.shape[1])
    missing = AT_LEAST - int(enough.sum())
    if missing > 0:
        rest = np.flatnonzero(~enough)
        enough[rest[np.argsort(-count[rest], kind="stable")[:missing]]] = True
    return enough


def _early(who: Ints, what: Ints, people: int) -> Bools:
    """Who came in while statements or people were still few: once in, one stays in."""
    inside: set[int] = set()
    asked: set[int] = set()
    seen: set[tuple[int, int]] = set()
    count: Counter[int] = Counter()
    for voter, statement in zip(who.tolist(), what.tolist(), strict=True):
        asked.add(statement)
        if (voter, statement) not in seen:
            seen.add((voter, statement))
            count[voter] += 1
        if count[voter] >= min(ENOUGH, len(asked)):
            inside.add(voter)
        if len(inside) < AT_LEAST:
            others = [name for name, _ in count.most_common() if name not in inside]
            inside.update(others[: AT_LEAST - len(inside)])
        elif len(asked) >= ENOUGH:
            break
    early: Bools = np.zeros(people, dtype=np.bool_)
    early[list(inside)] = True
    return early
