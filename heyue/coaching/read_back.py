"""What a collector reads back ("30号一千五，我登记了"): the lender's own note of a plan that the borrower has just named.

A borrower's long turn may hide its day; the collector who heard it says the day and the sum once more, and the borrower
lets it stand. Of each pair the borrower himself has said the sum or, beside another sum of his, the day ("余下的30号"), so that no
demand becomes a promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from heyue.coaching.asked import RECENT, FirstAndLast, days_in_clauses, days_named, days_to_come
from heyue.coaching.talk_cues import talk_cue
from heyue.coaching.transcript import BORROWER, Said
from heyue.understanding.amounts import find_amounts

APART = 8  # characters that may stand between a day and its sum: "12月16日周三上午，2000元"


class Noted(NamedTuple):
    """A day and the sum for it."""

    start: date
    end: date | None
    amount: str

    @property
    def days(self) -> FirstAndLast:
        """The first and the last day noted."""
        return self.start, self.end


def read_back(turns: Sequence[Said], number: int, at: datetime) -> list[Noted]:
    """The days with their sums that the collector's turn `number` notes and the borrower lets stand; in their order."""
    text = turns[number].text
    if (talk_cue("proposes").search(text) and not agreed(turns, number)) or refused(turns, number):
        return []
    if not (noted := pairs_of(text, at)):
        return []
    recent = [turn.text for turn in turns[max(0, number - RECENT) : number] if turn.speaker == BORROWER]
    said = {each.amount for one in recent for each in find_amounts(one)}
    unsaid = [each.days for each in noted if each.amount not in said]
    if len(unsaid) == len(noted):
        return []
    return noted if not unsaid or set(unsaid) <= {days for one in recent for days in days_named(one, at)} else []


def struck_out(turns: Sequence[Said], number: int, at: datetime) -> set[FirstAndLast]:
    """The days of which the collector's turn says that they fall away, and the borrower says yes ("后天那两千就不算了，对吗？" - "对")."""
    return days_in_clauses(turns[number].text, "falls_away", at) if agreed(turns, number) else set()


def agreed(turns: Sequence[Said], number: int) -> bool:
    """The borrower's next words are a yes."""
    return answered_with(turns, number, "agrees")


def refused(turns: Sequence[Said], number: int) -> bool:
    """The borrower's next words turn the note down."""
    return answered_with(turns, number, "turns_down")


def answered_with(turns: Sequence[Said], number: int, name: str) -> bool:
    """The borrower's turn right after this one begins with the cue `name`."""
    following = turns[number + 1 : number + 2]
    return bool(following) and following[0].speaker == BORROWER and bool(talk_cue(name).match(following[0].text))


def pairs_of(text: str, at: datetime) -> list[Noted]:
    """Each day to come that a sum follows closely."""
    sums = [each for each in find_amounts(text) if not each.amount.isalpha()]
    days = days_to_come(text, at) if sums else []
    stops = [each.span[0] for each in days[1:]] + [len(text)] if days else []
    found = []
    for day, stop in zip(days, stops, strict=True):
        near = min(stop, day.span[1] + APART)
        own = [each for each in sums if day.span[1] <= each.span[0] < near and "。" not in text[day.span[1] : each.span[0]]]
        if own and day.start is not None and not talk_cue("falls_away").search(text[own[0].span[1] : stop]):
            found.append(Noted(day.start, day.end, own[0].amount))
    return found
