"""What was worked out for a key, kept for the next time: as lru_cache, for work that is done on many keys at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from threading import RLock
from typing import Generic, TypeVar

LONGEST = 1_000  # characters of a text in a key: longer ones are rare, and thousands of them would fill the memory
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """The values of the last `most` keys that were new, but for keys with a text longer than LONGEST."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Key, Value] = {}
        self._lock = RLock()

    def of_all(self, keys: Sequence[Key], work_out: Callable[[list[Key]], Sequence[Value]]) -> list[Value]:
        """The value of each key; `work_out` gives those of the keys that are not known, each once."""
        with self._lock:
            new = [key for key in dict.fromkeys(keys) if key not in self._known]
            if new:
                self._known.update(zip(new, work_out(new), strict=True))
            found = [self._known[key] for key in keys]
            for key in filter(is_long, new):
                del self._known[key]
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]
            return found

    def cache_clear(self) -> None:
        """Forget everything, as `functools.lru_cache` does."""
        with self._lock:
            self._known.clear()


def is_long(key: Hashable) -> bool:
    """Whether a text in the key, or the key itself, is too long to be kept."""
    parts = key if isinstance(key, tuple) else (key,)
    return any(isinstance(part, str) and len(part) > LONGEST for part in parts)
