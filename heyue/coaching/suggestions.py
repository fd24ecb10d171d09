"""Three lines that a collector could say next, from the playbook: fitting, different from each other, not said before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from operator import add
from typing import NamedTuple

import numpy as np

from heyue.coaching.playbook import Line, lines
from heyue.understanding.linear_text import mask
from heyue.understanding.word_vectors import meaning_of, meanings_of

SHOWN = 3
REMEMBERED_LINES = 5_000
SURE_ENOUGH = 0.35  # probability of type and of situation below which nothing is suggested
ALIKE = 0.45  # share of common character pairs from which two lines say the same
SPECIFIC = 0.3  # what a line for this very type is worth against one for all


class Suggestion(NamedTuple):
    """A line, the technique it applies (an identifier of techniques.yml), and what it must not be used for."""

    text: str
    technique: str
    not_for: str


def suggest(
    state: str,
    debtor_type: str,
    situation: str,
    last_said: str,
    already_said: Sequence[str],
    facts: dict[str, str],
) -> list[Suggestion]:
    """Up to three lines, the best first.

    Args:
        last_said: the last words of the borrower; already_said: the collector's turns; facts: values of the slots that
            are known. A line with a slot whose value is unknown is left out.
    """
    said = [pairs(text) for text in already_said]
    chosen: list[tuple[Line, str]] = []
    for line in ranked(state, debtor_type, situation, last_said):
        text = filled(line.text, facts)
        if text is None or is_like(_pairs_of_line(text), said):
            continue
        others = [_pairs_of_line(other) for _, other in chosen]
        if any(line.technique == other.technique for other, _ in chosen) or is_like(_pairs_of_line(text), others):
            continue
        chosen.append((line, text))
        if len(chosen) == SHOWN:
            break
    return [Suggestion(text, line.technique, line.not_for) for line, text in chosen]


def ranked(state: str, debtor_type: str, situation: str, last_said: str) -> list[Line]:
    """The lines that may be said, those nearest to the borrower's words and to his type first."""
    fitting, specific = _fitting(state, debtor_type, situation)
    worth = np.einsum("ld,d->l", _meanings(state)[fitting], meaning_of(mask(last_said))) + specific
    return [lines(state)[place] for place in fitting[np.argsort(-worth, kind="stable")]]


@cache
def _meanings(state: str) -> np.ndarray:
    """What each line for a state means."""
    return meanings_of([mask(line.text) for line in lines(state)])


@cache
def _fitting(state: str, debtor_type: str, situation: str) -> tuple[np.ndarray, np.ndarray]:
    """The places of the lines that may be said, and what each is worth for being meant for few types."""
    fitting = [place for place, line in enumerate(lines(state)) if line.fits(debtor_type, situation)]
    specific = [SPECIFIC / len(lines(state)[place].types) for place in fitting]
    return np.array(fitting, dtype=np.int64), np.array(specific)


def filled(text: str, facts: dict[str, str]) -> str | None:
    """The line with its slots filled; None when a fact is not known."""
    try:
        return text.format_map(facts)
    except KeyError:
        return None


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text."""
    return frozenset(map(add, text, text[1:]))


_pairs_of_line = lru_cache(REMEMBERED_LINES)(pairs)


def is_like(own: frozenset[str], others: Sequence[frozenset[str]]) -> bool:
    """Whether one of the others says much the same."""
    return any(len(own & other) >= ALIKE * min(len(own), len(other)) for other in others if other)
