"""heyue.delivery.sender.ProviderState in memory."""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import AbstractContextManager
from datetime import datetime


class MemoryState:
    """What several senders in one process share."""

    def __init__(self) -> None:
        self.values: dict[str, tuple[str, datetime | None]] = {}
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(self, key: str, at: datetime) -> str | None:
        value, expires_at = self.values.get(key, (None, None))
        return value if expires_at is None or expires_at > at else None

    def put(self, key: str, value: str, expires_at: datetime | None = None) -> None:
        self.values[key] = (value, expires_at)

    def exclusive(self, key: str) -> AbstractContextManager[bool]:
        return self._locks[key]
