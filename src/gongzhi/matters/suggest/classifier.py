"""Category suggestions learnt from confirmed matters: character grams, TF-IDF, a linear SVM.

Characters and pairs of characters need no word segmentation and did best on municipal messages;
spaces between Chinese characters are dropped, so segmented and plain text are the same.

scikit-learn is imported where it is used: it would cost every process seconds at its start.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from gongzhi.core.errors import BadInput
from gongzhi.matters.suggest.spelling import normalise
from gongzhi.matters.suggest.taxonomy import Suggestion

if TYPE_CHECKING:
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer

Floats = NDArray[np.float64]
_FORMAT = 1
_GRAMS = (1, 2)
_LEAST_TEXTS = 2  # a gram that occurs in one text only teaches nothing
_CALIBRATION_SHARE = 5  # every fifth text

_SAYS_SOMETHING = re.compile(r"[^\W\d_]{2}")


def counter(**options: Any) -> CountVectorizer:
    """Counts the character grams of texts."""
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(
        analyzer="char",
        ngram_range=_GRAMS,
        lowercase=False,
        preprocessor=normalise,
        dtype=np.float32,
        **options,
    )


@dataclass(frozen=True)
class Weights:
    """What is learnt: one row a label, one column a gram."""

    labels: tuple[str, ...]
    columns: NDArray[np.int64]  # of the counted grams, those that are used
    idf: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    intercepts: Floats
    sharpness: float  # turns margins into confidences

    def features(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """TF-IDF of counted grams, each row of length one."""
        return _tfidf(counts[:, self.columns], self.idf)

    def confidences(self, features: sparse.csr_matrix) -> Floats:
        """One row a text, one column a label; each row sums to one."""
        margins = features @ self.coefficients.T + self.intercepts
        return _softmax(np.asarray(margins, dtype=np.float64) * self.sharpness)


def fit(counts: sparse.csr_matrix, labels: Sequence[str], *, strength: float = 0.5) -> Weights:
    """Learn from counted grams. BadInput with fewer than two labels."""
    names, wanted = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    if len(names) < 2:
        raise BadInput("label", "至少要有两种类别，才能学习分类。")
    seen_in = np.asarray((counts > 0).sum(axis=0)).ravel()
    columns = np.flatnonzero(seen_in >= min(_LEAST_TEXTS, max(1, counts.shape[0] // 50)))
    idf = (np.log((1 + counts.shape[0]) / (1 + seen_in[columns])) + 1).astype(np.float32)
    features = _tfidf(counts[:, columns], idf)
    coefficients, intercepts = _svm(features, wanted, len(names), strength)
    return Weights(
        labels=tuple(str(name) for name in names),
        columns=columns,
        idf=idf,
        coefficients=coefficients,
        intercepts=intercepts,
        sharpness=_sharpness(features, wanted, len(names), strength),
    )


class Model:
    """A trained classifier, to suggest with and to keep in a file."""

    def __init__(self, weights: Weights, grams: Sequence[str]) -> None:
        """`grams` are the used ones, in the order of the columns of the coefficients."""
        self.weights = weights
        self.grams = list(grams)
        self._counter = counter(vocabulary={gram: i for i, gram in enumerate(self.grams)})

    @property
    def labels(self) -> tuple[str, ...]:
        """The categories it knows."""
        return self.weights.labels

    def confidences(self, texts: Sequence[str]) -> Floats:
        """One row a text, one column for each of `labels`; each row sums to one."""
        return self.weights.confidences(self._features(texts))

    def suggest(self, text: str, k: int = 2) -> list[Suggestion]:
        """The `k` likeliest categories; none for a text in which nothing is known."""
        features = self._features([text])
        if features.nnz == 0:
            return []
        sure = self.weights.confidences(features)[0]
        best = np.argsort(-sure, kind="stable")[:k]
        return [
            Suggestion(self.labels[i], round(float(sure[i]), 3), self._why(features, int(i)))
            for i in best
        ]

    def save(self, out: Path | BinaryIO) -> None:
        """Write one .npz file: arrays and JSON, nothing that runs when it is read."""
        weights = self.weights
        words = json.dumps({"labels": weights.labels, "grams": self.grams}, ensure_ascii=False)
        np.savez_compressed(
            out,
            format=np.array([_FORMAT]),
            words=np.frombuffer(words.encode(), dtype=np.uint8),
            idf=weights.idf,
            coefficients=weights.coefficients,
            intercepts=weights.intercepts,
            sharpness=np.array([weights.sharpness]),
        )

    @classmethod
    def load(cls, source: Path | BinaryIO) -> Model:
        """Read what `save` wrote; BadInput for anything else."""
        try:
            with np.load(source, allow_pickle=False) as file:
                data = {name: file[name] for name in file.files}
            words = json.loads(data["words"].tobytes().decode())
            shape = (len(words["labels"]), len(words["grams"]))
            if int(data["format"][0]) != _FORMAT or data["coefficients"].shape != shape:
                raise ValueError("another format")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise BadInput("model", "这不是可用的分类模型，请重新训练。") from error
        weights = Weights(
            labels=tuple(words["labels"]),
            columns=np.arange(shape[1]),
            idf=data["idf"],
            coefficients=data["coefficients"],
            intercepts=data["intercepts"],
            sharpness=float(data["sharpness"][0]),
        )
        return cls(weights, words["grams"])

    def _features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        return _tfidf(self._counter.transform(texts), self.weights.idf)

    def _why(self, features: sparse.csr_matrix, label: int) -> tuple[str, ...]:
        """The grams of the text that speak most for this label rather than the others."""
        columns = features.indices
        theirs = self.weights.coefficients[:, columns]
        says = features.data * (theirs[label] - theirs.mean(axis=0))
        best = [(self.grams[columns[i]], says[i]) for i in np.argsort(-says, kind="stable")]
        words = [gram for gram, weight in best if weight > 0 and _SAYS_SOMETHING.search(gram)]
        return tuple(words[:3])


def train(texts: Sequence[str], labels: Sequence[str]) -> Model:
    """Learn `labels` from `texts`; the same input gives the same model."""
    if len(texts) != len(labels):
        raise BadInput("label", "文字和类别的条数不一样。")
    vectorizer = counter()
    try:
        counts = vectorizer.fit_transform(texts).tocsr()
    except ValueError as error:  # nothing but empty texts
        raise BadInput("text", "没有可以学习的文字。") from error
    weights = fit(counts, labels)
    grams = vectorizer.get_feature_names_out()[weights.columns].tolist()
    return Model(replace(weights, columns=np.arange(len(grams))), grams)


def _tfidf(counts: sparse.csr_matrix, idf: NDArray[np.float32]) -> sparse.csr_matrix:
    """Sublinear term frequency times inverse document frequency."""
    features = counts.astype(np.float32, copy=True)
    features.data = (1 + np.log(features.data)) * idf[features.indices]
    lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    features.data /= np.repeat(lengths, np.diff(features.indptr))
    return features


def _svm(
    features: sparse.csr_matrix, wanted: NDArray[np.int64], labels: int, strength: float
) -> tuple[NDArray[np.float32], Floats]:
    """One row of coefficients a label; scikit-learn gives only one for two labels."""
    from sklearn.svm import LinearSVC

    svm = LinearSVC(C=strength, random_state=0, max_iter=2000)
    svm.fit(features, wanted)
    coefficients, intercepts = svm.coef_, svm.intercept_
    if labels == 2:
        coefficients = np.vstack([-coefficients, coefficients])
        intercepts = np.concatenate([-intercepts, intercepts])
    return coefficients.astype(np.float32), intercepts.astype(np.float64)


def _sharpness(
    features: sparse.csr_matrix, wanted: NDArray[np.int64], labels: int, strength: float
) -> float:
    """The factor with which margins of texts not learnt from give honest confidences."""
    held = np.arange(len(wanted)) % _CALIBRATION_SHARE == 0
    if len(np.unique(wanted[~held])) < labels:
        return 2.0  # too few texts to measure it
    coefficients, intercepts = _svm(features[~held], wanted[~held], labels, strength)
    margins = np.asarray(features[held] @ coefficients.T + intercepts, dtype=np.float64)
    truth = wanted[held]
    factors = np.geomspace(0.5, 20, 60)
    losses = [
        -np.log(_softmax(margins * f)[np.arange(len(truth)), truth] + 1e-12).mean() for f in factors
    ]
    return float(factors[int(np.argmin(losses))])


def _softmax(margins: Floats) -> Floats:
    raised = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)
