"""The first letters of a name as people type them: 张三丰 → zsf. Pure."""

from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin

# Read otherwise as a surname than as a word.
_SURNAMES = {
    "曾": "z", "单": "s", "解": "x", "仇": "q", "区": "o", "查": "z", "任": "r", "盖": "g",
    "朴": "p", "繁": "p", "翟": "z", "尉": "y", "员": "y", "乐": "y", "覃": "q", "召": "s",
    "种": "c", "洗": "x", "那": "n", "宓": "m", "逄": "p", "缪": "m", "晁": "c", "撒": "s",
}  # fmt: skip
MOST = 12


def _apart(rest: str) -> Any:
    """What is no Chinese character, letter by letter."""
    return list(rest)


@lru_cache(maxsize=20_000)
def initials(name: str) -> str:
    """Small letters, at most twelve; letters and digits of the name itself stay."""
    read = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_apart)
    letters = [part[:1].lower() for part in read]
    if name[:1] in _SURNAMES and letters:
        letters[0] = _SURNAMES[name[:1]]
    return "".join(c for c in letters if c.isascii() and c.isalnum())[:MOST]
