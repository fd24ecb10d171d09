"""What processes share about a provider, over the store: values that expire, and a lease for whoever fetches them."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from heyue.errors import StoreUnavailable
from heyue.store import Store

logger = structlog.get_logger(__name__)
LEASE = timedelta(seconds=30)  # who dies with a lease holds others up so long
RENEWALS = 3  # so often in that time whoever lives holds on to it
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
        """Only one process and thread at a time inside, for the same key, however long that takes; at most 30 s after one
        has died inside."""
        holder, is_done = uuid.uuid4().hex, threading.Event()
        while not self._take(key, holder):
            time.sleep(POLL_SECONDS)
        renewing = threading.Thread(target=self._renew, args=(key, holder, is_done), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            is_done.set()
            renewing.join()
            with self._store.transaction() as tx:
                tx.end_lease(key, holder)

    def _renew(self, key: str, holder: str, is_done: threading.Event) -> None:
        """Hold on to a lease until the work is done, or somebody else has it."""
        while not is_done.wait(LEASE.total_seconds() / RENEWALS):
            try:
                with self._store.transaction() as tx:
                    if not tx.renew_lease(key, holder, self._now() + LEASE):
                        logger.error("provider.lease_lost", key=key)
                        return
            except StoreUnavailable:  # it may answer before the lease has run out
                logger.warning("provider.lease_not_renewed", key=key)

    def _take(self, key: str, holder: str) -> bool:
        at = self._now()
        with self._store.transaction() as tx:
            return tx.take_lease(key, holder, at, at + LEASE)
