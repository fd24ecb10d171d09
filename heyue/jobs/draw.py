"""Every minute: draw talks for review, so that those who look at the queue wait for a few only."""

from __future__ import annotations

import time

from heyue.jobs.workbench import Workbench


def draw(bench: Workbench) -> None:
    """Draw what has ended since the last time, and what is left from before the first for most of the minute."""
    until = time.monotonic() + bench.shift_seconds
    while bench.desk.fill_queue(bench.now()) and not bench.is_stopping() and time.monotonic() < until:
        pass
