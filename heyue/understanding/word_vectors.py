"""The meaning of a short text as the sum of its words' vectors: close for "被裁了" and "丢了饭碗".

The vectors are data (data/word_vectors.npz, built by bench/distil_word_vectors.py): reading a text is a few
dictionary look-ups and one sum, some 20 µs, where the sentence encoder they come from takes 2 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import as_file, files
from itertools import chain
from typing import NamedTuple

import numpy as np

from heyue.understanding.lexicon import WordList

REMEMBERED_LINES = 20_000  # some 6 MB


class _Vectors(NamedTuple):
    rows: WordList[int]
    vectors: np.ndarray


@cache
def _vectors() -> _Vectors:
    with as_file(files("heyue.understanding") / "data" / "word_vectors.npz") as path, np.load(path) as stored:
        words = bytes(stored["words"]).decode().split("\n")
        vectors = stored["vectors"].astype(np.float32)
    return _Vectors(WordList({word: row for row, word in enumerate(words)}), vectors)


def meaning_size() -> int:
    """Length of the vectors that `meaning_of` gives."""
    return int(_vectors().vectors.shape[1])


@lru_cache(REMEMBERED_LINES)
def _rows_of_line(line: str) -> list[int]:
    return _vectors().rows.found_in(line)


def meaning_of(masked: str) -> np.ndarray:
    """A vector of length one; all zeros where no word is known."""
    return np.asarray(meanings_of([masked])[0])


def meanings_of(texts: Sequence[str]) -> np.ndarray:
    """The meaning of each text, one a row."""
    vectors = _vectors().vectors
    rows = [[row for line in text.split("\n") for row in _rows_of_line(line)] for text in texts]
    sizes = np.array([len(found) for found in rows], dtype=np.int64)
    totals = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
    if sizes.any():
        starts = (np.cumsum(sizes) - sizes)[sizes > 0]
        totals[sizes > 0] = np.add.reduceat(vectors[list(chain.from_iterable(rows))], starts, axis=0)
    lengths = np.linalg.norm(totals, axis=1, keepdims=True)
    return np.asarray(totals / (lengths + np.float32(1e-6)))
