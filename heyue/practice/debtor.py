"""A practice talk as a value: who the debtor is, what was said, how he feels, whether it has ended.

Saying a line gives another value and leaves this one as it was: undo is the value before, a branch is another line said
to it. The same persona, level, seed and lines give the same talk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from random import Random
from types import MappingProxyType

import yaml

from heyue.coaching.transcript import BORROWER, COLLECTOR
from heyue.errors import Broken, Refused
from heyue.money import yuan_from_fen
from heyue.practice.answer import Answer, Now
from heyue.practice.answering import answer_to, mood_of
from heyue.practice.bargaining import far_terms
from heyue.practice.hearing import hear
from heyue.practice.levels import level_of
from heyue.practice.persona import Persona
from heyue.practice.reactions import moved_by, started
from heyue.practice.spoken_terms import spoken_day, spoken_sum
from heyue.practice.state import Moved, State, Terms
from heyue.practice.utterances import Chosen, choose, slots_of

PHONE = "phone"
ENDINGS = ("promise", "goodbye", "hung_up", "complained", "gave_up", "stopped")


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
        if self.ended is not None:
            raise Refused("这次对练已经结束；撤回一句，或重新开始。")
        level = level_of(self.level)
        heard = hear(line, self.lines, self.state, self.persona, at)
        state, moved = moved_by(self.state, heard.moves, self.persona, level)
        state = replace(state, informed=state.informed or heard.names_debt)
        said = Turn(COLLECTOR, line, at, state.tension, heard.moves, moved)
        choice = self._choice()
        now = Now(
            self.persona, level, line, heard, self.state, state, len(self.turns) + 1, self.today, choice
        )
        return replace(self, turns=(*self.turns, said))._answered(answer_to(now), at, choice)

    def stopped(self) -> Exercise:
        """The talk as the trainee leaves it: ended by him, unless it has ended already."""
        return self if self.ended else replace(self, ended=ending_of("stopped"))

    def in_words(self, texts: Sequence[str]) -> Exercise:
        """The same talk with its first turns in these words, where a language model worded some of them otherwise."""
        said = [replace(turn, text=text) for turn, text in zip(self.turns, texts, strict=False)]
        return replace(self, turns=(*said, *self.turns[len(said) :]))

    @property
    def lines(self) -> tuple[str, ...]:
        """What the trainee has said."""
        return tuple(turn.text for turn in self.turns if turn.speaker == COLLECTOR)

    def _choice(self) -> Random:
        """What decides where several things would do: the same for the same persona, level, seed and turn."""
        return Random(f"{self.persona.id} {self.level} {self.seed} {len(self.turns)}")

    def _answered(self, answer: Answer, at: datetime, choice: Random) -> Exercise:
        """The talk with the debtor's answer in words; who has nothing left to say takes his leave."""
        far = far_terms(self.persona.card, self.today, choice)
        values = _values(self.persona, answer.terms, far, self.today, choice)
        chosen, ending = self._chosen(answer, frozenset(values), choice), answer.ending
        if chosen is None:
            chosen, ending = (
                self._chosen(Answer("goodbye", answer.state), frozenset(values), choice),
                "worn_out",
            )
        if chosen is None:
            raise Broken(f"utterances of {self.persona.kind}: no line left for {answer.act}, nor a goodbye")
        state = replace(
            answer.state, acts=(*answer.state.acts, chosen.act), said=answer.state.said | {chosen.line}
        )
        if chosen.act == "own_proposal":
            state = replace(state, proposal=_proposed(chosen.line, far))
        turn = Turn(BORROWER, chosen.line.format_map(values), at, state.tension, act=chosen.act)
        ended = ending_of(ending) if ending else None
        return replace(self, turns=(*self.turns, turn), state=state, ended=ended)

    def _chosen(self, answer: Answer, known: frozenset[str], choice: Random) -> Chosen | None:
        return choose(
            self.persona.kind, answer.act, mood_of(answer.state), self.persona.card.reason, known,
            answer.state.said, choice, answer.must, _is_agreed(answer.state),
        )  # fmt: skip


def _values(persona: Persona, terms: Terms, far: Terms, today: date, choice: Random) -> dict[str, str]:
    """What the slots of his words are filled with: facts of his case, and the terms that he speaks of."""
    case = persona.case
    values = {
        "id_last4": case.id_last4,
        "amount_due": f"{yuan_from_fen(case.amount_due_fen).removesuffix('.00')}元",
        "product": case.product,
        "pay_day": f"{case.pay_day}号",
    }
    for name, day in (("day", terms.day), ("far_day", far.day)):
        if day is not None:
            values[name] = spoken_day(day, today, choice)
    for name, amount_fen in (("amount", terms.amount_fen), ("small_amount", far.amount_fen)):
        if amount_fen is not None:
            values[name] = spoken_sum(amount_fen, choice)
    return values


def _is_agreed(state: State) -> bool:
    return state.promise is not None and state.promise.day is not None


def _proposed(line: str, far: Terms) -> Terms | None:
    """What a line with his own proposal puts on the table."""
    slots = slots_of(line)
    proposal = Terms(
        far.day if "far_day" in slots else None, far.amount_fen if "small_amount" in slots else None
    )
    return proposal if proposal != Terms() else None


def begin(persona: Persona, level: str, seed: int, at: datetime) -> Exercise:
    """A new talk. On the phone the debtor picks up; in a chat the trainee writes first.

    Raises:
        BadInput: there is no such level.
    """
    exercise = Exercise(persona, level, seed, at.date(), (), started(persona, level_of(level)))
    if persona.channel != PHONE:
        return exercise
    return exercise._answered(Answer("answer_phone", exercise.state), at, exercise._choice())


def replay(
    persona: Persona, level: str, seed: int, at: datetime, lines: Iterable[tuple[str, datetime]]
) -> Exercise:
    """The talk that these lines of the trainee, each with its time, lead to."""
    exercise = begin(persona, level, seed, at)
    for line, said_at in lines:
        exercise = exercise.after(line, said_at)
    return exercise


def ending_of(name: str) -> Ending:
    """An ending of endings.yml."""
    return _endings()[name]


@cache
def _endings() -> Mapping[str, Ending]:
    raw = yaml.safe_load((files("heyue.practice") / "endings.yml").read_text(encoding="utf-8"))
    return MappingProxyType({name: Ending(**fields) for name, fields in raw.items()})
