"""A practice talk out of what is kept of it: the same lines to the same debtor give the same talk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from heyue.coaching.transcript import COLLECTOR
from heyue.errors import BadInput, Refused
from heyue.practice.debtor import Exercise, begin
from heyue.practice.persona import persona
from heyue.practice.records import PracticeTalk, Uttered
from heyue.practice.report import Report, report

REMEMBERED_TALKS, REMEMBERED_REPORTS = 2_000, 200
Spoken = tuple[tuple[str, datetime], ...]


def replayed(talk: PracticeTalk, turns: Sequence[Uttered]) -> Exercise | None:
    """The exercise; None where the debtors have changed since and would answer otherwise."""
    lines = tuple((each.text, talk.time_of(each)) for each in turns if each.speaker == COLLECTOR)
    try:
        exercise = _after(talk.persona, talk.level, talk.seed, talk.set_at, lines)
    except (BadInput, Refused):  # the persona is gone, or the talk would have ended before
        return None
    if [each.text for each in exercise.turns] != [each.text for each in turns]:
        return None
    return exercise.stopped() if talk.finished_at is not None else exercise


@lru_cache(REMEMBERED_TALKS)
def _after(persona_id: str, level: str, seed: int, at: datetime, lines: Spoken) -> Exercise:
    """Line by line, so that each is heard once while a talk grows."""
    if not lines:
        return begin(persona(persona_id), level, seed, at)
    return _after(persona_id, level, seed, at, lines[:-1]).after(*lines[-1])


@lru_cache(REMEMBERED_REPORTS)
def reported(exercise: Exercise, guess: str | None) -> Report:
    """What it was worth."""
    return report(exercise, guess)
