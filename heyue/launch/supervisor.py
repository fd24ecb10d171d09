"""Start parts together, wait until all answer, watch them, stop all of them."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from types import FrameType

from heyue.launch.part import (
    Part,
    PartFailed,
    RunningPart,
    answers,
    dies_with_parent,
    fresh_log,
    last_lines,
    refuse_taken_port,
)

POLL_SECONDS = 0.1
STOP_SECONDS = 10.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody asked us to stop: Ctrl-C, SIGTERM, or the terminal was closed. Not an error."""


class Supervisor:
    """Holds the running parts. Use as a context: however the block ends, no part outlives it."""

    def __init__(self, folder: Path, environment: dict[str, str], logs: Path) -> None:
        self.folder, self.environment, self.logs = folder, environment, logs
        self.running: list[RunningPart] = []
        self.stop_requests = 0

    def __enter__(self) -> Supervisor:
        self._former = {number: signal.signal(number, self._note_stop) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for number, handler in self._former.items():
            signal.signal(number, handler)

    def _note_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_requests += 1

    def pause(self) -> None:
        """Let a moment pass.

        Raises:
            StopRequested: a stop was asked for.
        """
        if self.stop_requests:
            raise StopRequested
        time.sleep(POLL_SECONDS)

    def run_to_end(self, command: list[str], what: str) -> None:
        """Run a step that ends by itself. What it reports goes to our terminal, what it complains of to its log.

        Raises:
            PartFailed: it did not end well. StopRequested: a stop was asked for; the step has been ended.
        """
        log = fresh_log(self.logs, what)
        with log.open("wb") as err:
            step = subprocess.Popen(  # a command of ours, without a shell  # nosec B603
                command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stderr=err,
                start_new_session=True, preexec_fn=dies_with_parent(),
            )  # fmt: skip
        try:
            while step.poll() is None:
                self.pause()
        finally:
            if step.poll() is None:
                step.kill()
                step.wait()
        if step.returncode != 0:
            raise PartFailed(f"{what} ended with status {step.returncode}\n{last_lines(log)}")

    def start(self, parts: list[Part]) -> None:
        """Start all parts.

        Raises:
            PortTaken: one cannot listen; nothing was started.
        """
        for part in parts:
            refuse_taken_port(part)
        for part in parts:
            log = fresh_log(self.logs, part.name)
            self.running.append(RunningPart(part, self.folder, self.environment, log))

    def wait_until_all_answer(self, wait_seconds: float) -> None:
        """Wait for every part's health check.

        Raises:
            PartFailed: one ended, or did not answer in time. StopRequested: a stop was asked for.
        """
        until = time.monotonic() + wait_seconds
        silent = list(self.running)
        while silent:
            for one in self.running:
                one.refuse_end()
            silent = [one for one in silent if not answers(one.part)]
            if silent and time.monotonic() > until:
                late = silent[0]
                raise PartFailed(
                    f"the {late.part.name} did not answer within {wait_seconds:.0f} s\n{last_lines(late.log)}"
                )
            self.pause()

    def watch(self) -> None:
        """Keep watch until somebody asks us to stop (a plain return).

        Raises:
            PartFailed: a part ended by itself.
        """
        try:
            while True:
                for one in self.running:
                    one.refuse_end()
                self.pause()
        except StopRequested:
            return

    def stop(self) -> None:
        """End all parts: politely, then, after some seconds or a second Ctrl-C, by force."""
        asked_before = self.stop_requests
        for one in self.running:
            one.signal_group(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while any(one.process.poll() is None for one in self.running):
            if time.monotonic() > until or self.stop_requests > max(asked_before, 1):
                break
            time.sleep(POLL_SECONDS)
        for one in self.running:
            one.signal_group(signal.SIGKILL)  # also for what a part left behind in its group
            one.process.wait()
        self.running.clear()
