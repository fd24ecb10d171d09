"""What goes wrong: each fault is done to the running product, from beginning to end; where a machine cannot, it says why."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from bench.chaos.product import Product
from heyue.errors import HeyueError
from heyue.provider_sim.loopback import Fault as BadAnswer
from tests.compose_processes import Instance

KILLED = {"rasa": 5, "actions": 4, "worker": 3, "reader": 1, "coach": 1, "nginx": 1, "redis": 2, "postgres": 1, "postgres backend": 2}
BACKEND = "postgres backend"
CALM_SECONDS, FULL_SECONDS, SLOW_SECONDS, AWAY_SECONDS, JUMP_SECONDS = 10.0, 10.0, 20.0, 20.0, 20.0
SEGMENTS = 8
SLOW_DELAY, SLOW_JITTER = 0.05, 0.1  # seconds each way
PROVIDER_DELAY = 6.0  # seconds a request
JUMP = 240.0  # seconds; WeChat's signatures are good for 300


@dataclass(frozen=True)
class Fault:
    """`lasts`: seconds between `begin` and `end`. `kill`: whether it counts as a kill -9. `impossible`: why it cannot be."""

    name: str
    begin: Callable[[], None]
    lasts: float = 0.0
    end: Callable[[], None] = lambda: None
    is_kill: bool = False
    impossible: str | None = None


@dataclass
class Faults:
    """All that can be done to a product."""

    product: Product
    draw: random.Random
    provider_seconds: float

    def plan(self, kills: int, others: int, only: str) -> list[Fault]:
        """So many kills, and so many others between them, of all kinds whose name begins with `only`."""
        kinds = [each for each in self.others() if each.impossible is None and each.name.startswith(only)]
        names, weights = zip(*KILLED.items(), strict=True)
        planned = [self.kill(name) for name in self.draw.choices(names, weights, k=kills)]
        extra = [kinds[number % len(kinds)] for number in range(others)]
        for place, each in zip(sorted(self.draw.choices(range(kills + 1), k=others), reverse=True), extra, strict=True):
            planned.insert(place, each)
        return planned

    def kill(self, name: str) -> Fault:
        return Fault(f"kill -9 {name}", self._kill_backend if name == BACKEND else lambda: self._kill(name), is_kill=True)

    def others(self) -> list[Fault]:
        stack, clock = self.product.stack, self.product.clock
        no_disk = None if stack.has_own_disk else "a small disk of its own needs root and mount"
        no_clock = None if clock.library else "only with --libfaketime"
        return [
            Fault(f"nothing for {CALM_SECONDS:.0f} s", lambda: None, CALM_SECONDS),
            Fault("PostgreSQL restarted (fast)", lambda: self._stop_postgres(signal.SIGINT)),
            Fault("PostgreSQL restarted (immediate)", lambda: self._stop_postgres(signal.SIGQUIT)),
            Fault("Redis flushed", self._flush),
            Fault("Redis restarted", lambda: self._end(stack.of("redis")[0], signal.SIGTERM)),
            Fault(f"Redis away for {AWAY_SECONDS:.0f} s", self._take_redis, AWAY_SECONDS, lambda: self.product.restarter.held.discard("redis")),
            Fault(f"disk of PostgreSQL full for {FULL_SECONDS:.0f} s", self._fill_disk, FULL_SECONDS, self._free_disk, impossible=no_disk),
            Fault(f"clock {JUMP:+.0f} s for {JUMP_SECONDS:.0f} s", lambda: clock.show(JUMP), JUMP_SECONDS, lambda: clock.show(0), impossible=no_clock),
            Fault(f"clock {-JUMP:+.0f} s for {JUMP_SECONDS:.0f} s", lambda: clock.show(-JUMP), JUMP_SECONDS, lambda: clock.show(0), impossible=no_clock),
            Fault(f"network slow for {SLOW_SECONDS:.0f} s ({SLOW_DELAY * 1000:.0f} to {(SLOW_DELAY + SLOW_JITTER) * 1000:.0f} ms each way)",
                  lambda: self.product.links.slow_to(SLOW_DELAY, SLOW_JITTER), SLOW_SECONDS, lambda: self.product.links.slow_to(0)),
            *self.of_providers(self.provider_seconds),
        ]  # fmt: skip

    def of_providers(self, lasts: float) -> list[Fault]:
        """What can be wrong with SMS and WeChat at the same time."""
        providers = (self.product.sms, self.product.wechat)

        def answer(how: BadAnswer | None) -> None:
            for each in providers:
                each.standing = how

        return [
            Fault(f"providers take {PROVIDER_DELAY:.0f} s a request for {lasts:.0f} s", lambda: answer(BadAnswer("", seconds=PROVIDER_DELAY)), lasts, lambda: answer(None)),
            Fault(f"providers answer HTTP 500 for {lasts:.0f} s", lambda: answer(BadAnswer("", status=500)), lasts, lambda: answer(None)),
            Fault(f"providers refuse connections for {lasts:.0f} s", lambda: [each.refuse() for each in providers] and None, lasts,
                  lambda: [each.listen() for each in providers] and None),
        ]  # fmt: skip

    def _kill(self, service: str) -> None:
        self._end(self.draw.choice(self.product.stack.of(service)), signal.SIGKILL)

    def _end(self, instance: Instance, number: int) -> None:
        if instance.running:
            instance.running.signal_group(number)

    def _kill_backend(self) -> None:
        """One of the processes that serve a connection; PostgreSQL then drops all others and recovers."""
        postmaster = self._postmaster()
        listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(postmaster)], capture_output=True, text=True, check=False)
        backends = [int(line.split()[0]) for line in listed.stdout.splitlines() if "postgres: heyue heyue" in line]
        if backends:
            with suppress(ProcessLookupError):
                os.kill(self.draw.choice(backends), signal.SIGKILL)

    def _postmaster(self) -> int:
        """Its process; 0 while it is down."""
        with suppress(OSError, ValueError, IndexError):
            return int(self._pid_file().read_text().splitlines()[0])
        return 0

    def _pid_file(self) -> Path:
        return self.product.stack.of("postgres")[0].folder / "data/postmaster.pid"

    def _stop_postgres(self, number: int) -> None:
        if pid := self._postmaster():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _flush(self) -> None:
        with suppress(RedisError), Redis(port=self.product.stack.of("redis")[0].ports[6379]) as red:
            red.flushall()

    def _take_redis(self) -> None:
        self.product.restarter.held.add("redis")
        self._kill("redis")

    @property
    def _ballast(self) -> Path:
        return self.product.stack.of("postgres")[0].folder / "ballast"

    def _fill_disk(self) -> None:
        """Take every byte that is left, and what becomes free in the first second."""
        until = time.monotonic() + 1
        with self._ballast.open("ab", buffering=0) as file:
            while time.monotonic() < until:
                for size in (1 << 20, 4096):
                    with suppress(OSError):
                        while True:
                            file.write(bytes(size))
                time.sleep(0.1)
        for _ in range(SEGMENTS):  # it lives on in the segments of its log that it keeps ready, for hours at this load
            with suppress(HeyueError), self.product.desk.store.transaction() as tx:
                tx.connection.exec_driver_sql("SELECT pg_switch_wal()")

    def _free_disk(self) -> None:
        self._ballast.unlink(missing_ok=True)
