"""One case as a person or a program looks at it (contracts.md section 4, `heyue case`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from heyue.ledger import ENDED, settle
from heyue.money import yuan_from_fen
from heyue.policy import Policy
from heyue.records import Case, RecordedPromise
from heyue.store import Tx

DECISION_FIELDS = ("message_id", "channel", "kind", "at", "stage", "allowed", "refused", "rules", "policy_version")


def case_view(tx: Tx, case_id: str, now: datetime, policy: Policy) -> dict[str, Any]:
    """The case with its promises as they stand at `now`, contacts and messages, as plain JSON data.

    Raises:
        UnknownCase: no case has this number.
    """
    case = tx.case(case_id)
    promises = settle(tx.promises(case_id), tx.payments(case_id), now.date(), policy.promise)
    return {
        **fields_of(case),
        "status": case.status,
        "situation": case.situation,
        "debtor_type": case.debtor_type,
        "reason": case.reason,
        "stops": tx.stops(case_id),
        "promises": [promise_view(promise) for promise in promises if promise.state not in ENDED],
        "superseded_promises": [promise_view(promise) for promise in promises if promise.state in ENDED],
        "contacts": [vars(point) for point in tx.contact_points(case_id)],
        "attempts": [
            {"channel": channel, "outcome": outcome, "at": at.isoformat()}
            for channel, outcome, at in tx.attempts(case_id)
        ],
        "outgoing": [as_json(each) for each in tx.outgoing_of_case(case_id)],
        "gate_decisions": [
            as_json({name: each[name] for name in DECISION_FIELDS}) for each in tx.decisions_of_case(case_id)
        ],
        "messages": [
            {"speaker": turn.speaker, "text": turn.text, "at": turn.at.isoformat()}
            | ({"state": turn.sending.state} if turn.sending else {})
            for turn in tx.turns_of_case(case_id)
        ],
    }


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its moments as ISO texts."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def fields_of(case: Case) -> dict[str, Any]:
    """The fields of the case file, under its column names."""
    return {
        "case_id": case.case_id,
        "borrower_name": case.borrower_name,
        "gender": case.gender,
        "phone": case.phone,
        "wechat_openid": case.wechat_openid,
        "id_last4": case.id_last4,
        "creditor": case.creditor,
        "product": case.product,
        "amount_due": yuan_from_fen(case.amount_due_fen),
        "minimum_due": None if case.minimum_due_fen is None else yuan_from_fen(case.minimum_due_fen),
        "due_date": case.due_date.isoformat(),
        "pay_day": case.pay_day,
        "broken_promises": case.broken_promises,
    }


def promise_view(promise: RecordedPromise) -> dict[str, Any]:
    """One promise: what it says, where it stands, what was paid on it."""
    return promise.terms.as_dict() | {
        "state": promise.state,
        "amount_due": yuan_from_fen(promise.amount_due_fen),
        "paid": yuan_from_fen(promise.paid_fen),
        "recorded_at": promise.recorded_at.isoformat(),
    }
