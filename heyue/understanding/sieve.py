"""Many regular expressions over one text: those that cannot match are known from its characters and are not run.

Every expression needs certain characters or pairs of characters, one of several at least: "还不了|没钱" needs 还不 or 没钱,
"我.{0,4}[还付]" needs 我, and also 还 or 付. These are read from the expression itself. Over a text its pairs are looked up
once for all expressions of a sieve.
Source: Cox 2012, "Regular Expression Matching with a Trigram Index"; the prefilter of RE2.
"""

from __future__ import annotations

import re
import sre_constants as op
import sre_parse
from collections.abc import Iterable
from functools import reduce
from itertools import product, repeat
from operator import add, or_
from typing import Any

MOST_NEEDS = 3
WIDEST = 400  # pieces of which one must occur; a longer list tells little
COMMON = frozenset("的一不是我你您他她们了有这那就还到好要来说在上没给也人")
COST_OF_PAIR, COST_OF_CHARACTER, COST_OF_COMMON = 1, 10, 60  # the likelier a piece occurs, the less it tells
REMEMBERED_TEXTS = 2_000
Pieces = frozenset[str]  # characters and pairs of characters, one of which stands in every match


class Sieve:
    """Compiles expressions, of which those that may match a text are run together and once."""

    def __init__(self) -> None:
        # For each piece the needs that it fulfils: each expression has three bits, one a need.
        self._bits: dict[str, int] = {}
        self._always = 0  # the needs that expressions do not have
        self._all = 0  # the first bit of each expression
        self._patterns: list[re.Pattern[str]] = []
        self._texts: dict[str, int] = {}

    def compiled(self, expression: str) -> Sifted:
        """The expression, compiled."""
        pattern, bit = re.compile(expression), 1 << (MOST_NEEDS * len(self._patterns))
        self._all |= bit
        self._patterns.append(pattern)
        self._texts.clear()
        needs = needs_of(expression)
        for place, need in enumerate([*needs, *[None] * (MOST_NEEDS - len(needs))]):
            if need is None:
                self._always |= bit << place
            for piece in need or ():
                self._bits[piece] = self._bits.get(piece, 0) | bit << place
        return Sifted(self, bit, pattern)

    def possible(self, text: str) -> int:
        """The bits of the expressions that may match `text`."""
        pieces = {*text, *map(add, text, text[1:])}
        met = reduce(or_, map(self._bits.get, pieces, repeat(0)), self._always)  # type: ignore[arg-type]
        return met & (met >> 1) & (met >> 2) & self._all


    def matching(self, text: str) -> int:
        """The bits of the expressions that match somewhere in `text`; remembered for a while."""
        found = self._texts.get(text)
        if found is None:
            found = self._matching(text)
            if len(self._texts) >= REMEMBERED_TEXTS:
                self._texts.clear()
            self._texts[text] = found
        return found

    def _matching(self, text: str) -> int:
        left = self.possible(text)
        found = 0
        while left:
            bit = left & -left
            left ^= bit
            if self._patterns[bit.bit_length() // MOST_NEEDS].search(text):
                found |= bit
        return found


class Sifted:
    """An expression of a sieve. `bit`: its own."""

    __slots__ = ("_sieve", "bit", "pattern")

    def __init__(self, sieve: Sieve, bit: int, pattern: re.Pattern[str]) -> None:
        self._sieve, self.bit, self.pattern = sieve, bit, pattern

    def search(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.search`."""
        return self.pattern.search(text) if self._sieve.matching(text) & self.bit else None


def needs_of(expression: str) -> list[Pieces]:
    """Up to three sets of pieces, of each of which every match holds one; the most telling first."""
    return _of_sequence(sre_parse.parse(expression))


def _of_sequence(items: Any) -> list[Pieces]:
    """What a sequence of parsed items needs."""
    found: list[Pieces] = []
    before: Pieces | None = None  # the characters of which one stands right before the next item
    for code, value in items:
        if code in (op.AT, op.ASSERT, op.ASSERT_NOT):
            continue  # they take no character
        characters = _characters(code, value)
        if characters is None:
            found += _of_group(code, value, before)
        else:
            found.append(characters)
            if before is not None:
                found.append(frozenset(map("".join, product(before, characters))))
        before = characters
    return sorted((each for each in dict.fromkeys(found) if len(each) <= WIDEST), key=_cost)[:MOST_NEEDS]


def _of_group(code: Any, value: Any, before: Pieces | None) -> list[Pieces]:
    """What alternatives, groups and repetitions need; the characters `before` may make pairs of it."""
    lead = [(op.IN, [(op.LITERAL, ord(each)) for each in sorted(before)])] if before else []
    if code is op.BRANCH:
        ways = [_of_sequence([*lead, *branch]) for branch in value[1]]
        return [_one_of([way[min(place, len(way) - 1)] for way in ways]) for place in range(MOST_NEEDS) if all(ways)]
    if code is op.SUBPATTERN:
        return _of_sequence([*lead, *value[3]])
    if code in (op.MAX_REPEAT, op.MIN_REPEAT) and value[0] > 0:
        return _of_sequence([*lead, *value[2]])
    return []


def _one_of(needs: Iterable[Pieces]) -> Pieces:
    return frozenset().union(*needs)


def _characters(code: Any, value: Any) -> Pieces | None:
    """The characters that an item stands for, where it is one character."""
    if code is op.LITERAL:
        return frozenset(chr(value))
    if code is op.IN and all(each is op.LITERAL for each, _ in value):
        return frozenset(chr(each) for _, each in value)
    if code is op.SUBPATTERN and len(value[3]) == 1:
        return _characters(*value[3][0])
    return None


def first_characters(expression: str) -> Pieces | None:
    """The characters with one of which every match begins; None where that cannot be told."""
    return _firsts(sre_parse.parse(expression))


def look_ahead(expression: str) -> str:
    """What to write before an expression of many alternatives, so that they are not tried where none can begin."""
    first = first_characters(expression)
    return f"(?=[{re.escape(''.join(sorted(first)))}])" if first else ""


def _firsts(items: Any) -> Pieces | None:
    found: Pieces = frozenset()
    for code, value in items:
        if code in (op.AT, op.ASSERT, op.ASSERT_NOT):
            continue
        first, may_be_empty = _first_of(code, value)
        if first is None:
            return None
        found |= first
        if not may_be_empty:
            return found
    return None


def _first_of(code: Any, value: Any) -> tuple[Pieces | None, bool]:
    """The characters that an item begins with, and whether it can be empty."""
    characters = _characters(code, value)
    if characters is not None:
        return characters, False
    if code is op.IN and all(each in (op.LITERAL, op.RANGE) for each, _ in value):
        spans = [each if kind is op.RANGE else (each, each) for kind, each in value]
        return frozenset(chr(each) for low, high in spans for each in range(low, high + 1)), False
    if code is op.SUBPATTERN:
        return _firsts(value[3]), False
    if code is op.BRANCH:
        ways = [_firsts(way) for way in value[1]]
        return (None if None in ways else _one_of(way for way in ways if way)), False
    if code in (op.MAX_REPEAT, op.MIN_REPEAT):
        return _firsts(value[2]), value[0] == 0
    return None, True


def _cost(pieces: Iterable[str]) -> int:
    return sum(
        COST_OF_PAIR if len(piece) > 1 else COST_OF_COMMON if piece in COMMON else COST_OF_CHARACTER
        for piece in pieces
    )
