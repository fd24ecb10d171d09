"""How promises ended, for figures: as the ledger says, but nobody escapes a broken promise by making a new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from heyue.ledger import Payments, settle
from heyue.policy import PromisePolicy
from heyue.records import RecordedPromise


def judged_promises(
    promises: list[RecordedPromise], payments: Payments, today: date, policy: PromisePolicy
) -> Iterator[RecordedPromise]:
    """The promises of one case as they count on `today`.

    A promise that was replaced while its time ran is superseded; one that was replaced only after its last day and the
    grace days was broken before (partly kept, where something had been paid on it).

    Args:
        promises: in the order in which they were made.
    """
    for promise in settle(promises, payments, today, policy):
        is_late = promise.state == "superseded" and _was_replaced_late(promise, promises, policy)
        yield replace(promise, state="partly_kept" if promise.paid_fen else "broken") if is_late else promise


def _was_replaced_late(
    promise: RecordedPromise, promises: list[RecordedPromise], policy: PromisePolicy
) -> bool:
    if promise.terms.end is None:
        return False
    last_day = promise.terms.end + timedelta(days=policy.grace_days)
    later = (each.recorded_at for each in promises if each.recorded_at > promise.recorded_at)
    replaced_at = min(later, default=None)
    return replaced_at is not None and replaced_at.date() > last_day
