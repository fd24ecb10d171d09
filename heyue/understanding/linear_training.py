"""Fits a LinearText with scikit-learn. Never imported where messages are read."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from heyue.understanding.concepts import concept_runs
from heyue.understanding.linear_text import LinearText, Scales, ngrams
from heyue.understanding.word_vectors import meaning_of, meaning_size

# The turns of a borrower after which a talk's beginning is learnt from too, by models that are asked while it goes on and would
# otherwise be too sure of what only whole talks tell.
EARLY = (1, 3)
# Least squares beside logistic regression: what they count, what the sum of both is divided by so that it is as sure as it is right,
# and how they are fitted (a closer fit changes no label). Chosen on reasons of held-out voices' messages (docs/models.md).
SQUARES, EVENNESS = 6.0, 2.6
SQUARES_PENALTY, SQUARES_TOLERANCE = 0.5, 1e-2


class Example(NamedTuple):
    """One labelled text: masked (see linear_text.mask), the flags that hold for it, its label, how much it counts."""

    masked: str
    flags: tuple[str, ...]
    label: str
    weight: float = 1.0


class Settings(NamedTuple):
    """What was chosen on held-out voices (bench/nlu_voices.py, docs/models.md).

    `with_squares`: least squares are fitted besides, and added to logistic regression.
    """

    inverse_penalty: float = 20.0
    rarest: int = 2
    scales: Scales = Scales()
    with_squares: bool = False


class Design(NamedTuple):
    """The features of examples, one a row of `matrix`; what stands in its columns, and how rare each token is."""

    vocabulary: list[str]
    idf: np.ndarray
    matrix: csr_matrix


class Fitted(NamedTuple):
    """One column of weights a label."""

    labels: list[str]
    weights: np.ndarray
    bias: np.ndarray


def fit(examples: Sequence[Example], settings: Settings = Settings()) -> LinearText:  # noqa: B008 (immutable)
    """A model of `examples`; the same examples in the same order give the same model."""
    design = _design(examples, settings)
    labels = [example.label for example in examples]
    fitted = _fitted(design.matrix, labels, [example.weight for example in examples], settings)
    return LinearText(
        fitted.labels, design.vocabulary, design.idf, fitted.weights, fitted.bias, settings.scales
    )


def fit_questions(
    examples: Sequence[Example], answers: Mapping[str, Sequence[str | None]], settings: Settings
) -> LinearText:
    """A model that answers several questions about a text in one look: its labels are "question:answer".

    Args:
        answers: for each question the right answer an example, None where it teaches nothing about that question.
    """
    design = _design(examples, settings)
    parts = [
        (question, _fitted_part(design, examples, right, settings)) for question, right in answers.items()
    ]
    return LinearText(
        [f"{question}:{label}" for question, part in parts for label in part.labels],
        design.vocabulary,
        design.idf,
        np.hstack([part.weights for _, part in parts]),
        np.concatenate([part.bias for _, part in parts]),
        settings.scales,
    )


def fit_heads(
    examples: Sequence[Example], heads: Mapping[str, Sequence[bool]], penalty: float, settings: Settings
) -> LinearText:
    """A model with a head for each thing that may hold of a text, several at once: scores from about -1 to 1.

    By least squares, which errs less on voices never seen than logistic regression where positives are few.

    Args:
        heads: for each label whether it holds of each example.
    """
    design = _design(examples, settings)
    counts = [example.weight for example in examples]
    weights, bias = least_squares(design.matrix, np.array(list(heads.values())).T, counts, penalty)
    return LinearText(list(heads), design.vocabulary, design.idf, weights, bias, settings.scales)


def least_squares(
    matrix: csr_matrix, holds: np.ndarray, counts: Sequence[float], penalty: float, tolerance: float = 1e-4
) -> tuple[np.ndarray, np.ndarray]:
    """One column of weights and one bias a column of `holds`, with scores of 1 for what holds and -1 for what does not (ridge regression).

    Args:
        holds: for each row of `matrix` what holds of it. counts: how much each row counts.
    """
    model = Ridge(penalty, solver="sparse_cg", tol=tolerance)
    model.fit(matrix, np.where(holds, 1.0, -1.0), sample_weight=counts)
    return model.coef_.T, model.intercept_


def _fitted_part(
    design: Design, examples: Sequence[Example], right: Sequence[str | None], settings: Settings
) -> Fitted:
    rows = [row for row, answer in enumerate(right) if answer is not None]
    labels = [answer for answer in right if answer is not None]
    known = sorted(set(labels))
    if len(known) < 2:  # nothing to learn: what was always so
        return Fitted(known, np.zeros((design.matrix.shape[1], len(known))), np.zeros(len(known)))
    return _fitted(design.matrix[rows], labels, [examples[row].weight for row in rows], settings)


def _design(examples: Sequence[Example], settings: Settings) -> Design:
    grams = [Counter(ngrams(example.masked)) for example in examples]
    runs = [Counter(concept_runs(example.masked)) for example in examples]
    vocabulary, idf = _vocabulary(grams, runs, examples, settings.rarest)
    index = {token: position for position, token in enumerate(vocabulary)}
    rows = [
        {
            **_block(gram, index, idf, 1.0),
            **_block(run, index, idf, settings.scales.concepts),
            **{index["#" + flag]: settings.scales.flags for flag in example.flags if "#" + flag in index},
            **dict(enumerate(settings.scales.meaning * meaning_of(example.masked), len(vocabulary))),
        }
        for gram, run, example in zip(grams, runs, examples, strict=True)
    ]
    return Design(vocabulary, idf, _matrix(rows, len(vocabulary) + meaning_size()))


def _fitted(matrix: csr_matrix, labels: Sequence[str], counts: Sequence[float], settings: Settings) -> Fitted:
    first = _by_logistic_regression(matrix, labels, counts, settings)
    if not settings.with_squares:
        return first
    # two fits that err differently and, both being linear, add up to one model that takes no longer to read with
    second = _by_least_squares(matrix, labels, counts, first.labels)
    weights, bias = (
        (one + SQUARES * other) / EVENNESS
        for one, other in ((first.weights, second.weights), (first.bias, second.bias))
    )
    return Fitted(first.labels, weights, bias)


def _by_logistic_regression(
    matrix: csr_matrix, labels: Sequence[str], counts: Sequence[float], settings: Settings
) -> Fitted:
    model = LogisticRegression(C=settings.inverse_penalty, max_iter=60, tol=1e-3, class_weight="balanced")
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # stopping early is meant: more rounds gain nothing
        model.fit(matrix, labels, sample_weight=counts)
    weights, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return Fitted([str(label) for label in model.classes_], weights, bias)


def _by_least_squares(
    matrix: csr_matrix, labels: Sequence[str], counts: Sequence[float], known: list[str]
) -> Fitted:
    """Every label against all others, each label's examples together as much as those of any other."""
    right = np.array(labels)[:, None] == np.array(known)
    balance = len(labels) / (len(known) * right.sum(axis=0))
    weighed = balance[right.argmax(axis=1)] * np.array(counts)
    return Fitted(known, *least_squares(matrix, right, weighed, SQUARES_PENALTY, SQUARES_TOLERANCE))


