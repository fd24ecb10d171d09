"""Lock-out of a login, and a budget over all of them: an attempt is counted before its password is looked at, so that attempts at the same moment count too."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from heyue.access.limits import LockoutLimits

WINDOW = timedelta(minutes=1)


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


class AttemptBudget:
    """Wrong passwords of the last minute over all logins: who tries one password on many is stopped too. For threads."""

    def __init__(self) -> None:
        self._begun: deque[datetime] = deque()
        self._lock = threading.Lock()

    def takes(self, at: datetime, limits: LockoutLimits) -> bool:
        """Count an attempt that begins at `at`; False, and nothing counted, when the minute has had enough of them."""
        with self._lock:
            while self._begun and abs(at - self._begun[0]) >= WINDOW:  # abs: a clock that was set back blocks nobody for long
                self._begun.popleft()
            if len(self._begun) >= limits.wrong_a_minute:
                return False
            self._begun.append(at)
            return True

    def give_back(self, at: datetime) -> None:
        """Take an attempt back: its password was right, or was not looked at."""
        with self._lock, suppress(ValueError):  # it may be older than a minute by now
            self._begun.remove(at)
