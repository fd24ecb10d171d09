"""Does a debtor name only what his card, his case and the talk itself give? Read from his words, as a stranger would."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from heyue.coaching.transcript import BORROWER, COLLECTOR
from heyue.errors import BadInput
from heyue.money import FEN_PER_YUAN, fen_from_yuan
from heyue.practice.debtor import Exercise, Turn
from heyue.practice.state import State
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import find_dates

_DIGITS = re.compile(r"\d+")
LEAST_FEN = 10 * FEN_PER_YUAN  # "这一块" is a part, not a yuan
_EXACT_DAY = re.compile("[号周月]|礼拜|星期")  # words that pin a day down; "今天" and "改天" tell no fact


def invented(exercise: Exercise, states: Sequence[State]) -> Iterator[str]:
    """The debtor's words that name a number, a day or a sum that nothing gives.

    Args:
        states: the states that the talk went through; terms come and go.
    """
    days, sums = _days(exercise, states), _sums(exercise, states)
    digits = _known_digits(exercise, days, sums)
    for turn in exercise.turns:
        if turn.speaker != BORROWER:
            continue
        unknown_day = any(day not in days for day in _exact_days(turn))
        words = turn.text.replace(exercise.persona.case.id_last4, "")  # four digits look like a sum
        unknown_sum = any(fen not in sums for fen in _named_sums(words))
        if unknown_day or unknown_sum or set(_DIGITS.findall(turn.text)) - digits:
            yield turn.text


def _days(exercise: Exercise, states: Sequence[State]) -> frozenset[date]:
    card = {exercise.today + timedelta(days=each.in_days) for each in exercise.persona.card.can_pay}
    terms = {each.day for state in states for each in (state.promise, state.proposal) if each and each.day}
    said = {day for turn in exercise.turns if turn.speaker == COLLECTOR for day in _exact_days(turn)}
    pay_day = exercise.persona.case.pay_day
    coming = (exercise.today + timedelta(days=ahead) for ahead in range(32))
    return frozenset(card | terms | said | {day for day in coming if day.day == pay_day})


def _exact_days(turn: Turn) -> Iterator[date]:
    for each in find_dates(turn.text, turn.at):
        if each.kind == "future" and each.grain == "day" and each.end and _EXACT_DAY.search(each.text):
            yield each.end


def _sums(exercise: Exercise, states: Sequence[State]) -> frozenset[int]:
    case, card = exercise.persona.case, exercise.persona.card
    terms = {each.amount_fen for state in states for each in (state.promise, state.proposal) if each}
    said = {fen for turn in exercise.turns if turn.speaker == COLLECTOR for fen in _named_sums(turn.text)}
    own = {case.amount_due_fen, case.minimum_due_fen, *(each.amount_fen for each in card.can_pay)}
    return frozenset(own | said | {each for each in terms if each is not None})


def _named_sums(text: str) -> Iterator[int]:
    for each in find_amounts(text):
        if each.amount[0].isdigit():
            try:
                fen = fen_from_yuan(each.amount)
            except BadInput:
                continue
            if fen >= LEAST_FEN:
                yield fen


def _known_digits(exercise: Exercise, days: frozenset[date], sums: frozenset[int]) -> frozenset[str]:
    case = exercise.persona.case
    own = {*_DIGITS.findall(case.id_last4), *_DIGITS.findall(case.product), str(case.pay_day)}
    of_days = {str(part) for day in days for part in (day.month, day.day)}
    of_sums = {part for fen in sums for part in (str(fen // 100), f"{fen % 100:02d}")}
    return frozenset(own | of_days | of_sums)
