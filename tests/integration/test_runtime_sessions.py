"""Rasa's working copies of a contact: locks that wait in order, trackers that stay short, events told once."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any

import pytest
from rasa.core.brokers.broker import EventBroker
from rasa.core.lock_store import InMemoryLockStore, LockError
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.session_stores import KEPT_TURNS, MOST_SESSIONS, LocalLocks, SessionTrackerStore

RASAS_WAIT_SECONDS = 1


class Told(EventBroker):
    """A broker that remembers the texts of what it was told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def publish(self, event: dict[str, Any]) -> None:
        self.texts.append(event.get("text") or event.get("name") or "")


async def hold(locks: InMemoryLockStore, session: str, said: list[int], number: int) -> None:
    async with locks.lock(session):
        await asyncio.sleep(0.002)
        said.append(number)


class TestLocalLocks:
    @pytest.mark.asyncio
    async def test_five_at_once_go_in_order_without_waiting(self) -> None:
        said: list[int] = []
        locks, begun = LocalLocks(), time.perf_counter()
        await asyncio.gather(*(hold(locks, "c.0", said, number) for number in range(5)))
        assert said == [0, 1, 2, 3, 4]
        assert time.perf_counter() - begun < RASAS_WAIT_SECONDS

    @pytest.mark.asyncio
    async def test_order_holds_from_one_session_to_the_next(self) -> None:
        said: list[int] = []
        locks = LocalLocks()
        sessions = ["c.0", "c.0", "c.1", "c.1"]
        await asyncio.gather(*(hold(locks, each, said, place) for place, each in enumerate(sessions)))
        assert said == [0, 1, 2, 3]

    @pytest.mark.asyncio
    async def test_other_conversations_do_not_wait(self) -> None:
        locks = LocalLocks()
        async with locks.lock("a.0"):
            await asyncio.wait_for(hold(locks, "b.0", [], 0), 0.1)

    @pytest.mark.asyncio
    async def test_who_waits_too_long_is_told(self) -> None:
        locks = LocalLocks()
        async with locks.lock("c.0"):
            with pytest.raises(LockError):
                async with locks.lock("c.0", lock_lifetime=0.01):
                    pass

    @pytest.mark.asyncio
    async def test_nothing_is_kept_of_ended_conversations(self) -> None:
        locks = LocalLocks()
        await hold(locks, "c.0", [], 0)
        assert not locks._held

    def test_rasa_still_looks_every_second(self) -> None:
        wait = inspect.signature(InMemoryLockStore.lock).parameters["wait_time_in_seconds"]
        assert wait.default == 1, "Rasa waits otherwise: look whether LocalLocks is still needed"


def say(tracker: DialogueStateTracker, text: str) -> None:
    """One message and its answer on the tracker."""
    tracker.update(UserUttered(text, intent={"name": "greet", "confidence": 1.0}))
    tracker.update(ActionExecuted("action_smalltalk"))
    tracker.update(BotUttered(f"answer to {text}"))
    tracker.update(ActionExecuted("action_listen"))


class TestSessionTrackerStore:
    @pytest.mark.asyncio
    async def test_each_event_is_told_once(self) -> None:
        told = Told()
        store = SessionTrackerStore(Domain.empty(), told)
        for number in range(KEPT_TURNS + 3):
            tracker = await store.get_or_create_tracker("c.0")
            say(tracker, f"message {number}")
            await store.save(tracker)
        assert [text for text in told.texts if text.startswith("message")] == [
            f"message {number}" for number in range(KEPT_TURNS + 3)
        ]

    @pytest.mark.asyncio
    async def test_a_long_session_stays_short(self) -> None:
        store = SessionTrackerStore(Domain.empty())
        lengths = []
        for number in range(100):
            tracker = await store.get_or_create_tracker("c.0")
            say(tracker, f"message {number}")
            await store.save(tracker)
            lengths.append(len(tracker.events))
        assert lengths[-1] == lengths[KEPT_TURNS + 1]
        kept = await store.retrieve("c.0")
        assert kept is not None
        assert kept.latest_message.text == "message 99"
        assert kept.events[0] == ActionExecuted("action_listen"), "what is kept begins with the bot listening"

    @pytest.mark.asyncio
    async def test_the_oldest_session_goes_first(self) -> None:
        store = SessionTrackerStore(Domain.empty())
        for number in range(MOST_SESSIONS + 1):
            await store.save(DialogueStateTracker(f"c{number}.0", []))
        assert await store.retrieve("c0.0") is None
        assert await store.retrieve("c1.0") is not None
        assert len(store._published) == MOST_SESSIONS
