"""Refusals in the reader's language, also those with a name or a number inside.

A refusal is written where it arises, in Chinese, often with something filled in: "没有代码为“123”的
地方。" The catalogue knows it as "没有代码为“{0}”的地方。"; here the sentence is recognised by that
pattern and said again with the same filling.
"""

import re
from functools import lru_cache

from django.utils.translation import get_language, gettext
from django.utils.translation.trans_real import translation

_HOLE = re.compile(r"\{\d\}")


def spoken(words: str) -> str:
    """The sentence in the language of the page; as it is, when the catalogue does not know it."""
    if not words:
        return ""
    exact = gettext(words)
    language = get_language() or ""
    if exact != words or language.startswith("zh"):
        return exact
    for pattern, said in _patterns(language):
        if found := pattern.fullmatch(words):
            parts = [spoken(part) for part in found.groups()]
            return said.format(*parts)
    return words


@lru_cache(maxsize=4)
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every sentence of the catalogue with holes, the longest first: the most is said by it."""
    catalogue = translation(language)
    known = catalogue._catalog  # type: ignore[attr-defined]
    holed = [
        (key, known[key])
        for key in known.keys()  # noqa: SIM118 - a catalogue with plurals is no plain mapping
        if isinstance(key, str) and _HOLE.search(key)
    ]
    holed.sort(key=lambda pair: -len(pair[0]))
    return tuple((_as_pattern(key), said) for key, said in holed)


def _as_pattern(key: str) -> re.Pattern[str]:
    """ "没有“{0}”。" → 没有“(.*?)”。 with the same hole named twice holding the same words."""
    parts: list[str] = []
    seen: set[str] = set()
    end = 0
    for hole in _HOLE.finditer(key):
        parts.append(re.escape(key[end : hole.start()]))
        name = f"h{hole.group()[1]}"
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
        seen.add(name)
        end = hole.end()
    parts.append(re.escape(key[end:]))
    return re.compile("".join(parts), re.DOTALL)
