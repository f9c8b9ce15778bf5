"""Which of the matters nearby may be the same one: cosine of the pairs and triples of the title.

The caller passes the candidates (same place, last 90 days); a person confirms.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gongzhi.matters.suggest.spelling import normalise

Key = TypeVar("Key", bound=Hashable)

LEAST_ALIKE = 0.15
"""Below this, two titles share little more than a word or two."""


@dataclass(frozen=True, slots=True)
class Likely(Generic[Key]):
    """A matter that may be the same: `alike` between 0 and 1, `why` the longest shared pieces."""

    key: Key
    alike: float
    why: tuple[str, ...]


def similar(
    text: str,
    candidates: Sequence[tuple[Key, str]],
    k: int = 5,
    *,
    least: float = LEAST_ALIKE,
) -> list[Likely[Key]]:
    """The `k` most alike of `candidates` (key, title), best first; ties in the order given."""
    if not candidates:
        return []
    asked, bags = _grams(text), [_grams(title) for _, title in candidates]
    weights = _weights([asked, *bags])
    scored = [
        (_cosine(asked, bag, weights), key, title)
        for bag, (key, title) in zip(bags, candidates, strict=True)
    ]
    best = sorted((s for s in scored if s[0] >= least), key=lambda s: -s[0])[:k]
    return [Likely(key, round(alike, 3), shared(text, title)) for alike, key, title in best]


def shared(one: str, two: str) -> tuple[str, ...]:
    """Up to three of the longest pieces, of at least two characters, that both texts have."""
    left, right = normalise(one), normalise(two)
    pieces = {
        left[i : i + size]
        for size in range(2, min(len(left), 12) + 1)
        for i in range(len(left) - size + 1)
        if left[i : i + size] in right
    }
    longest = sorted(pieces, key=lambda piece: (-len(piece), left.index(piece)))
    kept: list[str] = []
    for piece in longest:
        if not any(set(_positions(left, piece)) & set(_positions(left, other)) for other in kept):
            kept.append(piece)
    return tuple(kept[:3])


def _positions(text: str, piece: str) -> range:
    start = text.index(piece)
    return range(start, start + len(piece))


def _grams(text: str) -> Counter[str]:
    plain = normalise(text)
    return Counter(plain[i : i + size] for size in (2, 3) for i in range(len(plain) - size + 1))


def _weights(bags: Iterable[Counter[str]]) -> dict[str, float]:
    """What many titles nearby have says less."""
    bags = list(bags)
    seen: Counter[str] = Counter()
    for bag in bags:
        seen.update(bag.keys())
    return {gram: math.log((1 + len(bags)) / (1 + count)) + 1 for gram, count in seen.items()}


def _cosine(one: Counter[str], two: Counter[str], weights: dict[str, float]) -> float:
    dot = sum(count * two[gram] * weights[gram] ** 2 for gram, count in one.items() if gram in two)
    if dot == 0:
        return 0.0
    return dot / math.sqrt(_square(one, weights) * _square(two, weights))


def _square(bag: Counter[str], weights: dict[str, float]) -> float:
    return sum((count * weights[gram]) ** 2 for gram, count in bag.items())
