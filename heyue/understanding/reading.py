"""Everything that is read in one borrower's message, as one record that travels as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heyue.understanding.amounts import AmountMention, find_amounts
from heyue.understanding.dates import DateMention, find_dates
from heyue.understanding.promises import Promise, extract_promises
from heyue.understanding.reasons import reason_of
from heyue.understanding.signals import id_digits_of, signals_of

READ_CHARACTERS = (
    2_000  # what a borrower types in one message; the rest of a longer text is kept but not read
)


@dataclass(frozen=True)
class Reading:
    """What one message says. `reason`: a code of contracts.md section 1 or None; `id_digits`: "844X" or None."""

    text: str
    promises: tuple[Promise, ...] = ()
    dates: tuple[DateMention, ...] = ()
    amounts: tuple[AmountMention, ...] = ()
    reason: str | None = None
    reason_confidence: float = 0.0
    id_digits: str | None = None
    signals: frozenset[str] = frozenset()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON data; `from_dict` gives the same reading back."""
        return {
            "text": self.text,
            "promises": [promise.as_dict() for promise in self.promises],
            "dates": [mention.as_dict() for mention in self.dates],
            "amounts": [mention.as_dict() for mention in self.amounts],
            "reason": self.reason,
            "reason_confidence": self.reason_confidence,
            "id_digits": self.id_digits,
            "signals": sorted(self.signals),
        }

    @staticmethod
    def from_dict(raw: dict[str, Any]) -> Reading:
        return Reading(
            text=raw["text"],
            promises=tuple(Promise.from_dict(promise) for promise in raw["promises"]),
            dates=tuple(DateMention.from_dict(mention) for mention in raw["dates"]),
            amounts=tuple(AmountMention.from_dict(mention) for mention in raw["amounts"]),
            reason=raw["reason"],
            reason_confidence=raw["reason_confidence"],
            id_digits=raw["id_digits"],
            signals=frozenset(raw["signals"]),
        )


def read(text: str, now: datetime) -> Reading:
    """Read a message that arrived at `now` (aware). Only its first 2,000 characters are looked at."""
    seen = text[:READ_CHARACTERS]
    reason, confidence = reason_of(seen)
    days = find_dates(seen, now)
    return Reading(
        text=text,
        promises=tuple(extract_promises(seen, now, days)),
        dates=tuple(days),
        amounts=tuple(find_amounts(seen)),
        reason=reason,
        reason_confidence=round(confidence, 4),
        id_digits=id_digits_of(seen),
        signals=signals_of(seen),
    )
