"""What the store says of work that waits, as figures for Prometheus, asked for with each look at them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from heyue.desk.base import DeskBase
from heyue.errors import StoreUnavailable
from heyue.store.watch_queries import Standing

KEPT = timedelta(seconds=10)  # several who look at once ask the store once


class StoreFigures(Collector):
    """Gauges over the store of a desk, which may be away from the start."""

    def __init__(self, desk: Callable[[], DeskBase], now: Callable[[], datetime]) -> None:
        self._desk, self._now = desk, now
        self._lock = threading.Lock()
        self._asked_at: datetime | None = None
        self._standing: Standing | None = None

    def describe(self) -> list[Metric]:
        """Nothing beforehand."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures; without the store only that it is away."""
        at = self._now()
        with self._lock:
            if self._asked_at is None or not timedelta(0) <= at - self._asked_at < KEPT:
                self._standing, self._asked_at = self._asked(at), at
            standing = self._standing
        yield _gauge("heyue_store_up", "Whether the store answers.", int(standing is not None))
        if standing is not None:
            yield from _gauges(standing, at)

    def _asked(self, at: datetime) -> Standing | None:
        try:
            with self._desk().store.reading() as tx:
                found: Standing = tx.standing(at)
                return found
        except StoreUnavailable:
            return None


def _gauges(standing: Standing, at: datetime) -> Iterator[Metric]:
    ages = {channel: max((at - oldest).total_seconds(), 0) for channel, oldest in standing.oldest_due.items()}
    yield _by("heyue_outbox_due", "Messages whose hour has come and that were not sent.", "channel", standing.due)
    yield _by("heyue_outbox_oldest_due_seconds", "How long the oldest of them has been due.", "channel", ages)
    yield _gauge("heyue_outbox_claimed", "Messages that a worker is giving to their provider.", standing.claimed)
    yield _gauge("heyue_answers_owed", "Borrowers' messages that were acknowledged and wait for an answer.", standing.owed)
    yield _gauge("heyue_talks_unread", "Talks with turns that the coach's reader has not seen.", standing.unread)
    yield _by("heyue_human_tasks_open", "Cases that outreach has given to people.", "task", standing.tasks)
    yield _by("heyue_talks_with_people", "Talks that wait for a human or are led by one.", "holder", standing.conversations)
    yield _by("heyue_promises", "Promises in the ledger.", "state", standing.promises)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


def _by(name: str, says: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family
