"""What code finds in a talk for an item of the scorecard, where words alone do not do: who is verified, what is read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from heyue.coaching.assessment import Assessment
from heyue.coaching.suggestions import pairs
from heyue.coaching.transcript import BORROWER, Transcript
from heyue.conduct.disclosure import debt_pattern
from heyue.conduct.talk_check import says_who
from heyue.money import fen_from_yuan, half_of
from heyue.review.answer_cues import clause_around, finding_cue
from heyue.review.scorecard import NO, YES, Quote
from heyue.settings import ZONE
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import find_dates
from heyue.understanding.promises import Promise
from heyue.understanding.reasons import reason_of
from heyue.understanding.script import simplify

_WIDE = str.maketrans(",!?:;", "，！？：；")
AT_ONCE = 2  # turns of the collector in which who speaks is said (compliance.md I-01)


class Line(NamedTuple):
    """A turn of the talk. `plain`: its text as the cues read it, of the same length."""

    number: int
    by_borrower: bool
    text: str
    plain: str
    at: datetime | None


class Finding(NamedTuple):
    """A verdict and the words that show it; None where it is what was not said."""

    verdict: str
    quote: Quote | None


@dataclass(frozen=True)
class Talk:
    """A talk with what was read in it, as the findings look at it."""

    transcript: Transcript
    found: Assessment

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every turn; one without a time was said when the one before was."""
        lines, at = [], None
        for number, turn in enumerate(self.transcript.turns):
            at = turn.at or at
            plain = simplify(turn.text).translate(_WIDE)
            lines.append(Line(number, turn.speaker == BORROWER, turn.text, plain, at))
        return tuple(lines)

    @cached_property
    def collector(self) -> tuple[Line, ...]:
        """The collector's turns."""
        return tuple(each for each in self.lines if not each.by_borrower)


def quote_of(line: Line, span: tuple[int, int]) -> Quote:
    """The clause of a line that holds the words at `span`."""
    return Quote(line.number, clause_around(line.text, line.plain, span))


def _identity_said(talk: Talk) -> Finding | None:
    """Who never says who he is breaks the rule no_identity: here only a yes can be found."""
    for line in talk.collector[:AT_ONCE]:
        if says_who(line.text):
            return Finding(YES, Quote(line.number, line.text))
    return None


def _person_verified(talk: Talk) -> Finding | None:
    """Asked for and admitted before any debt is named, or no debt named at all: yes. Named before the borrower said
    anything: no. Whether somebody who just answers is the borrower, the machine cannot know."""
    asked: Line | None = None
    for line in talk.lines:
        if line.by_borrower:
            if asked is not None and finding_cue("admits").search(line.plain):
                return _whole(asked)
            continue
        debt = _debt_named(line)
        if debt is not None:
            return Finding(NO, quote_of(line, debt)) if line is talk.collector[0] else None
        if finding_cue("asks_who").search(line.plain):
            asked = line
    return _whole(asked) if asked is not None else None


def _whole(line: Line) -> Finding:
    return Finding(YES, Quote(line.number, line.text))


def _debt_named(line: Line) -> tuple[int, int] | None:
    """Where a line names a debt; the name of who speaks may hold such a word ("云山分期")."""
    for pattern in (debt_pattern(), finding_cue("names_debt")):
        for match in pattern.finditer(line.plain):
            if not says_who(clause_around(line.text, line.plain, match.span())):
                return match.span()
    return None


def _reason_taken_up(talk: Talk) -> Finding | None:
    """The borrower tells a reason, and the next line of the collector speaks of it. No reason told, none asked: no."""
    if talk.found.reason is None:
        return Finding(NO, None)
    for before, line in pairwise(talk.lines):
        if before.by_borrower and not line.by_borrower and reason_of(before.text)[0] is not None:
            place = _first_shared(line.plain, pairs(before.plain))
            if place is not None:
                return Finding(YES, quote_of(line, (place, place + 2)))
    return None


def _first_shared(plain: str, told: frozenset[str]) -> int | None:
    """Where a telling pair of characters stands that the other turn has too."""
    for place in range(len(plain) - 1):
        pair = plain[place : place + 2]
        if pair in told and not finding_cue("empty").search(pair):
            return place
    return None


def _day_read_back(talk: Talk) -> Finding | None:
    for promise, line in _after_promises(talk):
        for day in find_dates(line.text, line.at or _day_of(promise)):
            if day.start == promise.start or (day.end is not None and day.end == promise.end):
                return Finding(YES, quote_of(line, day.span))
    return None


def _amount_read_back(talk: Talk) -> Finding | None:
    for promise, line in _after_promises(talk):
        for said in find_amounts(line.text):
            if promise.amount is not None and _same_amount(
                said.amount, promise.amount, talk.transcript.case.amount_due
            ):
                return Finding(YES, quote_of(line, said.span))
    return None


def _same_amount(said: str, promised: str, due: str | None) -> bool:
    return said == promised or _fen(said, due) == _fen(promised, due) is not None


def _fen(amount: str, due: str | None) -> int | None:
    """The fen of an amount of contracts.md section 2; None where it depends on what is not known."""
    if amount[0].isdigit():
        return fen_from_yuan(amount)
    if due is None or amount == "minimum":
        return None
    return fen_from_yuan(due) if amount == "full" else half_of(fen_from_yuan(due))


def _after_promises(talk: Talk) -> Iterator[tuple[Promise, Line]]:
    """Each promise of a day that was said last, with each line of the collector after it; one made by a mere yes, with
    the line that was agreed to as well."""
    said = [(_said_in(talk, each), each) for each in talk.found.promises if each.start is not None]
    last = max((number for number, _ in said), default=0)
    for number, promise in said:
        if number < last:
            continue
        is_mere_yes = not find_dates(talk.lines[last].text, _day_of(promise))
        yield from ((promise, line) for line in talk.collector if line.number >= last - is_mere_yes)


def _day_of(promise: Promise) -> datetime:
    """The promised day: from it "周四" and "12月8日" are read where the talk has no times."""
    return datetime.combine(promise.start or date.max, time(), ZONE)


def _said_in(talk: Talk, promise: Promise) -> int:
    """The last turn of the borrower that holds the words of the promise."""
    return max(
        (each.number for each in talk.lines if each.by_borrower and promise.text in each.text), default=0
    )


FINDERS: dict[str, Callable[[Talk], Finding | None]] = {
    "says_who": _identity_said,
    "verified_person": _person_verified,
    "asked_reason": _reason_taken_up,
    "asked_day": _day_read_back,
    "asked_amount": _amount_read_back,
    "read_back_day": _day_read_back,
    "read_back_amount": _amount_read_back,
}
