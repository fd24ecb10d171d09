"""The words that the understanding reads by (heyue/understanding/data/*.yml), and finding them in a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

import yaml

Meaning = TypeVar("Meaning")


@cache
def load_data(name: str) -> dict[str, Any]:
    """The contents of one data file, read once."""
    source = (files("heyue.understanding") / "data" / name).read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(source, Loader=loader)
    return data


class WordList(Generic[Meaning]):
    """Words with what each stands for. A text is read from left to right, the longest word first."""

    def __init__(self, meanings: Mapping[str, Meaning]) -> None:
        self._meanings = dict(meanings)
        sizes: defaultdict[str, set[int]] = defaultdict(set)
        for word in self._meanings:
            sizes[word[0]].add(len(word))
        # Which lengths are worth trying at a character: most characters begin no word, or only short ones.
        self._sizes = {first: tuple(sorted(found, reverse=True)) for first, found in sizes.items()}

    def found_in(self, text: str) -> list[Meaning]:
        """What the words of `text` stand for, in their order."""
        return [meaning for _, _, meaning in self.places_in(text)]

    def places_in(self, text: str) -> Iterator[tuple[int, int, Meaning]]:
        """Start, end and meaning of each word of `text`."""
        meanings, sizes = self._meanings, self._sizes
        free_from = 0
        for position, character in enumerate(text):
            if character not in sizes or position < free_from:
                continue
            for size in sizes[character]:
                word = text[position : position + size]
                if word in meanings and len(word) == size:
                    free_from = position + size
                    yield position, free_from, meanings[word]
                    break
