"""The moment of an answer, and an answer: what the rules of answering.py and agreeing.py take and give."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import NamedTuple

from heyue.practice.hearing import Heard
from heyue.practice.levels import Level
from heyue.practice.persona import Persona
from heyue.practice.state import Agreed, State, Terms

ASKS = ("ask_day", "ask_amount", "small_step", "offer_choice", "counter_offer")


class Now(NamedTuple):
    """The moment of an answer. `before`: the state that the line met; `state`: after its moves."""

    persona: Persona
    level: Level
    line: str
    heard: Heard
    before: State
    state: State
    turns: int
    today: date
    choice: Random


class Answer(NamedTuple):
    """What he does. `terms`: the day and sum that his words name; `must`: slots that the line has to hold.

    `ending`: the name of an ending (endings.yml) where the talk is over with it.
    """

    act: str
    state: State
    terms: Terms = Terms()
    must: frozenset[str] = frozenset()
    ending: str | None = None


def is_dated(promise: Agreed | None) -> bool:
    """Whether a promise names its day."""
    return promise is not None and promise.day is not None
