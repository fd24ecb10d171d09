"""What processes share about a provider, over the store: values that expire, and a lease for whoever fetches them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from heyue.store import Store

LEASE = timedelta(seconds=30)  # who dies with a lease holds others up so long
POLL_SECONDS = 0.05


class SharedState:
    """heyue.delivery.sender.ProviderState over the store; the provider is never waited for inside a transaction."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def get(self, key: str, at: datetime) -> str | None:
        """The value kept under the key, unless it has expired."""
        with self._store.reading() as tx:
            return tx.provider_value(key, at)

    def put(self, key: str, value: str, expires_at: datetime | None = None) -> None:
        """Keep a value, sealed."""
        with self._store.transaction() as tx:
            tx.put_provider_value(key, value, expires_at)

    @contextmanager
    def exclusive(self, key: str) -> Iterator[None]:
        """Only one process and thread at a time inside, for the same key; at most 30 s after one has died inside."""
        holder = uuid.uuid4().hex
        while not self._take(key, holder):
            time.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            with self._store.transaction() as tx:
                tx.end_lease(key, holder)

    def _take(self, key: str, holder: str) -> bool:
        at = self._now()
        with self._store.transaction() as tx:
            return tx.take_lease(key, holder, at, at + LEASE)
