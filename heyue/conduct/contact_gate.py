"""May this message reach this borrower at this moment? Every message that goes out is judged here; unknown means no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Verdict:
    """The answer: `asked` checks in the order of the gate, those that said no, their rule ids (compliance.md).

    `opens_at`: when it may go, if only the clock is against it.
    """

    allowed: bool
    asked: tuple[str, ...]
    refused: tuple[str, ...]
    rules: tuple[str, ...]
    policy_version: str
    opens_at: datetime | None = None
