"""Counting honestly. Pure."""

from fractions import Fraction
from math import sqrt

from gongzhi.matters.suggest import taxonomy
from gongzhi.playbooks.moves import Resolution
from gongzhi.playbooks.schema import Playbook

__all__ = ["Resolution", "off_target", "straight_way", "topic", "wilson"]

Z = 1.959964  # two-sided 95 %


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) when nothing was counted."""
    if not 0 <= part <= whole:
        raise ValueError("a part is between nothing and the whole")
    if whole == 0:
        return 0.0, 1.0
    share = part / whole
    spread = Z * Z / whole
    centre = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / whole + spread / (4 * whole)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def topic(playbook: Playbook, category: str) -> str:
    """The topic of a category that the playbook routes by; "" when it names none of them.

    "labour.wages" has the topic `wage_arrears`, which Xindu takes to the street at once.
    """
    known = playbook.climb.topics if playbook.climb is not None else {}
    found = taxonomy.categories().get(category)
    return found.topic if found is not None and found.topic in known else ""


def off_target(share: float, target: Fraction | None) -> str:
    """Said both ways and never a score: "" near the target, "high" or "low" far from it."""
    if target is None:
        return ""
    if share > min(1.0, float(target) * 2):
        return "high"
    return "low" if share < float(target) / 4 else ""


def straight_way(playbook: Playbook) -> list[str]:
    """The stages a matter passes when every gate says yes, in order."""
    way = [playbook.stages[0].id]
    known = {stage.id for stage in playbook.stages}
    while (to := playbook.target(playbook.stage(way[-1]), "pass")) in known - set(way):
        assert to is not None
        way.append(to)
    return way
