"""Where messages come in: what arrives at the same time is stored by one transaction, each acknowledged after that has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from heyue.desk import Arrived, Received, desk_of_process
from heyue.watch import trace

MOST_TOGETHER = 50  # more would keep the first of them, and other writers, waiting for long
T = TypeVar("T")


class Entry:
    """The one thread of this process that writes what comes in: SQLite has one lock, and messages keep their order."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "take-in")
        self._arrived: list[tuple[Arrived, asyncio.Future[Received]]] = []
        self._storing: asyncio.Task[None] | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Run something in that thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, trace.carried(work))

    async def receive(self, message: Arrived) -> Received:
        """Store a message with all that arrive while others are being stored; when this returns it is safe.

        Raises:
            StoreUnavailable: it is not stored.
        """
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[Received] = loop.create_future()
        self._arrived.append((message, stored))
        if self._storing is None or self._storing.done():
            self._storing = loop.create_task(self._store())
        return await stored

    async def _store(self) -> None:
        """Store what has arrived until nothing is left."""
        while self._arrived:
            batch, self._arrived = self._arrived[:MOST_TOGETHER], self._arrived[MOST_TOGETHER:]
            outcomes = await self._received([message for message, _ in batch])
            for (_, stored), outcome in zip(batch, outcomes, strict=True):
                if stored.cancelled():
                    continue
                if isinstance(outcome, Exception):
                    stored.set_exception(outcome)
                else:
                    stored.set_result(outcome)

    async def _received(self, messages: list[Arrived]) -> Sequence[Received | Exception]:
        try:
            return await self.run(partial(desk_of_process().receive_together, messages))
        except Exception as error:  # the store is away: each is told
            return [error] * len(messages)
