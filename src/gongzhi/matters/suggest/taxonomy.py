"""The list of categories, up to three levels, and the tracks a request may have to be sent to."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One guess: `confidence` between 0 and 1, and the pieces of the text that speak for it."""

    label: str
    confidence: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A class of matters. `code` has one to three parts joined by dots: class.kind.detail."""

    code: str
    zh: str
    en: str
    keywords: tuple[str, ...]
    topic: str = ""  # what playbooks route by

    @property
    def level(self) -> int:
        """1 for a class, 2 for a kind, 3 for a detail."""
        return self.code.count(".") + 1

    @property
    def parent(self) -> str:
        """The code one level up; empty for a class."""
        return self.code.rpartition(".")[0]

    def name(self, language: str = "zh") -> str:
        """The name in Chinese, or in English for any language that starts with "en"."""
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Diversion:
    """A lawful track outside this platform, with what to tell the person."""

    code: str
    zh: str
    en: str
    strong: tuple[str, ...]
    advice_zh: str
    advice_en: str


@cache
def categories() -> Mapping[str, Category]:
    """All categories by code, a parent before its children."""
    return {item.code: item for item in _walk(_read("categories.toml"), "")}


@cache
def diversions() -> tuple[Diversion, ...]:
    """The tracks, the most urgent first."""
    return tuple(
        Diversion(code=code, strong=tuple(entry.pop("strong")), **entry)
        for code, entry in _read("diversions.toml").items()
    )


def classes() -> list[Category]:
    """The first level, in the order people are shown it."""
    return [item for item in categories().values() if item.level == 1]


def children(code: str) -> list[Category]:
    """The categories directly below `code`."""
    return [item for item in categories().values() if item.parent == code]


def class_of(code: str) -> str:
    """The first-level code `code` belongs to."""
    return code.partition(".")[0]


def _walk(table: Mapping[str, Any], above: str, topic: str = "") -> Iterator[Category]:
    for key, entry in table.items():
        if not isinstance(entry, dict):
            continue
        code = f"{above}.{key}" if above else key
        own = entry.get("topic", topic)
        yield Category(code, entry["zh"], entry["en"], tuple(entry["keywords"]), own)
        yield from _walk(entry, code, own)


def _read(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return tomllib.loads(text)
