"""Rasa's working copies of a contact: locks that wait in order, trackers that stay short, events told once."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any

import pytest
from pytest_redis import factories
from pytest_redis.executor import RedisExecutor
from rasa.core.brokers.broker import EventBroker
from rasa.core.lock_store import InMemoryLockStore, LockError, LockStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from redis import Redis

from bot.session_stores import KEPT_TURNS, MOST_SESSIONS, LocalLocks, RedisLocks, SessionTrackerStore
from tests.bot_process import free_port
from tests.racers import race

RASAS_WAIT_SECONDS = 1


class Told(EventBroker):
    """A broker that remembers the texts of what it was told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def publish(self, event: dict[str, Any]) -> None:
        self.texts.append(event.get("text") or event.get("name") or "")


async def hold(locks: LockStore, session: str, said: list[int], number: int) -> None:
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


redis_process = factories.redis_proc(port=None)
TAKE_TURNS = """
import asyncio, os
from redis import Redis
red, locks = Redis(port=int(sys.argv[1])), lock_store(int(sys.argv[1]))
async def turn(number):
    async with locks.lock("c.0", wait_time_in_seconds=0.001):
        count = int(red.get("count") or 0)
        await asyncio.sleep(0.0005)  # what a turn does meanwhile
        red.set("count", count + 1)
async def turns():
    failed = 0
    for _ in range(10):
        waiting = [asyncio.wait_for(turn(number), 10) for number in range(5)]
        done = await asyncio.gather(*waiting, return_exceptions=True)
        failed += sum(each is not None for each in done)
    print(failed)
asyncio.run(turns())
"""
IMPORT_LOCKS = """
from rasa.core.lock_store import RedisLockStore
from rasa.utils.endpoints import EndpointConfig
from bot.session_stores import RedisLocks
def {name}(port):
    return {make}
"""
RASAS = IMPORT_LOCKS.format(name="lock_store", make="RedisLockStore('127.0.0.1', port)")
OURS = IMPORT_LOCKS.format(name="lock_store", make="RedisLocks(EndpointConfig('127.0.0.1', port=port))")
RACERS, TURNS = 3, 50


@pytest.mark.redis
class TestRedisLocks:
    @pytest.fixture
    def locks(self, redis_process: RedisExecutor) -> RedisLocks:
        return RedisLocks(EndpointConfig("127.0.0.1", port=redis_process.port))

    def test_processes_take_turns_and_lose_none(self, redis_process: RedisExecutor) -> None:
        red = Redis(port=redis_process.port)
        printed = race(OURS, TAKE_TURNS, str(redis_process.port), racers=RACERS)
        assert printed == [["0"]] * RACERS, "somebody's lock was taken away"
        assert int(red.get("count")) == RACERS * TURNS
        assert red.keys("*lock*") == []
        red.flushall()

    def test_rasas_own_lock_still_loses_turns(self, redis_process: RedisExecutor) -> None:
        """The day this fails, RedisLocks need nothing but their shorter wait any more."""
        red, deed = Redis(port=redis_process.port), TAKE_TURNS.replace("range(10)", "range(2)").replace("number), 10)", "number), 1)")
        printed = race(RASAS, deed, str(redis_process.port), racers=RACERS)
        assert sum(int(failed) for (failed,) in printed) or int(red.get("count") or 0) < RACERS * 10
        red.flushall()

    @pytest.mark.asyncio
    async def test_order_holds_among_those_who_wait(self, locks: RedisLocks) -> None:
        said: list[int] = []
        sessions = ["c.0", "c.0", "c.0", "c.1", "c.1"]
        await asyncio.gather(*(hold(locks, each, said, place) for place, each in enumerate(sessions)))
        assert said == [0, 1, 2, 3, 4]

    @pytest.mark.asyncio
    async def test_who_died_with_the_lock_holds_the_others_up_for_its_lifetime_only(self, locks: RedisLocks) -> None:
        locks.issue_ticket("c", 0.05)
        await asyncio.wait_for(hold(locks, "c.0", [], 0), 5)
        locks.issue_ticket("gone", 0.05)
        await asyncio.sleep(1.1)
        assert locks.get_lock("gone") is None

    @pytest.mark.asyncio
    async def test_who_is_done_after_the_lifetime_gives_back_no_ticket_but_its_own(self, locks: RedisLocks) -> None:
        late = locks.issue_ticket("c", 0.05)
        await asyncio.sleep(0.1)
        said: list[int] = []
        async with locks.lock("c.0"):
            locks.cleanup("c", late)
            third = asyncio.create_task(hold(locks, "c.0", said, 3))
            await asyncio.sleep(0.1)
            assert said == [], "the third runs beside the second"
        await third
        assert said == [3]
        assert locks.get_lock("c") is None

    @pytest.mark.asyncio
    @pytest.mark.parametrize("ahead", [-240.0, 240.0])
    async def test_a_clock_that_is_not_that_of_redis_takes_nobodys_turn(
        self, locks: RedisLocks, monkeypatch: pytest.MonkeyPatch, ahead: float
    ) -> None:
        right, said = time.time, list[int]()
        monkeypatch.setattr(time, "time", lambda: right() + ahead)
        await asyncio.gather(*(hold(locks, "wrong clock.0", said, number) for number in range(3)))
        assert said == [0, 1, 2]

    @pytest.mark.asyncio
    async def test_without_redis_nobody_gets_a_turn_and_a_turn_that_is_done_stays_done(self) -> None:
        away = RedisLocks(EndpointConfig("127.0.0.1", port=free_port()))
        with pytest.raises(LockError):
            await hold(away, "c.0", [], 0)
        away.cleanup("c", 0)
