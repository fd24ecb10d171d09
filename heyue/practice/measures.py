"""Measures of one negotiation, after those of "Debt Collection Negotiations" (DCN), defined openly in docs/practice.md."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from heyue.practice.bargaining import payable_by
from heyue.practice.debtor import Exercise
from heyue.practice.persona import Card
from heyue.practice.reactions import PRESSES, moves_of_kind
from heyue.practice.state import PLAIN, Agreed

HORIZON_DAYS = 30  # what he could pay is counted so far ahead, as policy.promise.horizon_days
STEPS = 7


class Measures(NamedTuple):
    """One talk, each from 0 to 1 but the days.

    `soundness`: of the dialogue: share of the steps of a contact that were done, less its share of pressing lines.
    `recovery`: what is paid of the sum due. `days_to_recovery`: until it is paid; None where nothing is.
    `health`: share of his living costs that a month's income still covers beside the promise. `harmonic`: harmonic mean of
    what is paid, against what he could pay, and health.
    """

    soundness: float
    recovery: float
    days_to_recovery: int | None
    health: float
    harmonic: float


def measures_of(exercise: Exercise, promise: Agreed | None, paid_fen: int, paid_on: date | None) -> Measures:
    """The measures of one talk. `promise`: what stands at its end; `paid_fen`, `paid_on`: what comes of it."""
    card, today = exercise.persona.card, exercise.today
    payable = payable_by(card, today + timedelta(days=HORIZON_DAYS), today)
    health = _health(card, promise)
    return Measures(
        soundness=round(_soundness(exercise), 3),
        recovery=round(paid_fen / exercise.persona.case.amount_due_fen, 3),
        days_to_recovery=(paid_on - today).days if paid_on is not None else None,
        health=round(health, 3),
        harmonic=round(_harmonic(min(paid_fen / max(payable, 1), 1.0), health), 3),
    )


def _soundness(exercise: Exercise) -> float:
    """The steps of a contact (domain.md) that were done, times the share of lines that press nobody."""
    state = exercise.state
    done = sum(
        (
            state.introduced,
            state.verified and not state.times("disclose"),
            state.reason_told == PLAIN or bool(state.times("ask_reason")),
            any(state.times(move) for move in ("small_step", "offer_choice", "counter_offer")),
            any(state.times(move) for move in ("ask_day", "ask_amount", "small_step")),
            bool(state.times("read_back")),
            any(state.times(move) for move in ("thank_close", "pay_way")),
        )
    )
    pressing = moves_of_kind(PRESSES)
    said = [turn for turn in exercise.turns if turn.moves]
    pressed = sum(not pressing.isdisjoint(turn.moves) for turn in said)
    return done / STEPS * (1 - pressed / max(len(said), 1))


def _health(card: Card, promise: Agreed | None) -> float:
    """The share of his living costs that is left of a month's income once the promise is paid out of it."""
    promised = promise.amount_fen or 0 if promise is not None else 0
    return min(max(card.income_fen - promised, 0) / max(card.expenses_fen, 1), 1.0)


def _harmonic(collected: float, health: float) -> float:
    return 2 * collected * health / (collected + health) if collected + health else 0.0
