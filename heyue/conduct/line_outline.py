"""The outline of a line: words of one kind become one letter, so that "帮儿子还" teaches the model "帮妹妹还"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from heyue.conduct.line_flags import words_of_kinds
from heyue.understanding.lexicon import WordList

NUMERALS = re.compile("[0一二两三四五六七八九十百千万几半]+")


@cache
def _letters() -> WordList[str]:
    return WordList({word: letter for letter, words in words_of_kinds().values() for word in words})


def outline(masked: str) -> str:
    """A masked line with a letter for each word of a kind (line_cues.yml) and 0 for every other number."""
    return "".join(_pieces(masked))


def _pieces(masked: str) -> Iterator[str]:
    done = 0
    for start, stop, letter in _letters().places_in(masked):
        yield NUMERALS.sub("0", masked[done:start])
        yield letter
        done = stop
    yield NUMERALS.sub("0", masked[done:])