def _vocabulary(
    grams: list[Counter[str]], runs: list[Counter[str]], examples: Sequence[Example], rarest: int
) -> tuple[list[str], np.ndarray]:
    spread = Counter(token for tokens in [*grams, *runs] for token in tokens)
    kept = sorted(token for token, count in spread.items() if count >= rarest)
    flags = sorted({"#" + flag for example in examples for flag in example.flags})
    texts = len(examples)
    idf = [float(np.log((1 + texts) / (1 + spread[token]))) + 1 for token in kept] + [1.0] * len(flags)
    return kept + flags, np.array(idf)


def _block(counts: Counter[str], index: dict[str, int], idf: np.ndarray, scale: float) -> dict[int, float]:
    known = {index[token]: count for token, count in counts.items() if token in index}
    values = {position: (1 + np.log(count)) * idf[position] for position, count in known.items()}
    norm = np.sqrt(sum(value * value for value in values.values()))
    return {position: scale * value / norm for position, value in values.items()}


def _matrix(rows: list[dict[int, float]], width: int) -> csr_matrix:
    starts = np.cumsum([0] + [len(row) for row in rows])
    columns = np.array([position for row in rows for position in row], dtype=np.int64)
    values = np.array([value for row in rows for value in row.values()], dtype=np.float64)
    return csr_matrix((values, columns, starts), shape=(len(rows), width))
