"""What the law gives to an assembly or to the members of a collective, as data.

Source: 村民委员会组织法 (2025) 28, 31; 城市居民委员会组织法 (2025) 30;
农村集体经济组织法 15, 26, 28.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gongzhi.playbooks import rules
from gongzhi.playbooks.moves import Refused, Resolution


@dataclass(frozen=True, slots=True)
class Item:
    """One thing only an assembly decides: where that is written, in which words, who decides."""

    code: str
    law: str  # village, urban or collective
    law_zh: str
    law_en: str
    article: str
    zh: str
    en: str
    words: str
    decided_by: tuple[str, ...]  # presets of rules.toml, any of which decides it
    categories: tuple[str, ...] = ()  # categories of matters that suggest it

    @property
    def citation(self) -> str:
        """The law and the article, as one writes them."""
        return f"《{self.law_zh}》{self.article}"

    def name(self, language: str = "zh-Hans") -> str:
        """In Chinese, or in English for any language that starts with "en"."""
        return self.en if language.startswith("en") else self.zh

    def deciders(self, language: str = "zh-Hans") -> tuple[str, ...]:
        """The names of the meetings that decide it."""
        known = rules.presets()
        return tuple((known[rule].names or {}).get(language, rule) for rule in self.decided_by)


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("statutory.toml").read_text(encoding="utf-8"))


@cache
def items() -> dict[str, Item]:
    """Every item by its code, in the order of the laws."""
    data, made = _file(), {}
    for code, entry in data["item"].items():
        law = data["law"][entry["law"]]
        made[code] = Item(
            code=code, law=entry["law"], law_zh=law["zh"], law_en=law["en"],
            article=entry["article"], zh=entry["zh"], en=entry["en"], words=entry["words"],
            decided_by=tuple(entry.get("decided_by", law["decided_by"])),
            categories=tuple(entry.get("categories", ())),
        )  # fmt: skip
    return made


def suggested(category: str) -> tuple[Item, ...]:
    """The items a category of matters may touch; the longest matching category first."""
    found = [
        (max(map(len, hits)), item)
        for item in items().values()
        if (hits := [c for c in item.categories if f"{category}.".startswith(f"{c}.")])
    ]
    return tuple(item for _, item in sorted(found, key=lambda pair: -pair[0]))


def decides(code: str, resolution: Resolution) -> bool:
    """Whether that resolution settles the item: binding, passed, citing its session, and taken
    by a meeting the law gives it to."""
    taken = resolution.binding and resolution.verdict == "pass" and bool(resolution.session_number)
    return taken and code in items() and resolution.rule in items()[code].decided_by


def counts_for(rule: str, resolution: Resolution) -> bool:
    """Whether a binding resolution answers a stage that waits for this preset's vote."""
    wider = _file()["wider"].get(rule, ())
    return resolution.binding and (resolution.rule == rule or resolution.rule in wider)


def refusal(code: str) -> Refused:
    """Why a matter marked with the item may not be carried out yet, and what to do."""
    item = items().get(code)
    if item is None:
        return Refused("needs_assembly", "这件事要先由会议讨论决定才可以办。")
    who = "或者".join(item.deciders())
    return Refused(
        "needs_assembly",
        f"这件事属于“{item.zh}”。{item.citation}规定，要经会议讨论决定才可以办。",
        f"请提请{who}表决；通过的决议会自动记到这里。议事会的意见、登记的举手票数都不能代替。",
    )
