"""Whether a talk is held with somebody who owes. Who has paid, or is not the borrower, promises no payment, whatever days he
names (contracts.md section 2), and explains no delay, but for a payment that failed.
"""

from __future__ import annotations

from collections.abc import Mapping

from heyue.understanding.promises import Promise

NOBODY_OWES = ("already_paid", "deceased", "unreachable", "wrong_party")  # situations
LIKELY = 0.5
FAILED = "payment_failure"


def nobody_owes(situations: Mapping[str, float]) -> bool:
    """Whether nobody in the talk is likely to owe. `situations`: the probability of each."""
    return sum(situations[each] for each in NOBODY_OWES) >= LIKELY


def borrowers_promises(promises: list[Promise], situations: Mapping[str, float]) -> list[Promise]:
    """The promises of a talk that are a borrower's: none where nobody owes."""
    return [] if nobody_owes(situations) else promises


def borrowers_reason(reason: str | None, situations: Mapping[str, float]) -> str | None:
    """The reason of a talk where a borrower states it; who has paid tells at most that the payment failed."""
    return None if reason != FAILED and nobody_owes(situations) else reason
