"""The features of many examples, counted once, so that many models can be fitted to parts of them.

Fits the same model as heyue/understanding/linear_training.py (a test compares them), without counting anew each time.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from heyue.understanding.concepts import concept_runs
from heyue.understanding.linear_text import ngrams
from heyue.understanding.linear_training import Example
from heyue.understanding.word_vectors import meaning_of


class Parts(NamedTuple):
    """How much each block of features counts; a block at 0 is left out."""

    ngrams: float = 0.0
    concepts: float = 0.0
    flags: float = 0.0
    meaning: float = 0.0


class Table:
    """The features of examples, one a row. `labels`: their right labels."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.labels = np.array([example.label for example in examples])
        self.words = [
            _counted(Counter(ngrams(example.masked)) for example in examples),
            _counted(Counter(concept_runs(example.masked)) for example in examples),
        ]
        self.flags = _counted(Counter(set(example.flags)) for example in examples)
        self.meaning = np.array([meaning_of(example.masked) for example in examples], dtype=np.float64)


def _counted(texts: Iterable[Counter[str]]) -> csr_matrix:
    """One row a text, one column a token: 1 + log of how often it stands there."""
    index: dict[str, int] = {}
    columns: list[int] = []
    counts: list[int] = []
    starts = [0]
    for text in texts:
        columns += [index.setdefault(token, len(index)) for token in text]
        counts += text.values()
        starts.append(len(columns))
    values = 1 + np.log(np.array(counts, dtype=np.float64))
    return csr_matrix(
        (values, np.array(columns, dtype=np.int32), starts), shape=(len(starts) - 1, len(index))
    )


class LinearFit:
    """Multinomial logistic regression over parts of a table.

    Args:
        rows: what is learnt from. weights: what each of these rows counts. rarest: rows a token must stand in.
    """

    def __init__(
        self,
        table: Table,
        rows: np.ndarray,
        weights: np.ndarray,
        parts: Parts,
        penalty: float,
        rarest: int = 2,
    ) -> None:
        self.table, self.parts = table, parts
        self.spread = [_spread(block[rows]) for block in table.words]
        self.kept = [np.flatnonzero(spread >= rarest) for spread in self.spread]
        self.idf = [
            np.log((1 + len(rows)) / (1 + spread[kept])) + 1
            for spread, kept in zip(self.spread, self.kept, strict=True)
        ]
        self.model = LogisticRegression(C=penalty, max_iter=60, tol=1e-3, class_weight="balanced")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is meant
            self.model.fit(self.design(rows), table.labels[rows], sample_weight=weights)

    @property
    def labels(self) -> list[str]:
        """The labels in the order of `probabilities`."""
        return [str(label) for label in self.model.classes_]

    def design(self, rows: np.ndarray) -> csr_matrix:
        """The features of these rows as the model takes them."""
        scales = (self.parts.ngrams, self.parts.concepts)
        blocks = [
            scale * _normalised(block[rows][:, kept] @ diags(idf))
            for scale, block, kept, idf in zip(scales, self.table.words, self.kept, self.idf, strict=True)
            if scale
        ]
        if self.parts.flags:
            blocks.append(self.parts.flags * self.table.flags[rows])
        if self.parts.meaning:
            blocks.append(csr_matrix(self.parts.meaning * self.table.meaning[rows]))
        return hstack(blocks, format="csr")

    def probabilities(self, rows: np.ndarray) -> np.ndarray:
        """One row a row of the table, one column a label."""
        return np.asarray(self.model.predict_proba(self.design(rows)))


def _spread(block: csr_matrix) -> np.ndarray:
    return np.asarray(np.bincount(block.indices, minlength=block.shape[1]))


def _normalised(block: csr_matrix) -> csr_matrix:
    norm = np.sqrt(np.asarray(block.multiply(block).sum(axis=1)).ravel())
    return diags(1 / np.maximum(norm, 1e-12)) @ block
