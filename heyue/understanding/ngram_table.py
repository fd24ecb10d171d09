"""The known n-grams of many texts, found all at once with numpy: some 50 ns a character and text.

An n-gram is kept as one number of 64 bits (a polynomial of its characters, modulo 2^64); two n-grams of a vocabulary
never share one, and that an unknown one hits a known one's number has a chance of one in 10^13 a look-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd; 2^64 over the golden ratio, as in multiplicative hashing (Knuth 6.4)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)
_FREE = np.uint64(0)
_PLACES_A_GRAM = 4  # the table has at least twice to four times as many places as n-grams


class Counted(NamedTuple):
    """How often each known n-gram stands in each text: three arrays, in the order of texts, then rows."""

    texts: np.ndarray
    rows: np.ndarray
    counts: np.ndarray


class NgramTable:
    """Tells which of its n-grams stand in texts.

    Args:
        grams: the n-grams, each once and none empty; rows: the number that each goes by.
    """

    def __init__(self, grams: Sequence[str], rows: np.ndarray) -> None:
        self._longest = max(map(len, grams), default=1)
        self._bits = np.uint64(max((_PLACES_A_GRAM * len(grams)).bit_length() - 1, 1))
        self._keys = np.full(1 << int(self._bits), _FREE, dtype=np.uint64)
        self._rows = np.zeros(len(self._keys), dtype=np.int32)
        self._width = int(rows.max()) + 1 if len(rows) else 1
        self._fill(_whole_keys(grams), rows)

    def _fill(self, keys: np.ndarray, rows: np.ndarray) -> None:
        """Put each key into the first free place from its own on."""
        places = self._places(keys)
        while len(keys):
            free = self._keys[places] == _FREE
            self._keys[places[free]] = keys[free]  # of two keys that want one place the last one gets it
            self._rows[places[free]] = rows[free]
            left = self._keys[places] != keys
            keys, rows, places = keys[left], rows[left], self._next(places[left])

    def counts_in(self, texts: Sequence[str]) -> Counted:
        """How often each n-gram stands in each of `texts`, line by line, with ^ and $ at the ends of lines."""
        framed = ["^" + text.replace("\n", "$\n^") + "$\n" for text in texts]
        codes = _codes("".join(framed))
        numbers = np.arange(len(framed)).repeat([len(text) for text in framed])
        by_size = list(_keys_by_size(codes, self._longest))
        owners = np.concatenate([numbers[: len(keys)] for keys in by_size])
        pairs = self._found(np.concatenate(by_size), owners * self._width)
        pairs.sort()
        firsts = first_of_runs(pairs)
        texts_of, rows = np.divmod(pairs[firsts], self._width)
        return Counted(texts_of, rows, np.append(firsts[1:], len(pairs)) - firsts)

    def _found(self, keys: np.ndarray, owners: np.ndarray) -> np.ndarray:
        """The owner and the row, added up, of each key that is known."""
        at, places = np.arange(len(keys)), self._places(keys)
        found = []
        while len(at):
            seen = self._keys[places]
            hits = seen == keys
            found.append(owners[at[hits]] + self._rows[places[hits]])
            left = ~hits & (seen != _FREE)  # another's place: this one's may be the next
            at, keys, places = at[left], keys[left], self._next(places[left])
        return np.concatenate(found)

    def _places(self, keys: np.ndarray) -> np.ndarray:
        return ((keys * _SPREAD) >> (np.uint64(64) - self._bits)).astype(np.int64)

    def _next(self, places: np.ndarray) -> np.ndarray:
        return (places + 1) & (len(self._keys) - 1)


def first_of_runs(numbers: np.ndarray) -> np.ndarray:
    """Where in an array each run of equal numbers begins."""
    begins = np.ones(len(numbers), dtype=bool)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return np.asarray(begins.nonzero()[0])


def _codes(text: str) -> np.ndarray:
    """The number of each character, from 1 on."""
    raw = text.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, dtype=np.uint32).astype(np.uint64) + np.uint64(1)


def _keys_by_size(codes: np.ndarray, longest: int) -> Iterator[np.ndarray]:
    """The keys of all runs of one character, then of two, and so on; no known n-gram reaches over a line's end."""
    keys = codes
    for size in range(1, longest + 1):
        yield keys
        keys = keys[:-1] * _BASE + codes[size:]


def _whole_keys(grams: Sequence[str]) -> np.ndarray:
    """The key of each n-gram as a whole."""
    codes = _codes("".join(grams))
    sizes = np.array([len(gram) for gram in grams], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    keys = np.zeros(len(grams), dtype=np.uint64)
    for step in range(sizes.max(initial=0)):
        longer = sizes > step
        keys[longer] = keys[longer] * _BASE + codes[starts[longer] + step]
    return keys
