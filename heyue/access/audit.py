"""The audit log as one reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

EVENTS_A_PAGE = 50


@dataclass(frozen=True)
class AuditEvent:
    """Who did what, when, to which case or conversation. `details` hold no personal data."""

    event_id: int
    event: str
    at: datetime
    actor: str
    case_id: str | None = None
    conversation_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditFilter:
    """What of the log is asked for; None asks for everything. `since` is included, `until` is not."""

    actor: str | None = None
    event: str | None = None
    case_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


AuditPlace = tuple[datetime, int]  # of an event in the log: its moment and its number


@dataclass(frozen=True)
class AuditPage:
    """One page of the log, the newest first. `older`: the place after which the next page begins; None on the last."""

    events: list[AuditEvent]
    older: AuditPlace | None
