"""Carry out in the store what an exchange with a borrower brings about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch

from heyue.conversation.effects import (
    Effect,
    HandOver,
    NoteCase,
    OptOut,
    RecordPromises,
    Stop,
    VerificationFailed,
    Verified,
    WrongParty,
)  # fmt: skip
from heyue.conversation.exchange import Exchange
from heyue.conversation.facts import parts_fen
from heyue.records import Case, ConversationRecord
from heyue.store import Tx

STANDING = ("open", "due", "partly_kept")
STATUS_RANK = {"active": 0, "promised": 1, "human": 2, "stopped": 3, "settled": 4}


@dataclass(frozen=True)
class Cause:
    """The message that brings a change about."""

    conversation: ConversationRecord
    case: Case
    turn_id: int | None
    at: datetime


def carry_out(exchange: Exchange, tx: Tx, conversation: ConversationRecord, turn_id: int | None) -> None:
    """Write every effect of the exchange, with the message that caused it, inside the open transaction."""
    cause = Cause(conversation, exchange.case, turn_id, exchange.now)
    for effect in exchange.effects:
        write(effect, tx, cause)
        tx.audit(
            _event_name(effect), cause.at, case_id=cause.case.case_id,
            conversation_id=conversation.conversation_id, turn_id=turn_id, details=_details(effect),
        )  # fmt: skip


def _event_name(effect: Effect) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", type(effect).__name__).lower()


def _details(effect: Effect) -> dict[str, str]:
    """The plain fields of an effect for the audit log; the terms of a promise stand in the ledger."""
    return {name: value for name, value in vars(effect).items() if isinstance(value, str)}


@singledispatch
def write(effect: object, tx: Tx, cause: Cause) -> None:
    """Write one effect. Effects without a table of their own live in the audit log alone."""


@write.register
def _(effect: RecordPromises, tx: Tx, cause: Cause) -> None:
    """The new promise, each instalment under a key of its own, in place of what stood before."""
    conversation_id = cause.conversation.conversation_id
    kept = {
        tx.add_promise(
            cause.case.case_id, f"{conversation_id}:{effect.draft}:{index}", terms,
            due_fen, cause.at, cause.turn_id, conversation_id,
        ).promise_id
        for index, (terms, due_fen) in enumerate(zip(effect.terms, parts_fen(effect.terms, cause.case), strict=True))
    }  # fmt: skip
    for promise in tx.promises(cause.case.case_id):
        if promise.state in STANDING and promise.promise_id not in kept:
            tx.set_promise_state(promise.promise_id, "superseded", promise.paid_fen, cause.at, cause.turn_id)


@write.register
def _(effect: NoteCase, tx: Tx, cause: Cause) -> None:
    changes = {"situation": effect.situation, "reason": effect.reason}
    if effect.status and STATUS_RANK[effect.status] >= STATUS_RANK[tx.case(cause.case.case_id).status]:
        changes["status"] = effect.status
    tx.set_case_state(
        cause.case.case_id, **{name: value for name, value in changes.items() if value is not None}
    )


@write.register
def _(effect: Stop, tx: Tx, cause: Cause) -> None:
    tx.add_stop(cause.case.case_id, effect.state, cause.at, cause.turn_id)


@write.register
def _(effect: OptOut, tx: Tx, cause: Cause) -> None:
    address = tx.address_of(cause.conversation.conversation_id)
    tx.add_opt_out(address, cause.conversation.channel, cause.at, cause.turn_id)
    tx.set_contact_state(address, "opted_out", cause.at, only_from="usable")


@write.register
def _(effect: WrongParty, tx: Tx, cause: Cause) -> None:
    tx.set_contact_state(tx.address_of(cause.conversation.conversation_id), "wrong_party", cause.at)
    add_attempt("wrong_party", tx, cause)


@write.register
def _(effect: HandOver, tx: Tx, cause: Cause) -> None:
    tx.set_holder(cause.conversation.conversation_id, "handing_over", cause.at, "bot", effect.note)


@write.register
def _(effect: Verified, tx: Tx, cause: Cause) -> None:
    add_attempt("right_party", tx, cause)


@write.register
def _(effect: VerificationFailed, tx: Tx, cause: Cause) -> None:
    add_attempt("not_verified", tx, cause)


def add_attempt(outcome: str, tx: Tx, cause: Cause) -> None:
    """Keep how the contact went."""
    talk = cause.conversation
    tx.add_attempt(cause.case.case_id, talk.channel, outcome, cause.at, talk.conversation_id)
