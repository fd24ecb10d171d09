"""Rasa's working copies of a contact: trackers and locks.

The dialogue itself stands in Heyue's store with the transcript, so these may be lost at any moment without harm.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog
from rasa.core.brokers.broker import EventBroker
from rasa.core.lock import Ticket, TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError, RedisLockStore
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from redis.client import Pipeline
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)
Result = TypeVar("Result")
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


def drawn(lock: TicketLock, lifetime: float) -> int:
    """The number of a new ticket, which nobody has had before: whoever is late gives his own back and nobody else's.

    Rasa's numbers begin again at 0 when all tickets have run out; these begin at the moment.
    """
    ticket = Ticket(max(time.time_ns(), lock.last_issued + 1), time.time() + lifetime)
    lock.tickets.append(ticket)
    return int(ticket.number)


class RedisLocks(RedisLockStore):
    """Rasa's ticket lock in Redis for several processes: each change is one step, and who waits looks every 10 ms.

    Rasa itself reads, changes and writes a lock one after the other: two processes may draw the same ticket, and one that
    is done may delete a lock that another has just drawn a ticket from.
    """

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

    def issue_ticket(self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME) -> int:
        """Draw the next ticket.

        Raises:
            LockError: Redis does not answer.
        """
        ticket: int = self._in_one_step(conversation_id, lambda lock: drawn(lock, lock_lifetime))
        return ticket

    def update_lock(self, conversation_id: str) -> None:
        """Nothing: tickets of holders that must have died are passed over by whoever reads the lock."""

    def cleanup(self, conversation_id: str, ticket_number: int) -> None:
        """Give a ticket back. Where Redis has gone away meanwhile it expires; the turn itself is done."""
        try:
            self._in_one_step(conversation_id, lambda lock: lock.remove_ticket_for(ticket_number))
        except LockError as error:
            logger.warning("lock.not_given_back", error=str(error.__cause__))

    def _in_one_step(self, conversation_id: str, change: Callable[[TicketLock], Result]) -> Result:
        """Change a lock, once more from the start whenever somebody else changed it meanwhile (Redis WATCH)."""
        key = self.key_prefix + conversation_id

        def attempt(pipe: Pipeline) -> Result:
            written: Any = pipe.get(key)  # at once, while the key is watched
            lock = TicketLock.from_dict(json.loads(written)) if written else TicketLock(conversation_id)
            result = change(lock)
            pipe.multi()
            if lock.tickets:  # kept no longer than its last ticket: a crash leaves nothing behind. In seconds from now, since
                # Redis may have another clock: by ours the moment may be over there, and nobody would get a turn
                pipe.set(key, lock.dumps(), ex=max(1, math.ceil(lock.tickets[-1].expires - time.time())))
            else:
                pipe.delete(key)
            return result

        try:
            done: Result = self.red.transaction(attempt, key, value_from_callable=True)
            return done
        except RedisError as error:
            raise LockError(f"the lock of {conversation_id} cannot be changed: {error}") from error
