"""A practice talk as a value: who the debtor is, what was said, how he feels, whether it has ended.

Saying a line gives another value and leaves this one as it was: undo is the value before, a branch is another line said
to it. The same persona, level, seed and lines give the same talk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from heyue.practice.persona import Persona
from heyue.practice.state import Moved, State


@dataclass(frozen=True)
class Turn:
    """What was said. `speaker`: collector (the trainee) or borrower. `moves`: of a trainee's line, else empty.

    `act`: what the debtor did, None for the trainee. `moved`: what this line moved in the debtor. `tension`: after it.
    """

    speaker: str
    text: str
    at: datetime
    tension: float
    moves: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    act: str | None = None


@dataclass(frozen=True)
class Ending:
    """How a talk ended: one of ENDINGS, and why, in Chinese."""

    how: str
    why: str


@dataclass(frozen=True)
class Exercise:
    """A talk between a trainee and a persona, so far. `ended`: None while it goes on."""

    persona: Persona
    level: str
    seed: int
    today: date
    turns: tuple[Turn, ...]
    state: State
    ended: Ending | None = None

    def after(self, line: str, at: datetime) -> Exercise:
        """The talk once the trainee has said `line` and the debtor has answered.

        Raises:
            Refused: the talk has ended.
        """
        raise NotImplementedError

    def stopped(self) -> Exercise:
        """The talk as the trainee leaves it: ended by him, unless it has ended already."""
        raise NotImplementedError


def begin(persona: Persona, level: str, seed: int, at: datetime) -> Exercise:
    """A new talk. On the phone the debtor picks up; in a chat the trainee writes first.

    Raises:
        BadInput: there is no such level.
    """
    raise NotImplementedError


def replay(
    persona: Persona, level: str, seed: int, at: datetime, lines: Iterable[tuple[str, datetime]]
) -> Exercise:
    """The talk that these lines of the trainee, each with its time, lead to."""
    exercise = begin(persona, level, seed, at)
    for line, said_at in lines:
        exercise = exercise.after(line, said_at)
    return exercise
