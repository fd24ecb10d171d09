"""Answers over channels that acknowledge now and answer later: one queue a process, and what a crash left is found again.

A channel takes a message in (`take_in`), acknowledges it, and submits the turn. The answer goes into the outbox together with
the transcript (heyue.desk), from there to the provider; whoever waits for it may take it into the HTTP response instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sanic import Blueprint

from bot.channels.answering import Handler, bot_lines, in_work
from bot.channels.delivering import AGAIN_SECONDS, Deliveries, now
from bot.channels.entry import Entry
from bot.channels.passive import PassiveReply
from bot.wording import channel_line
from heyue.desk import ANSWER, STRANGER, Arrived, Received, desk_of_process
from heyue.desk.replies import Owed
from heyue.errors import StoreUnavailable
from heyue.watch import trace
from heyue.watch.logs import reason, unforeseen
from heyue.watch.metrics import ANSWER_SECONDS, ANSWERS_FAILED

logger = structlog.get_logger(__name__)
WORKERS = 2  # turns at once; Rasa keeps those of one conversation in order
PAUSE_SECONDS, PATIENCE_SECONDS = 0.003, 1.0  # between turns, for requests that arrive; at most so long
TICK_SECONDS = 15.0
MOST_WAITING = 8
WITHHELD = "withheld"  # the contact gate did not let the line out
MOST_DOUBLINGS = 6  # of the pause before a turn is tried again


class StillOwed(Exception):
    """The bot failed, and not even that could be said: the first words to somebody must name the lender (rule I-01)."""


@dataclass
class Job:
    """A turn to answer. `tries`: how often that failed before. `request`: which request brought it, `begun`: when.
    `waiters`: how many requests wait to take the answer into their response, until it is `settled`: the answer stands, or
    so many others wait that it is better pushed."""

    turn: Owed
    tries: int = 0
    waiters: int = 0
    is_done: bool = False
    request: str | None = field(default_factory=trace.current)
    begun: float = field(default_factory=time.monotonic)
    settled: asyncio.Event = field(default_factory=asyncio.Event)


class Pusher:
    """Answers turns and delivers the answers, in this process.

    `each_tick`: called at the start and every 15 s.
    """

    def __init__(self, on_new_message: Handler) -> None:
        self._on_new_message = on_new_message
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._jobs: dict[int, Job] = {}
        self._arriving = 0  # messages that are being taken in
        self._tasks: set[asyncio.Task[Any]] = set()
        self.entry = Entry()
        self.deliveries = Deliveries(self.entry, self.in_background)
        self.each_tick: list[Callable[[], Awaitable[None]]] = []

    @property
    def is_crowded(self) -> bool:
        """Whether so many turns wait that nobody should wait for an answer."""
        return self._queue.qsize() > MOST_WAITING

    def mount(self, routes: Blueprint) -> None:
        """Start with the server that serves these routes, and stop with it.

        Raises:
            BadInput: a provider is configured by half; better known now than at the first answer.
        """
        self.deliveries.configured()

        @routes.listener("after_server_start")
        async def start(*_: Any) -> None:
            self.start()

        @routes.listener("before_server_stop")
        async def stop(*_: Any) -> None:
            self.stop()

    def start(self) -> None:
        """Begin to answer, in the loop that runs; once, however many channels ask for it."""
        if not self._tasks:
            self.in_background(self.deliveries.in_thread(desk_of_process().get_ready))
            for work in [self._work] * WORKERS + [self._tick]:
                self.in_background(work())

    def stop(self) -> None:
        """Leave off, whatever is under way: it is found at the next start."""
        for task in list(self._tasks):
            task.cancel()

    def in_background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Let something run; what it raises is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("push.failed", error=type(error).__name__)

    async def take_in(
        self, channel: str, address: str, text: str, at: datetime, key: str, waits: bool = False
    ) -> tuple[Received, Job | None]:
        """Store a message that has come in and have it answered, even if whoever brought it goes away meanwhile.

        Args:
            waits: the caller goes on to `passive` with the job, if there is one.

        Returns:
            What became of the message, and the work at its answer, also when that had begun before.
        """
        work = asyncio.ensure_future(self._take_in(channel, address, text, at, key, waits))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            work.add_done_callback(self._abandon)
            raise

    async def _take_in(
        self, channel: str, address: str, text: str, at: datetime, key: str, waits: bool
    ) -> tuple[Received, Job | None]:
        self._arriving += 1
        try:
            received = await self.entry.receive(Arrived(channel, address, text, at, key))
        finally:
            self._arriving -= 1
        job = self._jobs.get(received.turn_id)
        if job is None and (received.outcome == ANSWER or received.is_owed):
            turn = Owed(received.conversation_id, received.session_id, received.turn_id, channel, text, at,
                        received.is_behind)  # fmt: skip
            job = self.submit(turn)
        if received.outcome == STRANGER and received.first_time:
            self._answer_stranger(channel, address, key)
        if job and waits:
            job.waiters += 1
        return received, job

    def _abandon(self, work: asyncio.Future[tuple[Received, Job | None]]) -> None:
        """Whoever brought a message does not wait for its answer any more."""
        job = None if work.cancelled() or work.exception() else work.result()[1]
        if job:
            self._release(job)

    def _release(self, job: Job) -> None:
        """One waiter less; when nobody waits any more the answer is pushed (one that was taken is not sent again)."""
        job.waiters -= 1
        if job.waiters <= 0 and job.is_done:
            self.deliveries.deliver(job.turn)

    def submit(self, turn: Owed, tries: int = 0) -> Job:
        """Have a turn answered."""
        job = self._jobs[turn.turn_id] = Job(turn, tries)
        in_work.add(turn.turn_id)
        self._queue.put_nowait(job)
        if self.is_crowded:
            for each in self._jobs.values():
                each.settled.set()
        return job

    async def passive(self, job: Job, seconds: float, reply: PassiveReply) -> None:
        """Write the answer into the response, if it stands within so many seconds; else it is pushed later."""
        with contextlib.suppress(asyncio.TimeoutError):
            try:
                await asyncio.wait_for(job.settled.wait(), seconds)
            except asyncio.CancelledError:
                self._release(job)
                raise
        if not job.is_done or not reply.is_open:
            self._release(job)
            return
        job.waiters -= 1
        await self.deliveries.give(job.turn, reply)

    def _answer_stranger(self, channel: str, address: str, key: str) -> None:
        line = channel_line("stranger")

        def say() -> None:
            said = desk_of_process().answer_stranger(channel, address, line, key, now())
            desk_of_process().deliver([said.message_id], now(), self.deliveries.configured())

        self.in_background(self.deliveries.in_thread(say))

    async def _work(self) -> None:
        while True:
            job = await self._queue.get()
            await self._calm()
            with trace.within(job.request):
                await self._worked_off(job)

    async def _worked_off(self, job: Job) -> None:
        try:
            await self._answer(job.turn)
            ANSWER_SECONDS.labels(job.turn.channel).observe(time.monotonic() - job.begun)
        except Exception as error:  # the answer stays owed
            logger.error("push.turn_failed", turn=job.turn.turn_id, error=type(error).__name__)
            if isinstance(error, (StoreUnavailable, StillOwed)):
                self.in_background(self._submit_later(job))
        finally:
            in_work.discard(job.turn.turn_id)
            self._jobs.pop(job.turn.turn_id, None)
            job.is_done = True
            job.settled.set()
        if job.waiters <= 0:
            self.deliveries.deliver(job.turn)

    async def _submit_later(self, job: Job) -> None:
        """Have a turn answered once more, when what failed may be over; without this only a tick would find it."""
        await asyncio.sleep(AGAIN_SECONDS * 2 ** min(job.tries, MOST_DOUBLINGS))
        if job.turn.turn_id not in in_work:
            self.submit(job.turn, job.tries + 1)

    async def _calm(self) -> None:
        """Let what arrives be acknowledged before the next turn, which takes the processor for longer; not for ever."""
        end = time.monotonic() + PATIENCE_SECONDS
        await asyncio.sleep(PAUSE_SECONDS)
        while self._arriving and time.monotonic() < end:
            await asyncio.sleep(PAUSE_SECONDS)

    async def _answer(self, turn: Owed) -> None:
        """Bring the answer to a turn into the outbox. What fails on our side is said politely, and logged."""
        try:
            await bot_lines(turn, self._on_new_message)
        except Exception as error:  # whatever failed, Rasa or the store: the borrower reads one polite line
            ANSWERS_FAILED.labels(turn.channel).inc()
            logger.error("push.no_answer", conversation=turn.conversation_id, turn=turn.turn_id,
                         why=reason(error), exc_info=unforeseen(error))  # fmt: skip
            lines = [channel_line("technical_fault")]
            said = await self.entry.run(
                partial(desk_of_process().send_reply, turn.conversation_id, turn.turn_id, lines, now())
            )
            if said.state == WITHHELD:
                raise StillOwed from error

    async def _tick(self) -> None:
        """Answer what a crash or a fault left unanswered, and deliver what could not be delivered before."""
        while True:
            try:
                for turn in await self.deliveries.in_thread(lambda: desk_of_process().owed_answers(now())):
                    if turn.turn_id not in in_work:
                        self.submit(turn)
                for left in await self.deliveries.in_thread(lambda: desk_of_process().left_answers(now(), list(self.deliveries.configured()))):
                    self.deliveries.deliver(left)
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
