"""Where people stand: the two directions in which opinions differ most."""

from dataclasses import dataclass

import numpy as np

from gongzhi.deliberation.rounds.opinion.votes import Bools, Floats


@dataclass(frozen=True)
class Space:
    """`points`: voters x 2. `centre`: mean vote per statement. `axes`: statements x 2."""

    points: Floats
    centre: Floats
    axes: Floats


def place(matrix: Floats, out: Bools) -> Space:
    """Principal components of the votes, and every voter's place on the first two.

    A missing vote is the mean of its statement, so it moves nobody. Columns in `out` (moderated
    away) are zero for everybody. A voter is placed by what he voted on only, stretched by
    sqrt(statements / votes), because few votes would otherwise leave him near the middle; a zeroed
    column counts as voted on by all, which keeps those with few votes from flying off.
    """
    has = ~np.isnan(matrix)
    centre = np.where(has, matrix, 0.0).sum(axis=0) / np.maximum(has.sum(axis=0), 1)
    centre[out] = 0.0
    apart = np.where(has, matrix - centre, 0.0)
    apart[:, out] = 0.0
    axes = _axes(apart)
    answered = (has | out).sum(axis=1)
    stretch = np.sqrt(matrix.shape[1] / np.maximum(answered, 1))
    return Space((apart @ axes) * stretch[:, None], centre, axes)


def extremity(space: Space) -> Floats:
    """How far a single vote against a statement would carry a voter from the middle."""
    reach = (1.0 - space.centre)[:, None] * space.axes * np.sqrt(len(space.centre))
    return np.asarray(np.sqrt((reach**2).sum(axis=1)))


def _axes(apart: Floats) -> Floats:
    """The two leading eigenvectors, from whichever side's product is smaller. Zeros where none."""
    people, asked = apart.shape
    axes = np.zeros((asked, 2))
    if not apart.any():
        return axes
    wide = asked > people
    values, vectors = np.linalg.eigh(apart @ apart.T if wide else apart.T @ apart)
    for at in range(min(2, len(values))):
        value, vector = values[-1 - at], vectors[:, -1 - at]
        if value > 1e-9 * values[-1]:
            axis = apart.T @ vector if wide else vector
            axis = axis / np.linalg.norm(axis)
            # an eigenvector has no sign of its own: the heaviest statement decides, once for all
            axes[:, at] = axis * np.sign(axis[np.argmax(np.abs(axis).round(9))])
    return axes
