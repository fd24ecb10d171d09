"""Where one contact stands. Kept in the store with the conversation, so a crash of the dialogue engine loses nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from heyue.records import PromiseTerms

IDENTITY, TALK, CONFIRM, SETTLED, CLOSED = "identity", "talk", "confirm", "settled", "closed"


@dataclass
class Dialogue:
    """The state of one contact.

    `stage`: identity (until verified), talk, confirm (the read-back waits for a yes), settled (recorded), closed.
    `asked`: the topic of the bot's last question: identity, verify, when, amount, reason, confirm, anything_else.
    `held`: the intent of a situation or question named before verification; answered once it may be.
    `terms`: the promise being talked about, one entry an instalment. `last_is_rest`: the last one is what the others leave.
    `recorded`: what this contact has recorded.
    """

    stage: str = IDENTITY
    verified: bool = False
    introduced: bool = False
    asked: str | None = None
    unanswered: int = 0
    wrong_answers: int = 0
    insults: int = 0
    refusals: int = 0
    pleas: int = 0
    narrowed: int = 0
    horizon_negotiated: bool = False
    amount_settled: bool = False
    reason: str | None = None
    reason_settled: bool = False
    held: str | None = None
    situation: str | None = None
    draft: int = 0
    terms: list[PromiseTerms] = field(default_factory=list)
    last_is_rest: bool = False
    recorded: list[PromiseTerms] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        raw = asdict(self)
        raw["terms"] = [terms.as_dict() for terms in self.terms]
        raw["recorded"] = [terms.as_dict() for terms in self.recorded]
        return raw

    @staticmethod
    def from_dict(raw: dict[str, Any]) -> Dialogue:
        known = dict(raw)
        known["terms"] = [PromiseTerms.from_dict(terms) for terms in raw.get("terms", [])]
        known["recorded"] = [PromiseTerms.from_dict(terms) for terms in raw.get("recorded", [])]
        return Dialogue(**known)
