"""Suggestions by keywords, for a place that has not confirmed enough matters to learn from."""

import unicodedata
from collections.abc import Iterable, Mapping

from gongzhi.matters.suggest.taxonomy import Category, Diversion, Suggestion, categories, diversions


def suggest(
    text: str, k: int = 2, *, among: Mapping[str, Category] | None = None
) -> list[Suggestion]:
    """The `k` categories whose keywords weigh most in `text`; none when no keyword occurs.

    The confidence is the share of the weight found, lowered when little was found: it orders
    guesses and is no probability.
    """
    folded = _folded(text)
    found: dict[str, tuple[str, ...]] = {}
    for category in (among or categories()).values():
        if hits := _longest(word for word in category.keywords if _folded(word) in folded):
            found[category.code] = hits
    weights = {code: sum(_weight(word) for word in hits) for code, hits in found.items()}
    for code in found:  # a kind also speaks for what its class says
        above = code.rpartition(".")[0]
        weights[code] += weights.get(above, 0.0) / 2 if above in found else 0.0
    total = sum(weights.values()) + 2.0
    ranked = sorted(weights, key=lambda code: (-weights[code], -code.count("."), code))
    kept = [code for code in ranked if not any(other.startswith(f"{code}.") for other in ranked)]
    return [Suggestion(code, round(weights[code] / total, 3), found[code]) for code in kept[:k]]


def divert(text: str) -> tuple[Diversion, tuple[str, ...]] | None:
    """The track outside this platform the text speaks of, with the words that say so."""
    folded = _folded(text)
    for diversion in diversions():
        if hits := tuple(word for word in diversion.strong if word in folded):
            return diversion, hits
    return None


def _longest(words: Iterable[str]) -> tuple[str, ...]:
    """Without the words that are part of another word found."""
    kept = sorted(words, key=len, reverse=True)
    return tuple(w for i, w in enumerate(kept) if not any(w in longer for longer in kept[:i]))


def _weight(word: str) -> float:
    """Longer words say more."""
    return 0.5 + 0.5 * min(len(word), 4)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")
