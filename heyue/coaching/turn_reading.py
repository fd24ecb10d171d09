"""One turn as the models see it. Turns are remembered, so that one more turn of a live talk costs one turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from heyue.coaching.transcript import BORROWER, Said
from heyue.understanding.dates import find_dates
from heyue.understanding.linear_text import mask
from heyue.understanding.promises import Promise, extract_promises

REMEMBERED_TURNS = 20_000  # some 20 MB
SITTING = timedelta(hours=2)  # a longer pause begins another sitting
READ_CHARACTERS = 400  # of one turn; nobody says more in one breath, and the models were never shown more


class TurnReading(NamedTuple):
    """One turn as the models see it. `promises`: none for a collector's turn.

    `ahead`: how many days off each day is that the borrower names; below zero where it has passed.
    """

    masked: str
    promises: tuple[Promise, ...]
    ahead: tuple[int, ...] = ()


@lru_cache(REMEMBERED_TURNS)
def read_turn(speaker: str, text: str, at: datetime) -> TurnReading:
    """Read one turn, cut to READ_CHARACTERS, that was said at `at`."""
    if speaker != BORROWER:
        return TurnReading(mask(text), ())
    days = find_dates(text, at)
    ahead = tuple((day.start - at.date()).days for day in days if day.start is not None)
    return TurnReading(mask(text), tuple(extract_promises(text, at, days)), ahead)


def times(turns: Sequence[Said], now: datetime) -> list[datetime]:
    """When each turn was said: a turn without a time at that of the turn before, the first ones at `now`."""
    found, at = [], now
    for turn in turns:
        at = turn.at or at
        found.append(at)
    return found
