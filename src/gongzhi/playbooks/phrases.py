"""The phrases of the explained page, in both languages, out of `phrases.toml`."""

import tomllib
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def _known() -> dict[str, dict[str, str]]:
    """Phrase by id, by language."""
    text = files("gongzhi.playbooks").joinpath("phrases.toml").read_text("utf-8")
    return tomllib.loads(text)


def spoken(language: str) -> str:
    """The language itself if there are phrases in it, else Chinese."""
    return language if language in _known() else "zh-Hans"


def say(phrase: str, language: str, **parts: object) -> str:
    """A phrase in that language (else in Chinese), filled in. KeyError for an unknown phrase."""
    return _known()[spoken(language)][phrase].format(**parts)
