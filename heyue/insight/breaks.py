"""Rules that were broken in talks, and what reviewers made of it."""

from __future__ import annotations

from typing import NamedTuple


class RuleBreak(NamedTuple):
    """A turn (from 0) that breaks a rule. `is_confirmed`: by a reviewer; None while nobody has judged it."""

    conversation_id: str
    turn: int
    rule: str
    is_confirmed: bool | None
