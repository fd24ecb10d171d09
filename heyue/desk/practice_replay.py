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


def played(talk: PracticeTalk, turns: Sequence[Uttered]) -> Exercise:
    """What the trainee's lines lead to today.

    Raises:
        BadInput: the debtor is there no more. Refused: the talk ends before its last line.
    """
    lines = tuple((each.text, talk.time_of(each)) for each in turns if each.speaker == COLLECTOR)
    return _after(talk.persona, talk.level, talk.seed, talk.set_at, lines)


def replayed(talk: PracticeTalk, turns: Sequence[Uttered]) -> Exercise | None:
    """The exercise; None where the debtors have changed since and would answer otherwise."""
    try:
        exercise = played(talk, turns)
    except (BadInput, Refused):  # the persona is gone, or the talk would have ended before
        return None
    if [each.text for each in exercise.turns] != [each.handwritten or each.text for each in turns]:
        return None
    exercise = exercise.in_words([each.text for each in turns])
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
    """An exercise on the screen. `exercise`: None where today's debtors would answer otherwise: it can only be read."""

    talk: PracticeTalk
    turns: tuple[Uttered, ...]
    exercise: Exercise | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more can be said in it."""
        return self.talk.finished_at is not None or self.exercise is None or self.exercise.ended is not None


def seen(tx: Tx, user: User, talk_id: str) -> OpenPractice:
    """An exercise as the user may see it: one's own, or for who assigns exercises anybody's.

    Raises:
        UnknownPractice: there is none that the user may see.
    """
    talk = tx.practice_talk(talk_id)
    if talk.login != user.login and not user.role.may("assign_practice"):
        raise UnknownPractice(f"no exercise has the number {talk_id!r}")
    return _opened(tx, talk)


def own(tx: Tx, user: User, talk_id: str) -> OpenPractice:
    """An exercise of the user's own.

    Raises:
        UnknownPractice: there is none.
    """
    return _opened(tx, own_talk(tx, user, talk_id))


def own_talk(tx: Tx, user: User, talk_id: str) -> PracticeTalk:
    """The same without its words.

    Raises:
        UnknownPractice: there is none.
    """
    talk = tx.practice_talk(talk_id)
    if talk.login != user.login:
        raise UnknownPractice(f"no exercise of yours has the number {talk_id!r}")
    return talk


def _opened(tx: Tx, talk: PracticeTalk) -> OpenPractice:
    turns = tx.practice_turns(talk.talk_id)
    return OpenPractice(talk, turns, replayed(talk, turns))


def heard_before(tx: Tx, talk: PracticeTalk, turns: Sequence[Uttered]) -> str | None:
    """How the last of these turns was worded in a branch of the talk that went the same way: it is worded so again."""
    *before, line = turns
    for other in family(tx.practice_talks(talk.login), talk):
        said = tx.practice_turns(other.talk_id)[: len(turns)]
        same_way = [each.text for each in said[:-1]] == [each.text for each in before]
        if len(said) == len(turns) and same_way and said[-1].handwritten == line.text:
            return said[-1].text
    return None


def family(talks: Sequence[PracticeTalk], talk: PracticeTalk) -> list[PracticeTalk]:
    """The other talks that go back to the same beginning."""
    parents = {each.talk_id: each.parent_id for each in talks}

    def root(talk_id: str) -> str:
        while (parent := parents.get(talk_id)) is not None:
            talk_id = parent
        return talk_id

    here = root(talk.talk_id)
    return [each for each in talks if each.talk_id != talk.talk_id and root(each.talk_id) == here]
