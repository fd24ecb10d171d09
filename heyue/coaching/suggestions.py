"""Three lines that a collector could say next, from the playbook: fitting, different from each other, not said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from heyue.coaching.playbook import Line, lines
from heyue.understanding.linear_text import mask
from heyue.understanding.word_vectors import meaning_of

SHOWN = 3
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
        if text is None or is_like(pairs(text), said):
            continue
        others = [pairs(other) for _, other in chosen]
        if any(line.technique == other.technique for other, _ in chosen) or is_like(pairs(text), others):
            continue
        chosen.append((line, text))
        if len(chosen) == SHOWN:
            break
    return [Suggestion(text, line.technique, line.not_for) for line, text in chosen]


def ranked(state: str, debtor_type: str, situation: str, last_said: str) -> list[Line]:
    """The lines that may be said, those nearest to the borrower's words and to his type first."""
    fitting = [line for line in lines(state) if line.fits(debtor_type, situation)]
    meaning = meaning_of(mask(last_said))
    worth = [float(meaning @ line_meaning(line.text)) + SPECIFIC / len(line.types) for line in fitting]
    return [fitting[place] for place in np.argsort(-np.array(worth), kind="stable")] if fitting else []


_meanings: dict[str, np.ndarray] = {}


def line_meaning(text: str) -> np.ndarray:
    """The meaning of a line of the playbook, worked out once."""
    if text not in _meanings:
        _meanings[text] = meaning_of(mask(text))
    return _meanings[text]


def filled(text: str, facts: dict[str, str]) -> str | None:
    """The line with its slots filled; None when a fact is not known."""
    try:
        return text.format_map(facts)
    except KeyError:
        return None


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text."""
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def is_like(own: frozenset[str], others: Sequence[frozenset[str]]) -> bool:
    """Whether one of the others says much the same."""
    return any(len(own & other) >= ALIKE * min(len(own), len(other)) for other in others if other)
