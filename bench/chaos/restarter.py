"""What ends is started again, as Docker does it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from tests.compose_processes import Instance, Stack

FIRST_WAIT, LONGEST_WAIT, STEADY_SECONDS = 0.1, 60.0, 10.0  # Docker's restart policy
LOOK_SECONDS = 0.05


@dataclass
class Restarter:
    """Starts again what has ended, as `restart: unless-stopped` does: after 0.1 s, and twice as long each time that it ends
    within ten seconds. `held`: services that stay away."""

    stack: Stack
    held: set[str] = field(default_factory=set)
    restarts: int = 0

    def __post_init__(self) -> None:
        self._ending = threading.Event()
        self._paused = threading.Event()
        self._waits: dict[str, float] = {}
        self._started: dict[str, float] = {}
        self._thread = threading.Thread(target=self._look, daemon=True)  # children die with the thread that started them
        self._thread.start()

    def pause(self) -> None:
        """Start nothing any more; the thread stays, since what it started dies with it."""
        self._paused.set()

    def end(self) -> None:
        self._ending.set()
        self._thread.join(30)

    def _look(self) -> None:
        due: dict[str, float] = {}
        while not self._ending.wait(LOOK_SECONDS):
            now = time.monotonic()
            for each in self.stack.instances if not self._paused.is_set() else ():
                if each.service in self.held or each.service == "migrate" or each.running is None or each.running.process.poll() is None:
                    due.pop(each.name, None)
                elif each.name not in due:
                    due[each.name] = now + self._wait(each, now)
                elif now >= due[each.name]:
                    self._start(each, now)
                    del due[each.name]

    def _wait(self, each: Instance, now: float) -> float:
        ran = now - self._started.get(each.name, 0.0)
        wait = FIRST_WAIT if ran > STEADY_SECONDS else min(2 * self._waits.get(each.name, FIRST_WAIT / 2), LONGEST_WAIT)
        self._waits[each.name] = wait
        return wait

    def _start(self, each: Instance, now: float) -> None:
        self._started[each.name] = now
        self.restarts += 1
        self.stack.start(each)
