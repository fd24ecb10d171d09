"""A practice talk out of what is kept of it: the same lines to the same debtor give the same talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from heyue.access.people import User
from heyue.coaching.transcript import COLLECTOR
from heyue.errors import BadInput, Refused
from heyue.practice.debtor import Exercise, begin
from heyue.practice.persona import persona
from heyue.practice.records import PracticeTalk, UnknownPractice, Uttered
from heyue.practice.report import Report, report
from heyue.store import Tx

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


@dataclass(frozen=True)
class OpenPractice:
    """An exercise on the screen. `exercise`: None where today's debtors would answer otherwise: it can only be read.

    `branches`: the talks that it is a branch of, that branch off it, or off the same talk, the first begun first.
    """

    talk: PracticeTalk
    turns: tuple[Uttered, ...]
    exercise: Exercise | None
    branches: list[PracticeTalk]

    @property
    def has_ended(self) -> bool:
        """Whether nothing more can be said in it."""
        return self.talk.finished_at is not None or self.exercise is None or self.exercise.ended is not None


def seen(tx: Tx, user: User, talk_id: str) -> OpenPractice:
    """An exercise as the user may see it.

    Raises:
        UnknownPractice: there is none that the user may see.
    """
    talk = tx.practice_talk(talk_id)
    if talk.login != user.login and not user.role.may("assign_practice"):
        raise UnknownPractice(f"no exercise has the number {talk_id!r}")
    turns = tx.practice_turns(talk_id)
    return OpenPractice(talk, turns, replayed(talk, turns), _family(tx.practice_talks(talk.login), talk))


def own(tx: Tx, user: User, talk_id: str) -> OpenPractice:
    found = seen(tx, user, talk_id)
    if found.talk.login != user.login:
        raise UnknownPractice(f"no exercise of yours has the number {talk_id!r}")
    return found


def _family(talks: Sequence[PracticeTalk], talk: PracticeTalk) -> list[PracticeTalk]:
    """The other talks that share their beginning with this one."""
    parents = {each.talk_id: each.parent_id for each in talks}

    def root(talk_id: str) -> str:
        while (parent := parents.get(talk_id)) is not None:
            talk_id = parent
        return talk_id

    here = root(talk.talk_id)
    return [each for each in talks if each.talk_id != talk.talk_id and root(each.talk_id) == here]
