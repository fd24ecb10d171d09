"""The circuit breaker: an endpoint that fails again and again is left alone for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable

from heyue.language_model.limits import limits


class Breaker:
    """Counts faults in a row. Source: M. Nygard, Release It!, "Circuit Breaker"."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._faults = 0
        self._rests_until: float | None = None

    def lets_through(self) -> bool:
        """Whether to ask now. After a rest one call tries, and the others wait for what becomes of it."""
        with self._lock:
            if self._rests_until is None:
                return True
            if self._clock() < self._rests_until:
                return False
            self._rests_until = self._clock() + limits().rest_seconds
            return True

    def note(self, is_fault: bool) -> None:
        """Count what became of a call."""
        with self._lock:
            self._faults = self._faults + 1 if is_fault else 0
            if not is_fault:
                self._rests_until = None
            elif self._faults >= limits().faults:
                self._rests_until = self._clock() + limits().rest_seconds
