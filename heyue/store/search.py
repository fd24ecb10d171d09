"""Full-text search over sealed messages: a signature of each talk says which talks may hold the words.

A signature is a Bloom filter (Bloom 1970) over the pairs of neighbouring characters of the talk, each pair hashed with
the store's key, so that without the key it tells nothing. What it lets through is opened and looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    """The signature of a talk: 512 bytes; of a later key than the first one, its number in front."""
    pairs = {pair for text in texts for pair in _pairs(plain_words(text))}
    marks = _marked(pairs, keys, keys.sealing).to_bytes(SIGNATURE_BYTES, "big")
    return marks if keys.sealing == keys.first_hash else bytes([keys.sealing]) + marks


def wanted_marks(words: str, keys: Keys) -> dict[int, int]:
    """The marks that a talk with these words must have, by the key that signed it; 0 for fewer than two characters,
    which every talk passes."""
    pairs = _pairs(plain_words(words))
    return {number: _marked(pairs, keys, number) for number in keys.hash_numbers}


def may_hold(marks: Mapping[int, int], of_talk: bytes) -> bool:
    """Whether a talk of this signature may hold the words of these marks."""
    number = min(marks) if len(of_talk) == SIGNATURE_BYTES else of_talk[0]
    wanted = marks.get(number, 0)
    return int.from_bytes(of_talk[-SIGNATURE_BYTES:], "big") & wanted == wanted


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _marked(pairs: Iterable[str], keys: Keys, number: int) -> int:
    marked = 0
    for pair in pairs:
        digest = keys.pair_hash(pair, number)
        for place in range(MARKS_OF_PAIR):
            part = digest[place * MARK_BYTES : (place + 1) * MARK_BYTES]
            marked |= 1 << int.from_bytes(part, "big") % (SIGNATURE_BYTES * 8)
    return marked
