"""Many cases reminded in one pass, with a provider that takes only so many messages a second.

    python -m bench.outreach [--cases 10000] [--rate 100] [--workers 2] [--database URL]

The provider is a stand-in in this process: it counts what it takes in each second of its own clock and answers the rest with
"later", as providers do. All messages are due at once, which is the worst that the plan can do.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from heyue.delivery.sender import ACCEPTED, LATER, Receipt
from heyue.desk import Desk
from heyue.desk.outreach import Wanted
from heyue.outreach.policy import default_outreach_policy
from heyue.policy import default_policy
from heyue.records import Case, OutboundMessage
from heyue.settings import ZONE
from heyue.store import Keys, Store

DAWN = datetime(2026, 11, 26, 8, 30, tzinfo=ZONE)
OPEN = DAWN.replace(hour=9, minute=2)
AT_ONCE = 100
ALL = Wanted(frozenset({"reminder", "promise"}))


@dataclass
class LimitedProvider:
    """Takes `rate` messages in any second and no message twice."""

    rate: int
    name: str = "stand-in"
    channel: str = "sms"
    taken: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    moments: deque[float] = field(default_factory=deque)
    all_moments: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: OutboundMessage, at: datetime) -> Receipt:
        with self.lock:
            now = time.monotonic()
            while self.moments and now - self.moments[0] >= 1:
                self.moments.popleft()
            if len(self.moments) >= self.rate:
                self.refused += 1
                return Receipt(LATER, code="limit", retry_after_seconds=1 - (now - self.moments[0]))
            self.moments.append(now)
            self.all_moments.append(now)
            self.taken[message.message_id] += 1
            return Receipt(ACCEPTED, f"p-{sum(self.taken.values())}")

    def busiest_second(self) -> int:
        """The most messages taken in any second."""
        most, first = 0, 0
        for last, moment in enumerate(self.all_moments):
            while moment - self.all_moments[first] >= 1:
                first += 1
            most = max(most, last - first + 1)
        return most


def cases(count: int) -> list[Case]:
    """Borrowers of every stage, one in ten of whom has two cases."""
    return [
        Case(
            f"B-{n:06}", f"测试{n % 97}", "云山消费金融", 100_000 + n, date(2026, 11, 26) - timedelta(days=1 + n % 28),
            phone=f"139{(n - 1 if n % 10 == 9 else n):08}", id_last4=None,
        )
        for n in range(count)
    ]  # fmt: skip


def open_desk(url: str, count: int) -> Desk:
    """A desk over a new store with so many cases, all of whose messages are due at nine."""
    store = Store.open(url, Keys.from_data_key(bytes(32)))
    store.migrate()
    everything = cases(count)
    for begin in range(0, count, 1_000):
        with store.transaction() as tx:
            tx.put_cases([(case, "usable") for case in everything[begin : begin + 1_000]])
    return desk_over(store)


def desk_over(store: Store) -> Desk:
    usual = default_outreach_policy()
    hours = replace(usual.hours, prior={9: 0.5})
    policy = replace(usual, hours=hours, spread_minutes=1)
    return Desk(store, default_policy(), pushing=frozenset({"sms"}), outreach_policy=policy)


def timed(deed: object) -> tuple[object, float]:
    begin = time.perf_counter()
    done = deed()  # type: ignore[operator]
    return done, time.perf_counter() - begin


def deliver_all(desks: list[Desk], provider: LimitedProvider, wanted: int, limit_seconds: float) -> float:
    """Workers send until everything is taken; the seconds it took."""
    begin = time.monotonic()

    def work(desk: Desk) -> None:
        while sum(provider.taken.values()) < wanted and time.monotonic() - begin < limit_seconds:
            now = lambda: OPEN + timedelta(seconds=time.monotonic() - begin)  # noqa: E731  the same clock for all
            if not desk.deliver_due(now, {"sms": provider}, AT_ONCE):
                time.sleep(0.05)

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - begin


def measure(url: str, count: int, rate: int, workers: int) -> dict[str, object]:
    """Plan, queue and send; the figures."""
    desk = open_desk(url, count)
    others = [desk_over(Store.open(url, Keys.from_data_key(bytes(32)))) for _ in range(workers - 1)]
    plan, plan_seconds = timed(lambda: Counter(step.action for step in desk.plan_outreach(DAWN, ALL)))
    queued, queue_seconds = timed(lambda: desk.run_outreach(DAWN, ALL))
    again, again_seconds = timed(lambda: desk.run_outreach(DAWN + timedelta(minutes=15), ALL))
    wanted = queued["send"]  # type: ignore[index]
    provider = LimitedProvider(rate)
    seconds = deliver_all([desk, *others], provider, wanted, 3_000)
    return {
        "cases": count, "rate_limit": rate, "workers": workers, "planned": plan, "plan_seconds": round(plan_seconds, 1),
        "queued": queued, "queue_seconds": round(queue_seconds, 1), "second_pass": again,
        "second_pass_seconds": round(again_seconds, 1), "taken": sum(provider.taken.values()),
        "taken_twice": sum(times > 1 for times in provider.taken.values()), "send_seconds": round(seconds, 1),
        "per_second": round(wanted / seconds, 1), "busiest_second": provider.busiest_second(), "put_off": provider.refused,
    }  # fmt: skip


def main() -> None:
    """Run it and print the figures as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=10_000)
    options.add_argument("--rate", type=int, default=100, help="messages that the provider takes in a second")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--database", help="a SQLAlchemy URL of an empty store; default: SQLite in a temporary folder")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'heyue.db'}"
        print(json.dumps(measure(url, given.cases, given.rate, given.workers), ensure_ascii=False))


if __name__ == "__main__":
    main()
