"""The jobs on a real Huey: a file, and a Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey import Huey
from huey.consumer import Consumer
from pytest_redis import factories

from heyue.desk import Desk
from heyue.desk.outreach import STAGES
from heyue.errors import BadInput
from heyue.jobs.deliver import deliver
from heyue.jobs.queue import open_queue
from heyue.jobs.workbench import Workbench
from heyue.jobs.worker import add_tasks
from heyue.settings import ZONE, Settings
from tests.outgoing import Provider
from tests.outreaching import DAWN, open_outreach, overdue, promise
from tests.unit.desk.review_talks import THREAT, add_talk
from tests.unit.desk.test_campaigns import LEAD
from tests.unit.desk.test_review_queue import queued

redis_process = factories.redis_proc(port=None)
EVENING = DAWN.replace(hour=19, minute=59)
WAIT_SECONDS = 30.0
QUEUES = [pytest.param("sqlite"), pytest.param("redis", marks=pytest.mark.redis)]


@pytest.fixture(params=QUEUES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    found = Settings(f"sqlite:///{tmp_path / 'heyue.db'}", tmp_path)
    if request.param == "sqlite":
        return found
    process = request.getfixturevalue("redis_process")
    return replace(found, queue_url=f"redis://{process.host}:{process.port}/3")


@pytest.fixture
def queue(settings: Settings) -> Iterator[Huey]:
    opened = open_queue(settings)
    opened.flush()
    yield opened
    opened.flush()
    opened.storage.close()


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    opened = open_outreach(settings.database_url, *[overdue(n) for n in range(12)], overdue(20, 40))
    yield opened
    opened.store.close()


class Clock:
    def __init__(self) -> None:
        self.at = DAWN

    def __call__(self) -> datetime:
        return self.at


@contextmanager
def working(queue: Huey, threads: int = 3) -> Iterator[None]:
    """A consumer that runs what is put into the queue."""
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    consumer = Consumer(queue, workers=threads, periodic=False, max_delay=0.2)
    consumer.start()
    try:
        yield
    finally:
        consumer.stop(graceful=True)
        for number, handler in former.items():
            signal.signal(number, handler)


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def test_a_campaign_is_planned_and_sent_once_however_often_the_jobs_run(queue: Huey, desk: Desk) -> None:
    number = desk.add_campaign(LEAD, "十一月", frozenset({"reminder"}), STAGES, None, DAWN)
    desk.start_campaign(LEAD, number, DAWN)
    clock, sms = Clock(), Provider()
    tasks = add_tasks(queue, Workbench(desk, {"sms": sms}, clock, shift_seconds=0))
    with working(queue):
        for _ in range(4):
            tasks["plan"]()
        wait_until(lambda: sum(desk.campaigns(LEAD)[0].outcome.states.values()) == 12 and len(desk.tasks(LEAD)) == 1)
        clock.at = EVENING
        for _ in range(6):
            tasks["deliver"]()
        wait_until(lambda: len(sms.ids) >= 12 and queue.pending_count() == 0)
    assert len(sms.ids) == len(set(sms.ids)) == 12
    assert desk.campaigns(LEAD)[0].outcome.states == {"sent": 12}


def test_promises_are_looked_up(queue: Huey, desk: Desk) -> None:
    promise(desk, "C-1", DAWN.date() - timedelta(days=3), DAWN - timedelta(days=6))
    tasks = add_tasks(queue, Workbench(desk, {}, Clock()))
    with working(queue):
        tasks["follow_up"]()
        wait_until(lambda: states(desk) == ["broken"])


def test_campaigns_are_counted_and_all_old_talks_drawn(
    queue: Huey, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heyue.desk.review_draw.DRAWN_AT_ONCE", 2)
    number = desk.add_campaign(LEAD, "十一月", frozenset({"reminder"}), STAGES, None, DAWN)
    desk.start_campaign(LEAD, number, DAWN)
    talks = {add_talk(desk, THREAT, at=DAWN - timedelta(days=5)) for _ in range(5)}
    tasks = add_tasks(queue, Workbench(desk, {}, Clock()))
    with working(queue):
        tasks["count"]()
        tasks["draw"]()
        wait_until(lambda: {here for here, _, _ in queued(desk)} == talks and desk.campaigns(LEAD)[0].campaign.counted_at == DAWN)


def states(desk: Desk) -> list[str]:
    with desk.store.reading() as tx:
        return [each.state for each in tx.promises("C-1")]


def test_a_job_that_fails_does_not_end_the_worker(queue: Huey, desk: Desk) -> None:
    def broken() -> datetime:
        raise OSError("the clock is broken")

    promise(desk, "C-1", DAWN.date() - timedelta(days=3), DAWN - timedelta(days=6))
    ailing = add_tasks(queue, Workbench(desk, {}, broken))
    with working(queue, threads=1):
        ailing["follow_up"]()
        ailing["plan"]()
        wait_until(lambda: queue.pending_count() == 0)
        assert states(desk) == ["open"]


def test_each_job_begins_at_its_minutes(queue: Huey, desk: Desk) -> None:
    add_tasks(queue, Workbench(desk, {}, Clock()))
    names = {
        minute: sorted(task.name for task in queue.read_periodic(datetime(2026, 11, 26, 9, minute))) for minute in (0, 5, 7, 10)
    }
    assert names == {
        0: ["count", "deliver", "draw", "follow_up", "plan"], 5: ["count", "deliver", "draw", "plan"],
        7: ["deliver", "draw", "plan"], 10: ["count", "deliver", "draw", "follow_up", "plan"],
    }  # fmt: skip


def test_a_sender_that_is_asked_to_stop_stops_between_messages(desk: Desk) -> None:
    stop = threading.Event()
    sms = Provider(then=stop.set)
    desk.run_outreach(DAWN, desk.everything_wanted())
    deliver(Workbench(desk, {"sms": sms}, lambda: EVENING, is_stopping=stop.is_set))
    assert len(sms.ids) == 12  # of one batch
    assert not deliver(Workbench(desk, {"sms": sms}, lambda: EVENING, is_stopping=stop.is_set))


def test_an_address_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Redis"):
        open_queue(Settings("sqlite://", tmp_path, queue_url="amqp://nobody"))


def test_the_worker_without_a_sender_runs_does_nothing_and_ends_when_asked(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'heyue.db'}"
    desk = open_outreach(database, overdue(1), overdue(2, 40))
    number = desk.add_campaign(LEAD, "十一月", frozenset({"reminder"}), STAGES, None, datetime.now(ZONE))
    desk.start_campaign(LEAD, number, datetime.now(ZONE))
    environment: dict[str, Any] = {name: value for name, value in os.environ.items() if not name.startswith("HEYUE_")}
    environment |= {"HEYUE_DATA_FOLDER": str(tmp_path), "HEYUE_DATA_KEY": "A" * 43 + "="}
    process = subprocess.Popen(
        [sys.executable, "-m", "heyue.cli", "worker", "--database", database], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    time.sleep(8)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 0, said
    assert "worker.no_sender" in said
    assert desk.campaigns(LEAD)[0].outcome.states == {}
    assert desk.tasks(LEAD) == []
    desk.store.close()
