"""Standard words for dialect and chat wordings, so that the models need to know each thing once only."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from heyue.understanding.lexicon import load_data
from heyue.understanding.script import CANTONESE, simplify


class _Script(dict[int, str]):
    """As `simplify`, but Cantonese characters stay, for "唔好" is 不要 and not 不好."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if character in CANTONESE else simplify(character)
        return self[code]


_SCRIPT = _Script()


class _Words(NamedTuple):
    standard: dict[str, str]
    first_characters: frozenset[str]
    longest: int


@cache
def _words() -> _Words:
    listed = " ".join(load_data("dialects.yml").values()).split()
    simplified = dict(entry.split(":", 1) for entry in listed)
    standard = {**{word.replace("系", "係"): meant for word, meant in simplified.items()}, **simplified}
    return _Words(standard, frozenset(word[0] for word in standard), max(map(len, standard)))


def standard_text(text: str) -> str:
    """`text` simplified, in lower case, dialect words replaced: "佢未出糧" -> "他未发工资"."""
    plain = text.translate(_SCRIPT).lower()
    words = _words()
    if not words.first_characters.isdisjoint(plain):
        plain = "".join(_replaced(plain, words))
    return simplify(plain)


def _replaced(plain: str, words: _Words) -> list[str]:
    pieces: list[str] = []
    position = 0
    while position < len(plain):
        size = _matching(plain, position, words) if plain[position] in words.first_characters else 0
        piece = plain[position : position + max(size, 1)]
        pieces.append(words.standard[piece] if size else piece)
        position += max(size, 1)
    return pieces


def _matching(plain: str, position: int, words: _Words) -> int:
    for size in range(min(words.longest, len(plain) - position), 0, -1):
        word = plain[position : position + size]
        if word in words.standard and not _inside_latin(plain, position, size):
            return size
    return 0


def _inside_latin(plain: str, position: int, size: int) -> bool:
    """A Latin word counts only as a whole: no "hi" in "think"."""
    before, after = plain[position - 1 : position], plain[position + size : position + size + 1]
    word = plain[position : position + size]
    return word.isascii() and any(edge.isascii() and edge.isalnum() for edge in (before, after))
