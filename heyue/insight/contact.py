"""What became of one contact, in the words of the trade (domain.md, "A contact, step by step"; contracts.md section 1).

contacted: somebody answered. verified: the person is the borrower (right-party contact). promised: a promise was made.
kept: it was kept in full and in time (heyue.ledger).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

RIGHT_PARTY, NOT_VERIFIED, WRONG_PARTY, NO_ANSWER = "right_party", "not_verified", "wrong_party", "no_answer"
OUTCOMES = (RIGHT_PARTY, NOT_VERIFIED, WRONG_PARTY, NO_ANSWER)
ANOTHER_ANSWERS = frozenset({"wrong_party", "deceased"})  # situations: it is not the borrower who speaks
UNTRACKED = "untracked"  # promised in a talk led elsewhere: the ledger has no promise to settle


class ContactRow(NamedTuple):
    """One contact as the store has it. What comes from a reading is None while the talk is unread.

    `days_overdue`: at the contact, for talks whose case the store does not have. `state`: step of the talk at its end.
    """

    conversation_id: str
    case_id: str | None
    started_at: datetime
    channel: str
    origin: str
    handler: str | None
    turn_count: int
    due_date: date | None
    days_overdue: int | None
    debtor_type: str | None
    situation: str | None
    reason: str | None
    state: str | None
    confidence: float | None
    peak_tension: float | None
    promise_count: int | None


class ContactFact(NamedTuple):
    """One contact in figures. `handler`: the human who spoke for the lender; None for the bot alone.

    `led_by`: bot or human. `outcome`: one of OUTCOMES. `promise`: None where none was made; a state of the ledger;
    UNTRACKED. `promise_end`: the last day of the promise in the ledger. `marks`: states that stop reminders and were caused here, such as COMPLAINT_OPEN, OPTED_OUT.
    """

    conversation_id: str
    started_at: datetime
    channel: str
    led_by: str
    handler: str | None
    stage: str | None
    debtor_type: str | None
    situation: str | None
    reason: str | None
    outcome: str
    promise: str | None
    promise_end: date | None
    confidence: float | None
    peak_tension: float | None
    marks: tuple[str, ...]


def outcome_of(row: ContactRow, attempts: Collection[str], has_promised: bool = False) -> str:
    """Whom a contact reached. The bot knows by its identity question; of other talks the reading has to tell.

    Args:
        attempts: the outcomes that the bot noted in this contact. has_promised: the ledger has a promise from it, which
            the bot takes from nobody but the borrower.
    """
    if has_promised or RIGHT_PARTY in attempts:
        return RIGHT_PARTY
    if WRONG_PARTY in attempts or (row.situation in ANOTHER_ANSWERS and row.state != "opening"):
        return WRONG_PARTY
    if row.state == "opening" or (row.state is None and row.turn_count < 2):
        return NO_ANSWER
    if row.origin == "bot":
        return NOT_VERIFIED
    if row.situation == "unreachable":
        return NO_ANSWER
    return NOT_VERIFIED if row.state in (None, "verifying") else RIGHT_PARTY


def promise_of(row: ContactRow, outcome: str, states: Collection[str]) -> str | None:
    """Where the promise of a contact stands; of several (instalments) the worst counts.

    Args:
        states: those of the promises that the ledger has from this contact.
    """
    for state in ("broken", "partly_kept", "open", "due", "kept", "superseded", "cancelled"):
        if state in states:
            return state
    said_elsewhere = row.origin != "bot" and outcome == RIGHT_PARTY and bool(row.promise_count)
    return UNTRACKED if said_elsewhere else None
