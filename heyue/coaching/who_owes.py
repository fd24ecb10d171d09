"""Whether a talk is held with somebody who owes. Who has paid, or is not the borrower, promises no payment, whatever days he
names (contracts.md section 2), and explains no delay, but for a payment that failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from heyue.coaching.standing import Standing, runs_in_sitting
from heyue.understanding.promises import Promise

PAID = "already_paid"
NOBODY_OWES = (PAID, "deceased", "unreachable", "wrong_party")  # situations
LIKELY = 0.5
FAILED = "payment_failure"


def nobody_owes(situations: Mapping[str, float]) -> bool:
    """Whether nobody in the talk is likely to owe. `situations`: the probability of each."""
    return sum(situations[each] for each in NOBODY_OWES) >= LIKELY


def borrowers_promises(standing: Sequence[Standing], ended: datetime, situations: Mapping[str, float]) -> list[Promise]:
    """The promises of a talk that are a borrower's: none where nobody owes.

    Who has paid may have promised it in an earlier sitting, or to pay again should nothing have come ("要真没到，我周一再转一回").

    Args:
        standing: what stands of the talk's promises; ended: when its last turn was said; situations: the probability of each.
    """
    if nobody_owes(situations):
        has_paid = max(NOBODY_OWES, key=situations.__getitem__) == PAID
        standing = [each for each in standing if has_paid and outlives_payment(each, ended)]
    return [each.promise for each in standing]


def outlives_payment(promise: Standing, ended: datetime) -> bool:
    """What was promised before the sitting in which a payment is told, or is to be paid only if that has not come."""
    return promise.promise.certainty == "conditional" or not runs_in_sitting(promise, ended)


def borrowers_reason(reason: str | None, situations: Mapping[str, float]) -> str | None:
    """The reason of a talk where a borrower states it; who has paid tells at most that the payment failed."""
    return None if reason != FAILED and nobody_owes(situations) else reason
