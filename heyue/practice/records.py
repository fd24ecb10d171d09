"""The records of practice, as the store keeps them and screens list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from heyue.errors import Refused, Unknown

BY_KIND, BY_WEAKNESS, BY_SURPRISE, BY_LEAD = "kind", "weakness", "surprise", "assigned"
TEN = time(10)


class UnknownPractice(Unknown):
    """No exercise has this number, or none that the person may see."""


class CannotPractise(Refused):
    """The exercise cannot go on so, or not be assigned. `why`: ended, elsewhere, changed, no_line, long_line, finished, past, nobody."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the exercise cannot go on so: {why.replace('_', ' ')}")
        self.why = why


class Uttered(NamedTuple):
    """Words of a practice talk. `seconds`: from its beginning, pauses left out.

    `handwritten`: the line in whose place a language model worded `text`; by it the talk is played again.
    """

    speaker: str
    text: str
    seconds: float
    handwritten: str | None = None


@dataclass(frozen=True)
class PracticeTalk:
    """One exercise. `kind`: of the debtor; `chosen_by`: kind, weakness, surprise or assigned.

    `plays_on`: the day on which the talk plays. `resumed_at`: since when its clock runs, None in a pause; `waited`:
    seconds of the trainee's turn before the pause. `parent_id`, `parent_turn`: of which talk it is a branch, and before which of its turns.
    `is_rehearsal`: the card was known when it began. What follows is known once it is finished: `how` it ended, the `guess` of the kind, the points of
    the scorecard (None where nothing could be judged) and of its sections, and whether it was passed.
    """

    talk_id: str
    login: str
    persona: str
    kind: str
    level: str
    seed: int
    chosen_by: str
    is_kind_known: bool
    started_at: datetime
    plays_on: date
    turn_count: int = 0
    resumed_at: datetime | None = None
    waited: float = 0.0
    parent_id: str | None = None
    parent_turn: int | None = None
    is_rehearsal: bool = False
    assignment_id: int | None = None
    how: str | None = None
    guess: str | None = None
    points: float | None = None
    is_passed: bool | None = None
    sections: Mapping[str, float | None] = field(default_factory=dict)
    finished_at: datetime | None = None

    @property
    def set_at(self) -> datetime:
        """When the talk begins: at ten in the morning, so that who practises at night breaks no quiet hours."""
        return datetime.combine(self.plays_on, TEN, self.started_at.tzinfo)

    def time_of(self, uttered: Uttered) -> datetime:
        """When these words are said in the talk."""
        return self.set_at + timedelta(seconds=uttered.seconds)

    @property
    def counts(self) -> bool:
        """Whether it counts for the profile and the certificate."""
        return self.finished_at is not None and not self.is_rehearsal


@dataclass(frozen=True)
class Assignment:
    """An exercise that a lead asks for. `kind`: None for a surprise; `persona`: None for any of the kind.

    `talk_id`, `points`, `is_passed`: of the last finished talk that it led to, None before.
    """

    assignment_id: int
    login: str
    assigned_by: str
    kind: str | None
    persona: str | None
    level: str
    assigned_at: datetime
    due_on: date
    talk_id: str | None = None
    points: float | None = None
    is_passed: bool | None = None

    def is_late(self, today: date) -> bool:
        """Whether it should have been done."""
        return self.talk_id is None and self.due_on < today
