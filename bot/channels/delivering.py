"""Answers that stand in the outbox go to their provider, or into the response of the request that waits for them."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog

from bot.channels.entry import Entry
from bot.channels.passive import PassiveReply
from heyue.delivery.configured import senders
from heyue.delivery.sender import Sender
from heyue.desk import desk_of_process
from heyue.desk.replies import Owed, Waiting
from heyue.errors import StoreUnavailable
from heyue.settings import ZONE
from heyue.watch import trace

logger = structlog.get_logger(__name__)
AT_ONCE = 8  # calls to providers
AGAIN_SECONDS = 1.0  # after the store was away
QUEUED = "queued"  # the provider did not take it, the gate not yet, or one before it in the talk still waits
LEAST_SECONDS, SOON_SECONDS = 0.05, 10.0  # until it is tried again here; what is due later is found at a tick, or by the worker
Background = Callable[[Coroutine[Any, Any, Any]], "asyncio.Task[Any]"]  # lets something run
T = TypeVar("T")


def now() -> datetime:
    """This moment."""
    return datetime.now(ZONE)


class Deliveries:
    """Delivers the answers of this process. `after`: by channel, called with the talk when an answer has been pushed (in a thread)."""

    def __init__(self, entry: Entry, background: Background) -> None:
        self._entry = entry
        self._background = background
        self._threads = ThreadPoolExecutor(AT_ONCE, "deliver")
        self._talks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # in which something is delivered
        self._senders: dict[str, Sender] | None = None
        self.after: dict[str, Callable[[str], None]] = {}

    def configured(self) -> dict[str, Sender]:
        """The senders of this process, by channel.

        Raises:
            BadInput: a provider is configured by half.
        """
        if self._senders is None:
            self._senders = senders(os.environ, desk_of_process().provider_state(now))
        return self._senders

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run something that may wait for a provider."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, trace.carried(work))

    def deliver(self, turn: Owed | Waiting) -> None:
        """Have the answer to a turn given to its provider."""
        self._background(self._deliver(turn))

    async def give(self, turn: Owed | Waiting, reply: PassiveReply) -> None:
        """Write the answer to a turn into the response, or push it where that was closed before; whoever waits may go.

        Raises:
            StoreUnavailable: nothing was written.
        """
        await asyncio.shield(self._background(self._give(turn, reply)))

    async def _give(self, turn: Owed | Waiting, reply: PassiveReply) -> None:
        text = await self._entry.run(partial(desk_of_process().passive_reply, turn.turn_id, now()))
        is_written = text is not None and await reply.write(text)
        if text is not None:
            noted = self._persist(turn, partial(desk_of_process().passive_given, turn.turn_id, is_written))
            await noted if not is_written else self._background(noted)
        if not is_written:
            self.deliver(turn)

    async def _deliver(self, turn: Owed | Waiting) -> None:
        """Give an answer to its provider; once claimed it is not given again. In a talk one after the other."""

        async with self._talks.setdefault(turn.conversation_id, asyncio.Lock()):
            while (wait := await self._persist(turn, partial(self._tried, turn))) <= SOON_SECONDS:
                await asyncio.sleep(wait)

    def _tried(self, turn: Owed | Waiting) -> float:
        """Try once; in how many seconds it is to be tried again."""
        state = desk_of_process().deliver_reply(turn.turn_id, now(), self.configured())
        if state == QUEUED and (due_at := desk_of_process().reply_due_at(turn.turn_id)):
            return max((due_at - now()).total_seconds(), LEAST_SECONDS)
        if follow := self.after.get(turn.channel):
            follow(turn.conversation_id)
        return math.inf

    async def _persist(self, turn: Owed | Waiting, work: Callable[[], T]) -> T:
        """Do something that the store must take, however long it is away."""
        while True:
            try:
                return await self.in_thread(work)
            except StoreUnavailable as error:
                logger.error("push.store_away", turn=turn.turn_id, error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
