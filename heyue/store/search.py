"""Full-text search over sealed messages: a signature of each talk says which talks may hold the words.

A signature is a Bloom filter (Bloom 1970) over the pairs of neighbouring characters of the talk, each pair hashed with
the store's key, so that without the key it tells nothing. What it lets through is opened and looked at.
"""

from __future__ import annotations

from collections.abc import Iterable

from heyue.store.keys import Keys
from heyue.understanding.script import simplify

SIGNATURE_BYTES = 512
MARKS_OF_PAIR = (
    2  # some 200 pairs a talk fill a tenth of the bits: three pairs mislead once in a million talks
)
MARK_BYTES = 2


def plain_words(text: str) -> str:
    """The text as it is compared: simplified, small letters, no spaces."""
    return "".join(simplify(text).lower().split())


def signature(texts: Iterable[str], keys: Keys) -> bytes:
    """The signature of a talk, 512 bytes."""
    pairs = {pair for text in texts for pair in _pairs(plain_words(text))}
    return _marked(pairs, keys).to_bytes(SIGNATURE_BYTES, "big")


def wanted_marks(words: str, keys: Keys) -> int:
    """The marks that a talk with these words must have; 0 for fewer than two characters, which every talk passes."""
    return _marked(_pairs(plain_words(words)), keys)


def may_hold(marks: int, of_talk: bytes) -> bool:
    """Whether a talk of this signature may hold the words of these marks."""
    return int.from_bytes(of_talk, "big") & marks == marks


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _marked(pairs: Iterable[str], keys: Keys) -> int:
    marked = 0
    for pair in pairs:
        digest = keys.pair_hash(pair)
        for number in range(MARKS_OF_PAIR):
            part = digest[number * MARK_BYTES : (number + 1) * MARK_BYTES]
            marked |= 1 << int.from_bytes(part, "big") % (SIGNATURE_BYTES * 8)
    return marked
