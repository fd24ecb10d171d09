"""What a debtor can agree to: his card's sums by day, his first offer, and what he makes of the trainee's."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from heyue.money import FEN_PER_YUAN
from heyue.practice.persona import Card
from heyue.practice.state import Terms

STEP_FEN = 50 * FEN_PER_YUAN  # people name round sums
FAR_DAYS = (50, 100)  # how far ahead a debtor puts what he wants to be rid of
SMALL_SHARE = 0.25


class Reply(NamedTuple):
    """What he makes of an offer: the terms, and whether he agrees or asks for another day or sum ("day", "amount")."""

    terms: Terms
    asks_for: str | None = None


def payable_by(card: Card, day: date, today: date) -> int:
    """What he can pay in all up to a day, in fen."""
    return sum(each.amount_fen for each in card.can_pay if today + timedelta(days=each.in_days) <= day)


def first_terms(card: Card, today: date, share: float) -> Terms:
    """What he offers of himself."""
    first = card.can_pay[0]
    return Terms(today + timedelta(days=first.in_days), rounded(first.amount_fen, share))


def reply_to(card: Card, offer: Terms, today: date, share: float) -> Reply:
    """What he makes of an offer once he is ready. `share`: of what he can pay, which he admits to."""
    own = first_terms(card, today, share)
    if offer.day is None:
        return _reply_to_sum(card, offer.amount_fen, own, today, share)
    payable = payable_by(card, offer.day, today)
    if payable == 0:
        amount = min(offer.amount_fen or card.can_pay[0].amount_fen, card.can_pay[0].amount_fen)
        return Reply(Terms(own.day, amount), "day")
    if offer.amount_fen is None:
        return Reply(Terms(offer.day, rounded(payable, share)))
    if offer.amount_fen <= payable:
        return Reply(offer)
    return Reply(Terms(offer.day, rounded(payable, share)), "amount")


def _reply_to_sum(card: Card, amount_fen: int | None, own: Terms, today: date, share: float) -> Reply:
    if amount_fen is None:
        return Reply(own)
    days = [today + timedelta(days=each.in_days) for each in card.can_pay]
    enough = next((day for day in days if payable_by(card, day, today) >= amount_fen), None)
    return Reply(Terms(enough, amount_fen)) if enough else Reply(own, "amount")


def rounded(amount_fen: int, share: float = 1.0) -> int:
    """A share of a sum in round numbers, at least the smallest; the whole stays what it is."""
    if share >= 1.0:
        return amount_fen
    return max(int(amount_fen * share) // STEP_FEN * STEP_FEN, min(STEP_FEN, amount_fen))


def far_terms(card: Card, today: date, choice: Random) -> Terms:
    """A day far away and a sum too small: what he proposes while he does not want to move."""
    least = min(each.amount_fen for each in card.can_pay)
    return Terms(today + timedelta(days=choice.randint(*FAR_DAYS)), rounded(least, SMALL_SHARE))
