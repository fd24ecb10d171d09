"""The promise ledger: where each promise stands, given the payments and the day. Pure rules.

open → due (its first day has come) → kept | partly_kept | broken; superseded and cancelled end it otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from heyue.policy import PromisePolicy
from heyue.records import RecordedPromise

ENDED = ("superseded", "cancelled")
Payments = list[tuple[datetime, int]]


def settle(
    promises: list[RecordedPromise], payments: Payments, today: date, policy: PromisePolicy
) -> list[RecordedPromise]:
    """The promises of one case as they stand on `today`, in the order given.

    Args:
        payments: (moment, fen) in order of time; a negative sum takes back the latest earlier payment of that sum.
        today: the day in Asia/Shanghai.
    """
    shares = allocate(promises, without_reversed(payments))
    return [
        promise if promise.state in ENDED else judged(promise, shares[promise.promise_id], today, policy)
        for promise in promises
    ]


def without_reversed(payments: Payments) -> Payments:
    """The payments that were not taken back. A reversal without a payment of its sum changes nothing."""
    standing: Payments = []
    for moment, amount_fen in payments:
        if amount_fen > 0:
            standing.append((moment, amount_fen))
            continue
        matching = [index for index, (_, paid_fen) in enumerate(standing) if paid_fen == -amount_fen]
        if matching:
            del standing[matching[-1]]
    return standing


def allocate(promises: list[RecordedPromise], payments: Payments) -> dict[str, Payments]:
    """What of the payments goes to which promise: first in, first out by due day; none before it was made."""
    shares: dict[str, Payments] = {promise.promise_id: [] for promise in promises}
    waiting = sorted((promise for promise in promises if promise.state not in ENDED), key=due_order)
    for moment, amount_fen in payments:
        left_fen = amount_fen
        for promise in waiting:
            lacking_fen = promise.amount_due_fen - sum(share for _, share in shares[promise.promise_id])
            if left_fen <= 0 or lacking_fen <= 0 or moment.date() < promise.recorded_at.date():
                continue
            share_fen = min(left_fen, lacking_fen)
            shares[promise.promise_id].append((moment, share_fen))
            left_fen -= share_fen
    return shares


def due_order(promise: RecordedPromise) -> tuple[date, datetime]:
    """Promises are served by their last day; open ones last."""
    return promise.terms.end or date.max, promise.recorded_at


def judged(promise: RecordedPromise, shares: Payments, today: date, policy: PromisePolicy) -> RecordedPromise:
    """One promise with what was paid on it and the state that follows."""
    paid_fen = sum(share for _, share in shares)
    return replace(promise, paid_fen=paid_fen, state=state_of(promise, shares, today, policy))


def state_of(promise: RecordedPromise, shares: Payments, today: date, policy: PromisePolicy) -> str:
    """kept when all but the tolerance came by the last day and the grace days; see the module's first lines."""
    terms = promise.terms
    last_day = terms.end + timedelta(days=policy.grace_days) if terms.end else date.max
    in_time_fen = sum(share for moment, share in shares if moment.date() <= last_day)
    if in_time_fen >= promise.amount_due_fen - policy.tolerance_fen:
        return "kept"
    if today > last_day:
        return "partly_kept" if in_time_fen > 0 else "broken"
    return "due" if terms.start is not None and today >= terms.start else "open"
