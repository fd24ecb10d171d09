"""What an exchange brings about besides words. The desk carries effects out in one transaction with the dialogue."""

from __future__ import annotations

from dataclasses import dataclass

from heyue.records import PromiseTerms


@dataclass(frozen=True)
class RecordPromises:
    """Put the confirmed promise into the ledger; it supersedes what still stands for the case."""

    terms: tuple[PromiseTerms, ...]
    draft: int


@dataclass(frozen=True)
class NoteCase:
    """Write what was learnt to the case; None leaves a field as it is."""

    situation: str | None = None
    reason: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class Stop:
    """The case takes this state: what it stops, whom and for how long, says contact_gate.yml; a human lifts it."""

    state: str


@dataclass(frozen=True)
class OptOut:
    """The person wants no more messages on this channel. Binding at once."""


@dataclass(frozen=True)
class WrongParty:
    """The address does not belong to the borrower: it is never contacted about this borrower again."""


@dataclass(frozen=True)
class HandOver:
    """A human takes the conversation; the bot says nothing more until it is handed back."""

    note: str


@dataclass(frozen=True)
class Request:
    """Something the borrower asks a human to decide: waiver, instalments, hardship, extension."""

    kind: str


@dataclass(frozen=True)
class Verified:
    """The right party is on the line (right-party contact)."""


@dataclass(frozen=True)
class VerificationFailed:
    """A wrong answer to the identity question."""


Effect = (
    RecordPromises
    | NoteCase
    | Stop
    | OptOut
    | WrongParty
    | HandOver
    | Request
    | Verified
    | VerificationFailed
)
