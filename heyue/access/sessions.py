"""Sessions: the token that proves a sign-in, and how long it does."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from heyue.access.limits import SessionLimits


@dataclass(frozen=True)
class Session:
    """How long a sign-in lasts."""

    created_at: datetime
    seen_at: datetime
    expires_at: datetime

    @staticmethod
    def begun(at: datetime, limits: SessionLimits) -> Session:
        """A session that begins now."""
        return Session(at, at, at).used(at, limits)

    def used(self, at: datetime, limits: SessionLimits) -> Session:
        """The session after a page was opened in it: idle time begins anew, but no session is endless."""
        idle_end = at + timedelta(hours=limits.idle_hours)
        end = self.created_at + timedelta(hours=limits.longest_hours)
        return Session(self.created_at, at, min(idle_end, end))

    def is_worth_noting(self, at: datetime, limits: SessionLimits) -> bool:
        """Whether the last use written down is so long ago that the store should hear of this one."""
        return at - self.seen_at >= timedelta(minutes=limits.noted_minutes)


def new_token() -> str:
    """A token of 32 random bytes."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of a token. A plain hash will do: nobody can guess 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
