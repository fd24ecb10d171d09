"""What a talk led to: kept or broken by the card, and the measures of a negotiation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from heyue.practice.bargaining import first_terms, payable_by, reply_to
from heyue.practice.debtor import Exercise, ending_of
from heyue.practice.outcome import BROKEN, KEPT, PARTLY_KEPT, outcome_of
from heyue.practice.persona import ALWAYS, CONCRETE, NEVER, Ability
from heyue.practice.state import Agreed, Terms
from tests.unit.practice.talks import AT, informed, of_kind

TODAY = AT.date()
SOON, LATE = TODAY + timedelta(days=5), TODAY + timedelta(days=20)


def agreed(promise: Agreed | None, keeps: str = ALWAYS, ending: str | None = None) -> Exercise:
    """A talk in which this was agreed with somebody who can pay 500 in 5 days and 1,000 more in 20."""
    begun = informed(of_kind("cooperative")[0])
    card = replace(
        begun.persona.card, keeps=keeps, can_pay=(Ability(5, 50_000), Ability(20, 100_000)), income_fen=500_000,
        expenses_fen=400_000,
    )  # fmt: skip
    return replace(
        begun, persona=replace(begun.persona, card=card), state=replace(begun.state, promise=promise),
        ended=ending_of(ending) if ending else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "yuan", "concrete", "keeps", "fate"),
    [
        (SOON, 500, True, ALWAYS, KEPT),
        (SOON, 500, False, ALWAYS, KEPT),
        (SOON, 500, True, CONCRETE, KEPT),
        (SOON, 500, False, CONCRETE, BROKEN),
        (SOON, 500, True, NEVER, BROKEN),
        (SOON, 800, True, CONCRETE, PARTLY_KEPT),
        (LATE, 1500, True, CONCRETE, KEPT),
        (TODAY, 500, True, ALWAYS, BROKEN),
    ],
)
def test_the_card_decides_what_is_kept(day: date, yuan: int, concrete: bool, keeps: str, fate: str) -> None:
    found = outcome_of(agreed(Agreed(day, yuan * 100, concrete), keeps))
    assert found.fate == fate
    assert found.why
    assert (found.paid_fen > 0) == (fate in (KEPT, PARTLY_KEPT))


@pytest.mark.parametrize("promise", [None, Agreed(None, None)])
def test_without_a_day_nothing_is_kept(promise: Agreed | None) -> None:
    found = outcome_of(agreed(promise))
    assert found.fate is None
    assert found.paid_fen == 0
    assert found.measures.days_to_recovery is None


def test_a_complaint_voids_what_was_said() -> None:
    found = outcome_of(agreed(Agreed(SOON, 50_000, True), ending="complained"))
    assert found.promise is None
    assert found.fate is None


def test_a_promise_that_leaves_too_little_to_live_on_costs_health() -> None:
    modest = outcome_of(agreed(Agreed(LATE, 100_000, True))).measures
    harsh = outcome_of(agreed(Agreed(LATE, 300_000, True))).measures
    assert modest.health == 1.0
    assert harsh.health == 0.5
    assert modest.days_to_recovery == 20
    assert 0 < modest.harmonic <= 1


def test_what_he_makes_of_an_offer() -> None:
    card = agreed(None).persona.card
    assert payable_by(card, LATE, TODAY) == 150_000
    assert first_terms(card, TODAY, 0.6) == Terms(SOON, 30_000)
    assert reply_to(card, Terms(SOON, 50_000), TODAY, 0.6) == (Terms(SOON, 50_000), None)
    assert reply_to(card, Terms(SOON, 90_000), TODAY, 1.0) == (Terms(SOON, 50_000), "amount")
    assert reply_to(card, Terms(TODAY, 50_000), TODAY, 1.0) == (Terms(SOON, 50_000), "day")
    assert reply_to(card, Terms(None, 120_000), TODAY, 1.0) == (Terms(LATE, 120_000), None)
