"""The automatic referee: scripted collectors against every persona at every level, and what must hold in every talk.

One talk in a million may still fail what is checked here; the figures with their intervals are in docs/practice.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import sqrt
from random import Random
from typing import NamedTuple

from heyue.coaching.debtor_types import types_of_all
from heyue.coaching.reading import read_talk, talk_blocks
from heyue.coaching.transcript import BORROWER, Transcript
from heyue.practice.answering import MOST_TURNS
from heyue.practice.collectors import Collector, collectors, starts
from heyue.practice.debtor import Exercise, begin
from heyue.practice.facts_check import invented
from heyue.practice.levels import LEVELS
from heyue.practice.outcome import KEPT, Outcome, outcome_of
from heyue.practice.persona import Persona, personas
from heyue.practice.state import State
from heyue.practice.talk import transcript_of
from heyue.settings import ZONE

BETWEEN_TURNS = timedelta(seconds=20)
LEAST_TURNS = 5  # of the debtor, from which his type can be told at all
YIELDS = frozenset(["promise_dated", "confirm_yes", "confirm_change"])
NOON = datetime(2026, 6, 15, 12, tzinfo=ZONE)  # for turns without a time; those of a talk have theirs
Z = 1.96


@dataclass(frozen=True)
class Played:
    """One talk of the referee. `faults`: what must not happen and did."""

    collector: str
    exercise: Exercise
    outcome: Outcome
    faults: tuple[str, ...]

    @property
    def is_dated(self) -> bool:
        """It ended with a promise that has day and sum."""
        return self.outcome.promise is not None and self.outcome.promise.day is not None

    @property
    def is_kept(self) -> bool:
        """The promise is kept in full."""
        return self.outcome.fate == KEPT


def matches(talks: int, seed: int = 0) -> Iterator[tuple[Collector, Persona, str, int]]:
    """Who plays whom: every collector against every persona at every level, with new seeds until there are enough."""
    every = [
        (collector, persona, level)
        for collector in collectors().values()
        for persona in personas().values()
        for level in LEVELS
    ]
    Random(seed).shuffle(every)  # so that a part of them is a fair sample
    for number in range(talks):
        collector, persona, level = every[number % len(every)]
        yield collector, persona, level, seed + number // len(every)


def played(collector: Collector, persona: Persona, level: str, seed: int, at: datetime) -> Played:
    """One talk, played to its end."""
    exercise = begin(persona, level, seed, at)
    talking, states = starts(collector, persona), [exercise.state]
    choice = Random(f"{collector.id} {persona.id} {level} {seed}")
    while exercise.ended is None and len(exercise.turns) <= MOST_TURNS:
        answer = exercise.turns[-1].text if exercise.turns else None
        line, talking = talking.next_line(answer, at, choice)
        at += BETWEEN_TURNS
        exercise = exercise.after(line, at)
        states.append(exercise.state)
    return Played(collector.id, exercise, outcome_of(exercise), tuple(faults_of(exercise, states)))


def faults_of(exercise: Exercise, states: Sequence[State]) -> Iterator[str]:
    """What must not happen in a talk: repetition, an invented fact, no end, too many turns."""
    own = [turn.text for turn in exercise.turns if turn.speaker == BORROWER]
    if len(set(own)) < len(own):
        yield "repetition"
    if exercise.ended is None:
        yield "no end"
    if len(exercise.turns) > MOST_TURNS:
        yield "too many turns"
    yield from (f"invented fact: {text}" for text in invented(exercise, states))


def recognised(talks: Sequence[Played], until_he_yields: bool) -> list[bool | None]:
    """Whether the coach's reader tells the persona's type from the talk; None where he said too little.

    Args:
        until_he_yields: read only the talk before he names a day: whoever does is cooperative by the rules of the
            labels (contracts.md section 4), whatever type he has been.
    """
    seen = [
        _before_yielding(each.exercise) if until_he_yields else transcript_of(each.exercise) for each in talks
    ]
    shares = types_of_all(talk_blocks([read_talk(transcript, NOON) for transcript in seen]))
    return [
        max(share, key=share.__getitem__) == each.exercise.persona.debtor_type
        if len(transcript.borrower_turns) >= LEAST_TURNS
        else None
        for share, transcript, each in zip(shares, seen, talks, strict=True)
    ]


def _before_yielding(exercise: Exercise) -> Transcript:
    acts = [turn.act for turn in exercise.turns]
    yielded = next((number for number, act in enumerate(acts) if act in YIELDS), len(acts))
    whole = transcript_of(exercise)
    return replace(whole, turns=whole.turns[:yielded])


class Rate(NamedTuple):
    """How often something happened, with its 95 % interval (Wilson 1927)."""

    happened: int
    of: int

    @property
    def share(self) -> float:
        return self.happened / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        spread = Z * sqrt(self.share * (1 - self.share) / self.of + Z * Z / (4 * self.of**2))
        middle, whole = self.share + Z * Z / (2 * self.of), 1 + Z * Z / self.of
        return max((middle - spread) / whole, 0.0), min((middle + spread) / whole, 1.0)


def rate(talks: Sequence[Played], happened: Callable[[Played], bool]) -> Rate:
    """How often something happened in these talks."""
    return Rate(sum(map(happened, talks)), len(talks))
