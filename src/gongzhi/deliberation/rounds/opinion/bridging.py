"""Which statements please people who otherwise disagree, without naming any groups.

A vote is explained as: general mood + how agreeable the voter is + how good the statement is +
(voter's leaning x statement's leaning). What the leaning explains is taken away from the statement;
what remains is agreement across the divide. After Wojcik et al., "Birdwatch" (2022), the model of
Community Notes, fitted here by alternating least squares.
"""

import numpy as np

from gongzhi.deliberation.rounds.opinion.votes import Bools, Floats

_PULL_LEVEL, _PULL_LEAN = 0.15, 0.03  # the published regularisation of levels and of leanings
_ROUNDS = 30


def score(matrix: Floats, counted: Bools) -> Floats:
    """The statement's own level, one per column; higher is liked more widely. NaN without votes."""
    part = matrix[counted]
    has = (~np.isnan(part)).astype(np.float64)
    marks = np.where(has > 0, (part + 1) / 2, 0.0)
    total = has.sum()
    if total == 0:
        return np.full(matrix.shape[1], np.nan)
    mood = float(marks.sum() / total)
    lean = _first_lean(marks, has, mood)
    level = np.zeros(matrix.shape[1])
    for _ in range(_ROUNDS):
        mine, side = _fit(marks - mood * has, has, level, lean)
        last = level
        level, lean = _fit((marks - mood * has).T, has.T, mine, side)
        if np.abs(level - last).max() < 1e-4:
            break
    return np.where(has.sum(axis=0) > 0, level, np.nan)


def _first_lean(marks: Floats, has: Floats, mood: float) -> Floats:
    """A start that is the same every time: the direction of the most divided statement."""
    above = marks - mood * has
    left = above - has * (above.sum(axis=0) / np.maximum(has.sum(axis=0), 1))
    divided = int(np.argmax((left**2).sum(axis=0).round(9)))
    lean = left.T @ left[:, divided]
    size = np.abs(lean).max()
    return np.asarray(lean / size if size > 0 else lean)


def _fit(left: Floats, has: Floats, level: Floats, lean: Floats) -> tuple[Floats, Floats]:
    """Level and leaning of each row, given those of the columns: a 2 x 2 system per row, solved."""
    count = has.sum(axis=1)
    usual = count.mean()  # the pull is that of an average row: few votes are pulled harder to zero
    rest = left.sum(axis=1) - has @ level
    turned = left @ lean - has @ (level * lean)
    a = count + _PULL_LEVEL * usual
    b = has @ lean
    d = has @ (lean**2) + _PULL_LEAN * usual
    under = np.maximum(a * d - b * b, 1e-12)
    return (d * rest - b * turned) / under, (a * turned - b * rest) / under
