"""Lock-out: an attempt is counted before its password is looked at, so that attempts at the same moment count too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from heyue.access.limits import LockoutLimits


@dataclass(frozen=True)
class Attempts:
    """Wrong passwords in a row, and until when the user is locked because of them."""

    failed: int = 0
    locked_until: datetime | None = None

    def are_locked(self, at: datetime) -> bool:
        """Whether no password is looked at now."""
        return self.locked_until is not None and at < self.locked_until

    def one_more(self, at: datetime, limits: LockoutLimits) -> Attempts:
        """The attempts with one that begins at `at`. A right password afterwards takes all of them back."""
        begun_anew = self.locked_until is not None and at >= self.locked_until
        failed = 1 if begun_anew else self.failed + 1
        if failed < limits.wrong_passwords:
            return Attempts(failed)
        return Attempts(failed, at + timedelta(minutes=limits.minutes))
