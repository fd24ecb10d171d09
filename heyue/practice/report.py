"""What a trainee is shown: hints while he practises, and after the talk what it was worth and where it turned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from heyue.coaching.course import Course, course_of
from heyue.coaching.suggestions import Suggestion, suggest
from heyue.coaching.talk_state import state_of
from heyue.coaching.transcript import BORROWER, COLLECTOR, Transcript
from heyue.conduct.line_check import Violation, check_line
from heyue.errors import BadInput
from heyue.money import spoken_yuan
from heyue.practice.debtor import Exercise, Turn
from heyue.practice.levels import level_of
from heyue.practice.outcome import Outcome, outcome_of
from heyue.practice.persona import COOPERATIVE, KINDS, Persona
from heyue.practice.reactions import PRESSES, UNHEARD, cause_name, moves_of_kind
from heyue.practice.state import Moved
from heyue.practice.talk import transcript_of
from heyue.review.machine_answers import propose_answers
from heyue.review.scorecard import Answer, ScoreResult, default_scorecard, score
from heyue.understanding.linear_text import mask

MOST_WEAK = 3
WEAK_FROM = 0.03  # how much a line must have cost before it counts as a weak moment


class Hints(NamedTuple):
    """Help while practising, as much as the level gives: lines to say, and the rules that the draft breaks."""

    suggestions: tuple[Suggestion, ...]
    violations: tuple[Violation, ...]


class CurvePoint(NamedTuple):
    """The tension after a turn (its number from 0), and what moved it there."""

    turn: int
    tension: float
    moved: tuple[Moved, ...]


class WeakMoment(NamedTuple):
    """A line that cost much: its turn, its words, why in Chinese, and up to three lines that would have done better."""

    turn: int
    line: str
    why: str
    better: tuple[Suggestion, ...]


class Guess(NamedTuple):
    """The type that the trainee guessed, and that of the persona (KINDS)."""

    guessed: str
    right: str

    @property
    def is_right(self) -> bool:
        return self.guessed == self.right


@dataclass(frozen=True)
class Report:
    """Everything that is shown after a talk."""

    transcript: Transcript
    course: Course
    answers: list[Answer]
    score: ScoreResult
    curve: tuple[CurvePoint, ...]
    weakest: tuple[WeakMoment, ...]
    outcome: Outcome
    guess: Guess | None


def hints(exercise: Exercise, draft: str = "") -> Hints:
    """Lines to say next, and what rules the draft breaks, as far as the level helps."""
    level = level_of(exercise.level)
    found = better_lines(exercise, len(exercise.turns))[: level.hints] if level.hints else ()
    return Hints(found, warnings(exercise.level, draft))


def warnings(level: str, draft: str) -> tuple[Violation, ...]:
    """The rules that a draft breaks, where the level warns of them."""
    return check_line(draft) if draft.strip() and level_of(level).rule_warnings else ()


def report(exercise: Exercise, guess: str | None = None) -> Report:
    """What a talk was worth.

    Args:
        guess: which of KINDS the trainee takes the debtor for.

    Raises:
        BadInput: nothing was said yet, or there is no such kind.
    """
    if not exercise.turns:
        raise BadInput("还没有说过一句话，没有可以点评的内容。")
    if guess is not None and guess not in KINDS:
        raise BadInput(f"guess: {guess!r} is no kind; take one of {', '.join(KINDS)}")
    transcript, card = transcript_of(exercise), default_scorecard()
    course = course_of(transcript, exercise.turns[0].at)
    answers = propose_answers(transcript, course.found, card)
    curve = tuple(CurvePoint(number, turn.tension, turn.moved) for number, turn in enumerate(exercise.turns))
    return Report(
        transcript, course, answers, score(card, answers), curve, weakest_moments(exercise), outcome_of(exercise),
        Guess(guess, exercise.persona.kind) if guess is not None else None,
    )  # fmt: skip


def weakest_moments(exercise: Exercise) -> tuple[WeakMoment, ...]:
    """The lines that cost most, in the order of the talk."""
    costs = {number: _cost(turn) for number, turn in enumerate(exercise.turns) if turn.speaker == COLLECTOR}
    worst = sorted(costs, key=lambda number: -costs[number])[:MOST_WEAK]
    return tuple(_weak_moment(exercise, number) for number in sorted(worst) if costs[number] >= WEAK_FROM)


def _cost(turn: Turn) -> float:
    """How much tension and fatigue a line raised, and trust and willingness lost, by what was amiss in it."""
    return sum(abs(each.delta) for each in _harm(turn)) - sum(
        abs(each.delta) for each in turn.moved if not _is_bad(each)
    )


def _harm(turn: Turn) -> list[Moved]:
    """What did harm; not what every line costs, nor the small strain of asking for a day or a sum."""
    return [
        each
        for each in turn.moved
        if _is_bad(each) and (each.cause == UNHEARD or each.cause in moves_of_kind(PRESSES))
    ]


def _is_bad(moved: Moved) -> bool:
    return (moved.delta > 0) == (moved.gauge in ("tension", "fatigue"))


def _weak_moment(exercise: Exercise, number: int) -> WeakMoment:
    turn = exercise.turns[number]
    bad = _harm(turn)
    causes = list(dict.fromkeys(each.cause for each in sorted(bad, key=lambda each: -abs(each.delta))))
    why = "、".join(cause_name(cause) for cause in causes)
    return WeakMoment(number, turn.text, why, better_lines(exercise, number))


def better_lines(exercise: Exercise, number: int) -> tuple[Suggestion, ...]:
    """What could be said as turn `number`, from the playbook; the debtor's type is known to the exercise."""
    before = exercise.turns[:number]
    own = [turn.text for turn in before if turn.speaker == BORROWER]
    asked = [turn.text for turn in before if turn.speaker == COLLECTOR]
    situation = situation_of(exercise.persona)
    state = _state_at(own, asked, before, situation)
    found = suggest(
        state,
        exercise.persona.debtor_type,
        situation,
        own[-1] if own else "",
        asked,
        _facts(exercise.persona),
    )
    return tuple(each for each in found if not check_line(each.text))


def _state_at(own: list[str], asked: list[str], before: tuple[Turn, ...], situation: str) -> str:
    """The step of the contact, told by what the debtor has done so far."""
    acts = {turn.act for turn in before}
    if "verify_ok" not in acts:
        return "verifying" if asked else "opening"
    promised, told = "promise_dated" in acts, "reason_plain" in acts
    return state_of([mask(text) for text in own], [mask(text) for text in asked], promised, told, situation)


def situation_of(persona: Persona) -> str:
    """The situation of contracts.md that a persona's case and card come to."""
    if persona.kind == COOPERATIVE:
        return "cooperative"
    if persona.case.broken_promises > 1:
        return "broken_promises"
    lasting = persona.card.income_fen <= persona.card.expenses_fen
    willing = persona.card.reason not in ("unwilling", "dispute")
    return ("unable_long" if lasting else "unable_short") if willing else "unwilling"


def _facts(persona: Persona) -> dict[str, str]:
    return {
        "amount_due": spoken_yuan(persona.case.amount_due_fen),
        "days_overdue": str(persona.case.days_overdue),
    }
