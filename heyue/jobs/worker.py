"""The worker: a process that runs the tasks. Many may run, on many machines; the store settles who does what."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from huey import Huey, crontab
from huey.api import TaskWrapper
from huey.consumer import Consumer

from heyue.delivery.configured import senders
from heyue.desk import Desk
from heyue.jobs.count import count
from heyue.jobs.deliver import deliver
from heyue.jobs.draw import draw
from heyue.jobs.follow_up import follow_up
from heyue.jobs.heartbeat import Heartbeat
from heyue.jobs.plan import plan
from heyue.jobs.retain import retain
from heyue.jobs.workbench import Workbench
from heyue.watch import trace
from heyue.watch.metrics import JOB_BEGUN, JOBS, JOBS_WAITING

logger = structlog.get_logger(__name__)
TASKS: dict[Callable[[Workbench], object], Callable[..., bool]] = {
    plan: crontab(),
    deliver: crontab(),
    draw: crontab(),
    count: crontab(minute="*/5"),
    follow_up: crontab(minute="*/10"),
    retain: crontab(minute="10", hour="17-20"),  # UTC: four times between one and five at night in China
}
EXPIRES_SECONDS = 55  # a task that has waited longer has a younger sister in the queue
LONGEST_POLL_SECONDS = 1.0


def add_tasks(queue: Huey, bench: Workbench) -> dict[str, TaskWrapper]:
    """Let the queue begin each task at its minutes; by name, what puts one into the queue."""
    return {task.__name__: _added(queue, bench, task, minutes) for task, minutes in TASKS.items()}


def _added(
    queue: Huey, bench: Workbench, task: Callable[[Workbench], object], minutes: Callable[..., bool]
) -> TaskWrapper:
    JOBS.labels(task.__name__, "failed")  # shown from the start, so that the first failure is seen as one

    def run() -> None:
        trace.begin()
        JOB_BEGUN.set(bench.now().timestamp())
        JOBS_WAITING.set(queue.pending_count())
        try:
            task(bench)
            JOBS.labels(task.__name__, "done").inc()
        except Exception as error:  # the next minute tries again; the store has lost nothing
            JOBS.labels(task.__name__, "failed").inc()
            logger.error("job.failed", job=task.__name__, error=type(error).__name__)

    return queue.periodic_task(minutes, name=task.__name__, expires=EXPIRES_SECONDS)(run)


def bench_of(desk: Desk, now: Callable[[], datetime]) -> Workbench:
    """What the tasks of this process work with; a channel that is not configured has no sender.

    Raises:
        BadInput: a provider is configured by half.
    """
    return Workbench(desk, senders(os.environ, desk.provider_state(now)), now)


class BeatingConsumer(Consumer):
    """Shows that it lives whenever it has looked after its threads, which it does every ten seconds."""

    heartbeat: Heartbeat

    def check_worker_health(self) -> bool:
        healthy: bool = super().check_worker_health()
        self.heartbeat.beat()
        return healthy


def run_worker(queue: Huey, bench: Workbench, threads: int, heartbeat: Heartbeat) -> None:
    """Run the tasks until the process is asked to stop (SIGINT or SIGTERM); what was begun is finished first."""
    if not bench.senders:
        logger.warning("worker.no_sender", says="no channel is configured: nothing will be planned or sent")
    consumer = BeatingConsumer(
        queue, workers=threads, worker_type="thread", max_delay=LONGEST_POLL_SECONDS, graceful_signal="TERM"
    )
    consumer.heartbeat = heartbeat
    heartbeat.beat()
    add_tasks(queue, replace(bench, is_stopping=consumer.stop_flag.is_set))
    consumer.run()
