"""Rasa's working copies of a contact: trackers and locks.

The dialogue itself stands in Heyue's store with the transcript, so these may be lost at any moment without harm.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.brokers.broker import EventBroker
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError, RedisLockStore
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

MOST_SESSIONS = 1_000
KEPT_TURNS = 2  # the rules look at one message alone; what came before stands in the dialogue of our own store
POLL_SECONDS = 0.01


class SessionTrackerStore(TrackerStore):
    """Keeps the latest turns of the latest sessions as objects: no serialising, no second database."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        host: EndpointConfig | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self._trackers: OrderedDict[str, DialogueStateTracker] = OrderedDict()
        self._published: dict[str, int] = {}

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of a session, or None when it is new or was dropped."""
        return self._trackers.get(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Publish the tracker's new events and keep it; the oldest session goes when there are too many."""
        self._trackers[tracker.sender_id] = tracker
        self._trackers.move_to_end(tracker.sender_id)
        await self.stream_events(tracker)
        forget_early_turns(tracker)
        self._published[tracker.sender_id] = len(tracker.events)
        if len(self._trackers) > MOST_SESSIONS:
            dropped, _ = self._trackers.popitem(last=False)
            self._published.pop(dropped, None)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Publish what has been added since the last save."""
        if self.event_broker is not None:
            new = list(tracker.events)[self._published.get(tracker.sender_id, 0) :]
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    async def keys(self) -> Iterable[str]:
        return self._trackers.keys()


def forget_early_turns(tracker: DialogueStateTracker) -> None:
    """Drop all but the last turns: Rasa goes through everything several times for each prediction."""
    starts = [place for place, event in enumerate(tracker.events) if isinstance(event, UserUttered)]
    if len(starts) > KEPT_TURNS:
        for _ in range(starts[-KEPT_TURNS] - 1):  # the "listen" before a message belongs to it
            tracker.events.popleft()


def conversation_of(session_id: str) -> str:
    """The conversation that a dialogue session is a part of (`conversation.part`, see Desk.receive)."""
    return session_id.rpartition(".")[0] or session_id


class LocalLocks(InMemoryLockStore):
    """One asyncio lock a conversation: who waits goes on at once and in order, where Rasa looks every second.

    For one process only. All sessions of a conversation share the lock, so that their order holds too.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        super().__init__()
        self._held: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = POLL_SECONDS,
    ) -> AsyncIterator[TicketLock]:
        """Wait for the conversation's turn.

        Raises:
            LockError: it did not come within `lock_lifetime` seconds.
        """
        lock = self._held.setdefault(conversation_of(conversation_id), asyncio.Lock())
        try:  # a free lock needs no timer, which would be a task of its own
            await (asyncio.wait_for(lock.acquire(), lock_lifetime) if lock.locked() else lock.acquire())
        except asyncio.TimeoutError:
            raise LockError(f"no turn for {conversation_id} within {lock_lifetime} s") from None
        try:
            yield TicketLock(conversation_id)
        finally:
            lock.release()


class RedisLocks(RedisLockStore):
    """Rasa's Redis lock for several processes, looked at every 10 ms instead of every second."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        super().__init__(host=endpoint_config.url, **endpoint_config.kwargs)

    def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = POLL_SECONDS,
    ) -> AbstractAsyncContextManager[TicketLock]:
        lock: AbstractAsyncContextManager[TicketLock] = super().lock(
            conversation_of(conversation_id), lock_lifetime, wait_time_in_seconds
        )
        return lock
