"""The records that the rules read and the store keeps. Plain, frozen, free of any framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

NAMED_AMOUNTS = ("full", "half", "minimum")
NEVER_SENT = ("refused", "withheld", "lapsed")  # states of the outbox in which a message ends that never went out
NOT_ARRIVED = (*NEVER_SENT, "failed")


@dataclass(frozen=True)
class Case:
    """One debt of one borrower, as the lender's case file gives it, and where it stands.

    `status`: active, promised, human (a person handles it), stopped (no reminder may go out), settled.
    `situation`, `reason`, `debtor_type`: identifiers of contracts.md section 1, or None while unknown.
    """

    case_id: str
    borrower_name: str
    creditor: str
    amount_due_fen: int
    due_date: date
    gender: str | None = None
    phone: str | None = None
    wechat_openid: str | None = None
    id_last4: str | None = None
    product: str | None = None
    minimum_due_fen: int | None = None
    pay_day: int | None = None
    broken_promises: int = 0
    status: str = "active"
    situation: str | None = None
    reason: str | None = None
    debtor_type: str | None = None

    def days_overdue(self, today: date) -> int:
        """Whole days since the due date; 0 or less when not yet overdue."""
        return (today - self.due_date).days


@dataclass(frozen=True)
class PromiseTerms:
    """What one promise says: first and last day, amount, certainty (contracts.md section 2).

    `amount`: yuan as a decimal string, "full", "half", "minimum" or None.
    `certainty`: firm, conditional or vague.
    """

    start: date | None
    end: date | None
    amount: str | None
    certainty: str = "firm"

    @property
    def is_loose(self) -> bool:
        """It has no last day yet: nothing said, vague, conditional without a day, or open ("20号以后")."""
        return self.start is None or self.end is None

    @property
    def names_sum(self) -> bool:
        """It says how much, other than all of it."""
        return self.amount not in (None, "full")

    def as_dict(self) -> dict[str, Any]:
        return {
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "amount": self.amount,
            "certainty": self.certainty,
        }

    @staticmethod
    def from_dict(raw: dict[str, Any]) -> PromiseTerms:
        return PromiseTerms(
            start=date.fromisoformat(raw["start"]) if raw.get("start") else None,
            end=date.fromisoformat(raw["end"]) if raw.get("end") else None,
            amount=raw.get("amount"),
            certainty=raw.get("certainty", "firm"),
        )


@dataclass(frozen=True)
class RecordedPromise:
    """A promise to pay in the ledger. `state`: open, due, kept, partly_kept, broken, superseded, cancelled."""

    promise_id: str
    case_id: str
    terms: PromiseTerms
    amount_due_fen: int
    state: str
    recorded_at: datetime
    paid_fen: int = 0
    cause_turn_id: int | None = None


@dataclass(frozen=True)
class ConversationRecord:
    """One contact with one borrower. `dialogue` is the dialogue state of heyue.conversation as plain JSON data.

    `holder`: "bot"; "handing_over" (the bot says its farewell and waits for a human); "human" (the bot is silent).
    `origin`: bot, feed (turns of a call or chat elsewhere, as they are said) or upload (a finished transcript); only the
    latter two may be without a case, and then have `facts` of it (contracts.md section 3, "case").
    `handler`: the human who speaks for the lender. `is_timed`: whether it is known when its turns were said.
    `is_pushed`: the borrower wrote over a channel on which the lender's side can write at any time.
    `is_restricted`: settled and kept by law only; few may see it (heyue.retention).
    """

    conversation_id: str
    case_id: str | None
    channel: str
    started_at: datetime
    last_turn_at: datetime
    turn_count: int
    holder: str
    dialogue: dict[str, Any] = field(default_factory=dict)
    origin: str = "bot"
    handler: str | None = None
    last_speaker: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    is_timed: bool = True
    is_pushed: bool = False
    is_restricted: bool = False


@dataclass(frozen=True)
class Sending:
    """What became of a line that goes out over a provider.

    `state`: of the outbox; `code`: why it did not go out or arrive (a check of the contact gate, or the provider's own
    word). `due_at`: when it is tried next.
    """

    state: str
    code: str | None
    due_at: datetime


@dataclass(frozen=True)
class Turn:
    """One message of a transcript. `speaker`: borrower, bot or collector. `sending`: None where no provider is between."""

    turn_id: int
    conversation_id: str
    speaker: str
    text: str
    at: datetime
    reading: dict[str, Any] | None = None
    sending: Sending | None = None

    @property
    def is_said(self) -> bool:
        """False for a line that never went out."""
        return self.sending is None or self.sending.state not in NEVER_SENT


@dataclass(frozen=True)
class TalkReading:
    """What the coach's reader found in a talk after `turn_count` turns (identifiers of contracts.md section 1).

    `confidence`: probability of the type, 0 to 1. `state`: the step of the contact. `tension`, `peak_tension`: 0 to 1, at
    the end and at most. `flag_count`: rules broken by turns of the lender's side.
    `details`: probabilities, tension curve, evidence, promises, violations, suggestions (heyue.coaching.course).
    """

    turn_count: int
    debtor_type: str
    confidence: float
    situation: str
    reason: str | None
    state: str
    tension: float
    peak_tension: float
    flag_count: int
    promise_count: int
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ListedTalk:
    """One line of a list of talks. `reading` has no details; None while the talk is unread.

    `is_cut_off`: the last line of the lender's side did not reach the borrower. `borrower_name` and `due_date` are None where the store has no case for it.
    """

    conversation: ConversationRecord
    borrower_name: str | None
    due_date: date | None
    reading: TalkReading | None
    is_cut_off: bool = False


@dataclass(frozen=True)
class TalkFilter:
    """Which talks a list shows; what is None does not matter. `handler`: the human; "" for the bot alone.

    `words`: must stand in some turn. `rule`: a machine's flag of this rule.
    """

    since: datetime | None = None
    until: datetime | None = None
    channel: str | None = None
    origin: str | None = None
    handler: str | None = None
    debtor_type: str | None = None
    situation: str | None = None
    reason: str | None = None
    rule: str | None = None
    is_flagged: bool | None = None
    least_tension: float | None = None
    most_confidence: float | None = None
    words: str | None = None


@dataclass(frozen=True)
class OutboundMessage:
    """One message to a borrower (without a case: to a stranger who wrote), as it goes to a provider.

    `message_id`: ours; carried to the provider where it takes one, so that reports find it. `channel`: sms or wechat.
    `kind`: what it is for, one of contact_gate.yml: reply, human, courtesy, reminder, promise_eve, …
    `template`: the approved template that `text` is the filled form of, with its `parameters`; None for free words.
    It may arrive from `not_before` on and before `not_after`; None where that does not matter.
    """

    message_id: str
    case_id: str | None
    channel: str
    address: str = field(repr=False)
    kind: str = field()
    text: str = field(repr=False)
    conversation_id: str | None = None
    template: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    not_before: datetime | None = None
    not_after: datetime | None = None
