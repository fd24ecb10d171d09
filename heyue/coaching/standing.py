"""A promise that stands in a talk, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from heyue.coaching.asked import FirstAndLast
from heyue.coaching.turn_reading import SITTING
from heyue.understanding.promises import Promise


@dataclass(frozen=True)
class Standing:
    """A promise that stands: what was said, in which turn, when. `is_rest`: it is of what an earlier one leaves."""

    promise: Promise
    turn: int
    said_at: datetime
    is_rest: bool = False

    @property
    def days(self) -> FirstAndLast:
        """The first and the last day promised."""
        return self.promise.start, self.promise.end

    @property
    def lacks_sum(self) -> bool:
        """A day is promised, and no sum for it."""
        return self.promise.start is not None and not self.promise.amount

    def of(self, amount: str | None) -> Standing:
        """The same promise of this sum."""
        return replace(self, promise=replace(self.promise, amount=amount))


def runs_in_sitting(earlier: Standing, at: datetime) -> bool:
    """The promise was made in the sitting of this moment."""
    return at - earlier.said_at < SITTING


def same_day(standing: list[Standing], said: Standing) -> Standing | None:
    """The standing promise for the same days."""
    return next((each for each in standing if each.days == said.days), None)
