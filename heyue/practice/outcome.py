"""What a practice talk led to: the promise, whether the debtor's card lets him keep it, what was granted too much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml

from heyue.practice.bargaining import payable_by
from heyue.practice.debtor import Exercise
from heyue.practice.measures import Measures, measures_of
from heyue.practice.persona import ALWAYS, NEVER, Card
from heyue.practice.state import Agreed

KEPT, PARTLY_KEPT, BROKEN = "kept", "partly_kept", "broken"
VOID = ("hung_up", "complained")  # endings after which nothing that was said before holds


@dataclass(frozen=True)
class Outcome:
    """`fate`: kept, partly_kept or broken, by the card; None without a dated promise. `why`: in Chinese.

    `paid_fen`, `paid_on`: what comes in by it, and when. `over_concessions`: lines that granted more than policy allows.
    """

    promise: Agreed | None
    fate: str | None
    why: str
    paid_fen: int
    paid_on: date | None
    over_concessions: int
    measures: Measures


def outcome_of(exercise: Exercise) -> Outcome:
    """What a talk led to, so far or in the end."""
    promise = exercise.state.promise
    if exercise.ended is not None and exercise.ended.how in VOID:
        promise = None
    fate, cause, paid_fen = _fate(promise, exercise.persona.card, exercise.today)
    paid_on = promise.day if promise is not None and paid_fen else None
    return Outcome(
        promise, fate, _words()[cause], paid_fen, paid_on, exercise.state.times("concede_too_much"),
        measures_of(exercise, promise, paid_fen, paid_on),
    )  # fmt: skip


def _fate(promise: Agreed | None, card: Card, today: date) -> tuple[str | None, str, int]:
    """Kept or not, why (a name of outcomes.yml), and what is paid."""
    if promise is None:
        return None, "no_promise", 0
    if promise.day is None or promise.amount_fen is None:
        return None, "light", 0
    if card.keeps == NEVER:
        return BROKEN, "never", 0
    if card.keeps != ALWAYS and not promise.is_concrete:
        return BROKEN, "not_concrete", 0
    payable = payable_by(card, promise.day, today)
    if payable >= promise.amount_fen:
        return KEPT, "kept", promise.amount_fen
    return (PARTLY_KEPT, "too_much", payable) if payable else (BROKEN, "too_soon", 0)


@cache
def _words() -> dict[str, str]:
    raw: dict[str, str] = yaml.safe_load(
        (files("heyue.practice") / "outcomes.yml").read_text(encoding="utf-8")
    )
    return raw
