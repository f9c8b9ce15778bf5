"""Invented matters in the words people use, for the demonstration county and the tests."""

import re
import tomllib
from functools import cache
from importlib import resources
from random import Random
from typing import Any

_SLOT = re.compile(r"\{(\w+)\}")


@cache
def _corpus() -> dict[str, Any]:
    path = resources.files(__package__).joinpath("data", "corpus.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def templates() -> dict[str, list[str]]:
    """By category code: "title|body" with slots in braces."""
    found: dict[str, list[str]] = _corpus()["templates"]
    return found


def invent(rng: Random, category: str | None = None) -> tuple[str, str, str]:
    """A title, a body and the code of the category; KeyError for a category without templates.

    The same state of `rng` gives the same matter.
    """
    code = category or rng.choice(sorted(templates()))
    title, _, body = rng.choice(templates()[code]).partition("|")
    effects = rng.sample(_corpus()["slots"]["effect"], rng.choice((0, 1, 1, 2)))
    filled = _fill(rng, "{opening}" + body + "".join(effects) + "{ask}")
    return _fill(rng, title), filled, code


def _fill(rng: Random, text: str) -> str:
    """Fill the slots, those in what was filled in too."""
    slots: dict[str, list[str]] = _corpus()["slots"]
    while _SLOT.search(text):
        text = _SLOT.sub(lambda found: rng.choice(slots[found[1]]), text)
    return text.replace("{", "").replace("}", "").replace("，。", "。").replace("了了", "了")
