"""A talk between a collector and a borrower, as the readers take it (contracts.md section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from heyue.conduct.line_facts import UNKNOWN, LineFacts, facts_of
from heyue.errors import BadInput
from heyue.money import fen_from_yuan
from heyue.settings import moment_of

COLLECTOR, BORROWER = "collector", "borrower"
CHANNELS = ("wechat", "sms", "phone")
MOST_TURNS, MOST_CHARACTERS = 5_000, 100_000


@dataclass(frozen=True)
class Said:
    """One turn: who says what, and when (None where the transcript has no times)."""

    speaker: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class CaseFacts:
    """What is known of the case beside the talk; None where it is not."""

    days_overdue: int | None = None
    amount_due: str | None = None
    broken_promises: int | None = None


@dataclass(frozen=True)
class Transcript:
    """A whole talk, or its beginning. `bot_turns`: the numbers of turns that the bot says; it only answers.

    `facts`: what decides whether a line breaks a rule, beside its words.
    """

    turns: tuple[Said, ...]
    channel: str | None = None
    case: CaseFacts = CaseFacts()
    bot_turns: frozenset[int] = frozenset()
    facts: LineFacts = UNKNOWN

    @property
    def borrower_turns(self) -> list[Said]:
        return [turn for turn in self.turns if turn.speaker == BORROWER]

    @property
    def is_by_bot(self) -> bool:
        """Whether the bot leads the talk: it speaks, and no person does beside the borrower."""
        lenders = {number for number, turn in enumerate(self.turns) if turn.speaker != BORROWER}
        return bool(lenders) and lenders <= self.bot_turns

    def until(self, turn: int) -> Transcript:
        """The talk up to and with turn number `turn` (from 0)."""
        return replace(self, turns=self.turns[: turn + 1])

    def beginnings(self) -> Iterator[tuple[int, Transcript]]:
        """The talk as it stood after each borrower turn, with that turn's number."""
        for number, turn in enumerate(self.turns):
            if turn.speaker == BORROWER:
                yield number, self.until(number)


def transcript_from_dict(raw: dict[str, Any]) -> Transcript:
    """The transcript in one line of a transcript file.

    Raises:
        BadInput: a field is missing, of another type or too long; the message names it.
    """
    turns = raw.get("turns")
    if not isinstance(turns, list) or not turns:
        raise BadInput('"turns" must be a list with at least one turn')
    if len(turns) > MOST_TURNS:
        raise BadInput(f'"turns" has {len(turns)} entries; at most {MOST_TURNS} are read')
    channel = raw.get("channel")
    if channel is not None and channel not in CHANNELS:
        raise BadInput(f'"channel" must be one of {", ".join(CHANNELS)}, not {channel!r}')
    said = tuple(_said(turn, number) for number, turn in enumerate(turns))
    if sum(len(turn.text) for turn in said) > MOST_CHARACTERS:
        raise BadInput(f"the turns have more than {MOST_CHARACTERS} characters")
    case = raw.get("case")
    return Transcript(said, channel, _case_facts(case), facts=facts_of(case))


def _said(raw: Any, number: int) -> Said:
    if not isinstance(raw, dict):
        raise BadInput(f"turn {number}: must be an object with speaker and text")
    speaker, text = raw.get("speaker"), raw.get("text")
    if speaker not in (COLLECTOR, BORROWER):
        raise BadInput(f'turn {number}: "speaker" must be collector or borrower, not {speaker!r}')
    if not isinstance(text, str):
        raise BadInput(f'turn {number}: "text" must be a string')
    return Said(speaker, text, _moment(raw.get("at"), number))


def _moment(raw: Any, number: int) -> datetime | None:
    if raw is None:
        return None
    at = moment_of(raw)
    if at is None:
        raise BadInput(f'turn {number}: "at" must be an ISO 8601 time with an offset, not {raw!r}')
    return at


def _case_facts(raw: Any) -> CaseFacts:
    if raw is None:
        return CaseFacts()
    if not isinstance(raw, dict):
        raise BadInput('"case" must be an object')
    days, broken, amount = raw.get("days_overdue"), raw.get("broken_promises"), raw.get("amount_due")
    for name, value in (("days_overdue", days), ("broken_promises", broken)):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise BadInput(f'case: "{name}" must be a whole number, not {value!r}')
    if amount is not None and not isinstance(amount, str):
        raise BadInput('case: "amount_due" must be yuan as a string, such as "3200.00"')
    if amount is not None:
        fen_from_yuan(amount)
    return CaseFacts(days, amount, broken)
