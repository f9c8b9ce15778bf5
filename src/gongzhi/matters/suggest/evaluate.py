"""How good category suggestions would be: five-fold, near-duplicates never on both sides.

Without the grouping the same message sent twice is learnt from and asked about, and every model
looks better than it is.
"""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.model_selection import StratifiedGroupKFold

from gongzhi.core.errors import BadInput
from gongzhi.matters.suggest import classifier
from gongzhi.matters.suggest.spelling import normalise

FOLDS = 5
RIGHT_ENOUGH = 0.98
_SHINGLE = 4
_BANDS, _ROWS = 16, 4  # finds most pairs that share half of their shingles
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class ClassReport:
    """One label: shares between 0 and 1, `texts` is how many carry it."""

    label: str
    precision: float
    recall: float
    f1: float
    texts: int


@dataclass(frozen=True)
class Report:
    """The result of a cross-validation; all shares between 0 and 1."""

    texts: int
    groups: int
    accuracy: float
    macro_f1: float
    top2: float  # the truth is one of the two suggested
    routed: float  # share of the surest suggestions that is right at least 98 % of the time
    threshold: float  # the confidence from which on they are that sure; above 1 when none are
    classes: tuple[ClassReport, ...]
    left_out: tuple[str, ...] = ()  # labels with too few texts to judge

    def __str__(self) -> str:
        """A page of plain text for a terminal."""
        lines = [
            f"texts {self.texts}, different after grouping near-duplicates {self.groups}",
            f"accuracy  {self.accuracy:.4f}",
            f"macro-F1  {self.macro_f1:.4f}",
            f"truth among two suggestions  {self.top2:.4f}",
            f"could be routed at >= {RIGHT_ENOUGH:.0%} right  {self.routed:.1%}"
            f"  (confidence >= {self.threshold:.3f})",
            "",
            "precision  recall     f1   texts  label",
        ]
        lines += [
            f"   {c.precision:.4f}  {c.recall:.4f} {c.f1:.4f} {c.texts:7d}  {c.label}"
            for c in self.classes
        ]
        if self.left_out:
            lines += ["", f"left out, fewer than {FOLDS} texts: {', '.join(self.left_out)}"]
        return "\n".join(lines)


def evaluate(texts: Sequence[str], labels: Sequence[str]) -> Report:
    """Grouped, stratified five-fold cross-validation.

    Labels with fewer texts than folds cannot be judged and are left out, by name in the report.
    BadInput when fewer than two labels remain, or all texts are alike.
    """
    often = Counter(labels)
    rare = tuple(sorted(label for label, count in often.items() if count < FOLDS))
    kept = [(t, label) for t, label in zip(texts, labels, strict=True) if label not in rare]
    names = sorted({label for _, label in kept})
    if len(names) < 2:
        raise BadInput("label", f"至少要有两种类别，每种至少{FOLDS}条文字，才能评估。")
    groups = near_duplicates([text for text, _ in kept])
    if len(set(groups.tolist())) < FOLDS:
        raise BadInput("text", "文字几乎都一样，不能评估。")
    truth = np.array([names.index(label) for _, label in kept])
    sure = _out_of_fold([text for text, _ in kept], truth, groups, len(names))
    return replace(_report(names, truth, sure, groups), left_out=rare)


def near_duplicates(texts: Sequence[str]) -> NDArray[np.int64]:
    """A group number for each text; texts that share half of their shingles share the number."""
    signatures = np.array([_signature(text) for text in texts], dtype=np.uint64)
    groups = list(range(len(texts)))

    def root(i: int) -> int:
        while groups[i] != i:
            groups[i] = groups[groups[i]]
            i = groups[i]
        return i

    for band in range(_BANDS):
        rows = signatures[:, band * _ROWS : (band + 1) * _ROWS]
        first: dict[bytes, int] = {}
        for i, key in enumerate(rows):
            other = first.setdefault(key.tobytes(), i)
            alike = float((signatures[i] == signatures[other]).mean())
            if other != i and alike >= _ALIKE:
                groups[max(root(i), root(other))] = min(root(i), root(other))
    return np.array([root(i) for i in range(len(texts))])


def _hash_factors() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    rng = np.random.default_rng(7)
    numbers = rng.integers(1, 2**63, size=(2, _BANDS * _ROWS, 1), dtype=np.uint64)
    return numbers[0] | np.uint64(1), numbers[1]


_FACTORS, _OFFSETS = _hash_factors()


def _signature(text: str) -> NDArray[np.uint64]:
    """MinHash of the shingles of a text."""
    plain = normalise(text).ljust(_SHINGLE)
    codes = np.frombuffer(plain.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    shingles = np.zeros(len(codes) - _SHINGLE + 1, dtype=np.uint64)
    for i in range(_SHINGLE):
        shingles = shingles * np.uint64(1_000_003) + codes[i : i + len(shingles)]
    mixed = np.unique(shingles)[None, :] * _FACTORS + _OFFSETS
    mixed ^= mixed >> np.uint64(31)
    return np.asarray((mixed * np.uint64(0x9E3779B97F4A7C15)).min(axis=1))


def _out_of_fold(
    texts: Sequence[str], truth: NDArray[np.int64], groups: NDArray[np.int64], labels: int
) -> NDArray[np.float64]:
    """For each text the confidences of a model that saw neither it nor its near-duplicates."""
    # Counting is the same for every fold; document frequencies are taken from the learnt part.
    counts: sparse.csr_matrix = classifier.counter().fit_transform(texts).tocsr()
    sure = np.zeros((len(texts), labels))

    def one(fold: tuple[NDArray[np.int64], NDArray[np.int64]]) -> None:
        learn, ask = fold
        weights = classifier.fit(counts[learn], [f"{number:06d}" for number in truth[learn]])
        known = np.array([int(label) for label in weights.labels])
        sure[np.ix_(ask, known)] = weights.confidences(weights.features(counts[ask]))

    split = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=0)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, split.split(counts, truth, groups)))
    return sure


def _report(
    names: list[str],
    truth: NDArray[np.int64],
    sure: NDArray[np.float64],
    groups: NDArray[np.int64],
) -> Report:
    order = np.argsort(-sure, axis=1, kind="stable")
    guess = order[:, 0]
    classes = tuple(_class_report(name, truth == i, guess == i) for i, name in enumerate(names))
    routed, threshold = _routed(guess == truth, sure.max(axis=1))
    return Report(
        texts=len(truth),
        groups=len(set(groups.tolist())),
        accuracy=float((guess == truth).mean()),
        macro_f1=float(np.mean([report.f1 for report in classes])),
        top2=float((order[:, :2] == truth[:, None]).any(axis=1).mean()),
        routed=routed,
        threshold=threshold,
        classes=classes,
    )


def _class_report(name: str, is_it: NDArray[np.bool_], said: NDArray[np.bool_]) -> ClassReport:
    hits = float((is_it & said).sum())
    precision = hits / max(float(said.sum()), 1.0)
    recall = hits / max(float(is_it.sum()), 1.0)
    f1 = 2 * hits / max(float(said.sum() + is_it.sum()), 1.0)
    return ClassReport(name, precision, recall, f1, int(is_it.sum()))


def _routed(right: NDArray[np.bool_], sure: NDArray[np.float64]) -> tuple[float, float]:
    """The largest share of surest guesses with enough of them right, and their least confidence."""
    order = np.argsort(-sure, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    enough = np.flatnonzero(shares >= RIGHT_ENOUGH)
    if not len(enough):
        return 0.0, 1.01
    last = int(enough[-1])
    return (last + 1) / len(right), float(sure[order][last])
