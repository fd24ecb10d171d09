"""Rasa's working copies of a contact, kept in this process: trackers and locks.

The dialogue itself stands in Heyue's store with the transcript, so these may be lost at any moment without harm.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

MOST_SESSIONS = 1_000
POLL_SECONDS = 0.01


class SessionTrackerStore(TrackerStore):
    """Keeps the trackers of the latest sessions as objects: no serialising, no second database."""

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
        if sender_id in self._trackers:
            self._trackers.move_to_end(sender_id)
        return self._trackers.get(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker, then publish its new events; the oldest session goes when there are too many."""
        self._trackers[tracker.sender_id] = tracker
        self._trackers.move_to_end(tracker.sender_id)
        while len(self._trackers) > MOST_SESSIONS:
            dropped, _ = self._trackers.popitem(last=False)
            self._published.pop(dropped, None)
        await self.stream_events(tracker)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Publish what has been added since the last save."""
        events = list(tracker.events)
        new = events[self._published.get(tracker.sender_id, 0) :]
        self._published[tracker.sender_id] = len(events)
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    async def keys(self) -> Iterable[str]:
        return self._trackers.keys()


class PromptLockStore(InMemoryLockStore):
    """Rasa's lock in memory, looked at every 10 ms instead of every second. For one process only."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        super().__init__()

    def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = POLL_SECONDS,
    ) -> AbstractAsyncContextManager[TicketLock]:
        return super().lock(conversation_id, lock_lifetime, wait_time_in_seconds)
