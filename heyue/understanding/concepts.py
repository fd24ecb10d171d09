"""What a text speaks of, as the models see it: concepts, each word of data/concepts.yml standing for one."""

from __future__ import annotations

from functools import cache, lru_cache

from heyue.understanding.lexicon import WordList, load_data

LONGEST_CONCEPT_RUN = 3
CONCEPT_MARK = "@"  # before a token that is a run of concepts
REMEMBERED_LINES = 20_000
_FIRST_LETTER = 0xE000  # Unicode's private use area


@cache
def _letter_of_concept() -> dict[str, str]:
    """A letter of Unicode's private use area for each concept of data/concepts.yml."""
    return {name: chr(_FIRST_LETTER + place) for place, name in enumerate(load_data("concepts.yml"))}


@cache
def _letter_of_word() -> WordList[str]:
    listed, letters = load_data("concepts.yml"), _letter_of_concept()
    return WordList({word: letters[name] for name, words in listed.items() for word in words.split()})


@lru_cache(REMEMBERED_LINES)
def _letters_of_line(line: str) -> str:
    return "".join(_letter_of_word().found_in(line))


def concept_letters(masked: str) -> str:
    """The letter of each concept met from left to right, longest word first, line by line (data/concepts.yml)."""
    return "\n".join(map(_letters_of_line, masked.split("\n")))


def concepts(masked: str) -> list[str]:
    """Names of the concepts met from left to right, longest word first (data/concepts.yml)."""
    names = list(_letter_of_concept())
    return [names[ord(letter) - _FIRST_LETTER] for letter in concept_letters(masked) if letter != "\n"]


def concept_runs(masked: str) -> list[str]:
    """Single concepts and runs of up to three of them: "@me @family", first and last one of a line marked."""
    return [
        CONCEPT_MARK + ">".join(stream[start : start + size])
        for stream in (["^", *concepts(line), "$"] for line in masked.split("\n"))
        for size in range(1, LONGEST_CONCEPT_RUN + 1)
        for start in range(len(stream) - size + 1)
    ]


def letters_of_run(names: str) -> str | None:
    """A letter for each concept of "me>family" and for the ends of a line; None where one is no concept of today."""
    letters = [_letter_of_concept().get(name, name) for name in names.split(">")]
    return "".join(letters) if all(len(letter) == 1 for letter in letters) else None
