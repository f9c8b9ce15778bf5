"""Which statements were taken away while people still voted, told from the votes alone.

Who is shown statements at random votes on each that is open with the chance 1 / (statements open
to him). Summed over all votes cast after the last one on a statement, by people who never voted on
it, this is how many votes it would have got had it stayed open. Where many were to be expected and
not one came, it was taken away.
"""

from dataclasses import dataclass

import numpy as np

from gongzhi.deliberation.rounds.opinion.votes import Bools, Cast, Floats, Ints

# By chance alone ten missing votes happen once in twenty thousand statements; statements are not
# shown quite at random (telling and new ones more often), so it takes twice as many.
EXPECTED = 20.0


def taken_away(cast: Cast, matrix: Floats) -> Bools:
    """Per statement whether at least `EXPECTED` votes are missing after its last one."""
    seen = ~np.isnan(matrix)
    people, asked = matrix.shape
    track = _track(cast, asked)
    weight = 1.0 / np.maximum(_open_to(track, people), 1)
    after = np.append(np.cumsum(weight[::-1])[::-1], 0.0)
    last = np.zeros(asked, dtype=np.int64)
    last[track.what] = track.when  # by time, so the last one stays
    begins = np.searchsorted(track.when, last, side="right")
    gone: Bools = np.zeros(asked, dtype=np.bool_)
    for at in np.flatnonzero(after[begins] > EXPECTED):
        begin = begins[at]
        by_person = np.bincount(track.who[begin:], weight[begin:], minlength=people)
        gone[at] = by_person @ ~seen[:, at] > EXPECTED
    return gone


@dataclass(frozen=True)
class _Track:
    """First votes of each person on each statement, by time; moments as numbers from 1."""

    who: Ints
    what: Ints
    when: Ints


def _track(cast: Cast, asked: int) -> _Track:
    _, first = np.unique(cast.who * asked + cast.what, return_index=True)
    first.sort()
    _, moment = np.unique(cast.when[first], return_inverse=True)
    return _Track(cast.who[first], cast.what[first], moment + 1)


def _open_to(track: _Track, people: int) -> Ints:
    """At each vote: statements that had a vote by then, less those its voter had voted on before.

    Of votes in the same moment nobody knows the order: all are taken as the last to see and the
    first to vote, so that rather too much is thought open.
    """
    new = np.zeros(len(track.who), dtype=np.int64)
    new[np.unique(track.what, return_index=True)[1]] = 1
    ends = np.searchsorted(track.when, track.when, side="right")
    opened = np.cumsum(new)[ends - 1]
    order = np.lexsort((track.when, track.who))
    who, when = track.who[order], track.when[order]
    starts = np.searchsorted(who, np.arange(people))
    moment = who * (len(track.who) + 1) + when
    before = np.empty(len(who), dtype=np.int64)
    before[order] = np.searchsorted(moment, moment) - starts[who]
    return np.asarray(opened - before)
