"""Rotation over voices: every text is judged by a model that never saw a text of the same author."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def groups_of(voices: Sequence[str], count: int) -> list[list[str]]:
    """The voices in alphabetical order, dealt to at most `count` groups of nearly the same size."""
    names = sorted(set(voices))
    return [names[start::count] for start in range(min(count, len(names)))]


def rotation(voices: Sequence[str], count: int) -> Iterator[tuple[list[str], list[str]]]:
    """Each group of voices that is held out, with the voices that may be trained on."""
    for held_out in groups_of(voices, count):
        yield held_out, sorted(set(voices) - set(held_out))
