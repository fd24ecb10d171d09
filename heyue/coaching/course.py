"""The course of a talk: what it shows at its end, and how the type and the tension went from turn to turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heyue.coaching.assessment import Assessment, assess, explanation
from heyue.coaching.debtor_types import type_probabilities
from heyue.coaching.reading import read_talk
from heyue.coaching.transcript import BORROWER, Transcript
from heyue.conduct.rules import rules

Shares = dict[str, float]


@dataclass(frozen=True)
class Course:
    """`found`: the assessment of the whole. `types`: after each borrower turn (its number from 0) the probability of
    each type."""

    transcript: Transcript
    found: Assessment
    types: dict[int, Shares]

    @property
    def peak_tension(self) -> float:
        return max(self.found.tension, default=0.0)

    @property
    def last_tension(self) -> float:
        return self.found.tension[-1] if self.found.tension else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON data: the fields of contracts.md section 4, the explanation, and the types after each turn."""
        known = rules()
        return {
            **self.found.as_dict(),
            **explanation(self.transcript, self.found),
            "suggestions": [each._asdict() for each in self.found.suggestions],
            "violations": [
                each._asdict() | {"severity": known[each.rule].severity} for each in self.found.violations
            ],
            "types": [
                {"turn": turn, "probabilities": {name: round(share, 4) for name, share in shares.items()}}
                for turn, shares in self.types.items()
            ],
        }


def course_of(transcript: Transcript, now: datetime, known: Mapping[int, Shares] | None = None) -> Course:
    """Read a talk and how it went.

    Args:
        now: the time of turns that have none. known: the types after earlier turns, from a reading of the talk's
            beginning; they are not worked out again.
    """
    known = known or {}
    types = {
        number: known[number] if number in known else type_probabilities(read_talk(begun, now).blocks)
        for number, begun in transcript.beginnings()
    }
    found = assess(transcript, now)
    last = max(
        (number for number, turn in enumerate(transcript.turns) if turn.speaker == BORROWER), default=None
    )
    if last is not None:
        types[last] = found.probabilities
    return Course(transcript, found, types)
