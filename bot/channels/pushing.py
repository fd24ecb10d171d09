"""Answers over channels that acknowledge now and answer later: one queue a process, and what a crash left is found again.

A channel takes a message in (`take_in`), acknowledges it, and submits the turn. The answer goes into the outbox together with
the transcript (heyue.desk), from there to the provider; whoever waits for it may take it into the HTTP response instead.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog
from sanic import Blueprint

from bot.channels.answering import Handler, bot_lines, in_work
from bot.wording import channel_line
from heyue.delivery.configured import senders
from heyue.delivery.sender import Sender
from heyue.desk import Received, desk_of_process
from heyue.desk.replies import Owed
from heyue.settings import ZONE

logger = structlog.get_logger(__name__)
WORKERS = 4  # turns at once; Rasa keeps those of one conversation in order
DELIVERIES = 8  # calls to providers at once
TICK_SECONDS = 15.0
T = TypeVar("T")


def now() -> datetime:
    """This moment."""
    return datetime.now(ZONE)


@dataclass
class Job:
    """A turn to answer. `line`: what is said in place of the bot's words. `is_awaited`: somebody will take the answer."""

    turn: Owed
    line: str | None = None
    is_awaited: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Pusher:
    """Answers turns and delivers the answers, in this process.

    `after`: called with each turn of a channel when its answer has been given (in a thread). `each_tick`: called at the
    start and every 15 s.
    """

    def __init__(self, on_new_message: Handler) -> None:
        self._on_new_message = on_new_message
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._entry = ThreadPoolExecutor(1, "take-in")  # one writer: SQLite has one lock, and messages keep their order
        self._exit = ThreadPoolExecutor(DELIVERIES, "deliver")
        self._senders: dict[str, Sender] | None = None
        self.after: dict[str, Callable[[Owed], None]] = {}
        self.each_tick: list[Callable[[], Awaitable[None]]] = []

    @property
    def backlog(self) -> int:
        """How many turns wait."""
        return self._queue.qsize()

    def mount(self, routes: Blueprint) -> None:
        """Start with the server that serves these routes, and stop with it."""

        @routes.listener("after_server_start")
        async def start(*_: Any) -> None:
            if not self._tasks:
                for work in [self._work] * WORKERS + [self._tick]:
                    self.in_background(work())

        @routes.listener("before_server_stop")
        async def stop(*_: Any) -> None:
            for task in list(self._tasks):
                task.cancel()

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let something run; what it raises is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("push.failed", error=type(error).__name__)

    async def take_in(self, channel: str, address: str, text: str, at: datetime, key: str) -> Received:
        """Store a message that has come in, as one whose answer will be pushed."""
        receive = partial(desk_of_process().receive, channel, address, text, at, key, pushes=True)
        return await self.in_entry(receive)

    async def in_entry(self, work: Callable[[], T]) -> T:
        """Run something in the one thread that takes messages in."""
        return await asyncio.get_running_loop().run_in_executor(self._entry, work)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run something that may wait for a provider."""
        return await asyncio.get_running_loop().run_in_executor(self._exit, work)

    def submit(self, turn: Owed, line: str | None = None, is_awaited: bool = False) -> Job:
        """Have a turn answered."""
        job = Job(turn, line, is_awaited)
        in_work.add(turn.turn_id)
        self._queue.put_nowait(job)
        return job

    async def passive(self, job: Job, seconds: float, is_open: Callable[[], bool]) -> str | None:
        """The answer, if it stands within so many seconds and the connection is open still; else it is pushed later."""
        try:
            await asyncio.wait_for(job.done.wait(), seconds)
        except asyncio.TimeoutError:
            pass
        finally:
            job.is_awaited = False
            if job.done.is_set() and not is_open():
                self.in_background(self._deliver(job.turn))
        if not job.done.is_set() or not is_open():
            return None
        text = await self.in_entry(partial(desk_of_process().passive_reply, job.turn.turn_id, now()))
        self.in_background(self._follow(job.turn))
        return text

    def answer_stranger(self, channel: str, address: str, key: str) -> None:
        """Say the neutral line to somebody unknown."""
        line = channel_line("stranger")

        def say() -> None:
            said = desk_of_process().answer_stranger(channel, address, line, key, now())
            desk_of_process().deliver([said.message_id], now(), self._configured())

        self.in_background(self.in_thread(say))

    async def _work(self) -> None:
        while True:
            job = await self._queue.get()
            try:
                await self._answer(job)
            except Exception as error:  # the store is away: the answer stays owed, and is found at a tick
                logger.error("push.turn_failed", turn=job.turn.turn_id, error=type(error).__name__)
            finally:
                in_work.discard(job.turn.turn_id)
                job.done.set()
            if not job.is_awaited:
                self.in_background(self._deliver(job.turn))

    async def _answer(self, job: Job) -> None:
        """Bring the answer to a turn into the outbox. What fails on our side is said politely, and logged."""
        turn, line = job.turn, job.line
        if line is None:
            try:
                await bot_lines(turn, self._on_new_message)
                return
            except Exception as error:  # whatever failed: the borrower reads one polite line
                logger.error("push.no_answer", conversation=turn.conversation_id, turn=turn.turn_id,
                             error=type(error).__name__)  # fmt: skip
                line = channel_line("technical_fault")
        say = partial(desk_of_process().send_reply, turn.conversation_id, turn.turn_id, [line], now())
        await self.in_entry(say)

    async def _deliver(self, turn: Owed) -> None:
        deliver = desk_of_process().deliver_reply
        await self.in_thread(lambda: deliver(turn.turn_id, now(), self._configured()))
        await self._follow(turn)

    async def _follow(self, turn: Owed) -> None:
        if follow := self.after.get(turn.channel):
            await self.in_thread(partial(follow, turn))

    def _configured(self) -> dict[str, Sender]:
        if self._senders is None:
            self._senders = senders(os.environ, desk_of_process().provider_state(now))
        return self._senders

    async def _tick(self) -> None:
        """Answer what a crash or a fault left unanswered."""
        while True:
            try:
                for turn in await self.in_thread(lambda: desk_of_process().owed_answers(now())):
                    if turn.turn_id not in in_work:
                        self.submit(turn)
                for call in self.each_tick:
                    await call()
            except Exception as error:
                logger.error("push.tick_failed", error=type(error).__name__)
            await asyncio.sleep(TICK_SECONDS)


_of_process: list[Pusher] = []


def pusher_of_process(on_new_message: Handler) -> Pusher:
    """The one that the channels of this process share."""
    if not _of_process:
        _of_process.append(Pusher(on_new_message))
    return _of_process[0]
