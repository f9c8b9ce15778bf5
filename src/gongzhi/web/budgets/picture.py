"""The result as bars: how many supported each project, and how they shared its cost."""

from collections.abc import Mapping
from typing import Any

from gongzhi.deliberation.budgets import rules

WIDTH = 300  # of the drawing; the page stretches it


def bars(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One bar for each project: parts of all who voted, in units of the drawing.

    `full` paid the whole price, `less` gave all they had left, `only` supported without paying.
    """
    voters = result["voters"] or 1
    return [_bar(project, voters) for project in result["projects"]]


def _bar(project: Mapping[str, Any], voters: int) -> dict[str, Any]:
    payers, each, fewer = rules.share_words(project["paid"])
    full = payers - fewer
    only = max(project["supporters"] - payers, 0)
    return {
        **project,
        "percent": round(project["supporters"] * 100 / voters),
        "each_fen": each,
        "full_voters": full,
        "less_voters": fewer,
        "full": _width(full, voters),
        "less": _width(fewer, voters),
        "only": _width(only, voters),
        "less_from": _width(full, voters),
        "only_from": _width(payers, voters),
    }


def _width(part: int, whole: int) -> float:
    return round(float(rules.part(part, whole)) * WIDTH, 1)
