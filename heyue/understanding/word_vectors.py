"""The meaning of a short text as the sum of its words' vectors: close for "被裁了" and "丢了饭碗".

The vectors are data (data/word_vectors.npz, built by bench/distil_word_vectors.py): reading a text is a few
dictionary look-ups and one sum, some 20 µs, where the sentence encoder they come from takes 2 ms.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np

from heyue.understanding.lexicon import WordList


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


def meaning_of(masked: str) -> np.ndarray:
    """A vector of length one; all zeros where no word is known."""
    known = _vectors()
    rows = known.rows.found_in(masked)
    if not rows:
        return np.zeros(known.vectors.shape[1], dtype=np.float32)
    total = known.vectors[rows].sum(axis=0)
    return np.asarray(total / (np.linalg.norm(total) + 1e-6), dtype=np.float32)
