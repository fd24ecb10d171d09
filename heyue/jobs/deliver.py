"""Send what is due: begun every minute, goes on for most of it, so that nothing waits longer than a second."""

from __future__ import annotations

import time
from collections import Counter

import structlog

from heyue.jobs.workbench import Workbench

logger = structlog.get_logger(__name__)
REST_SECONDS = 1.0
AT_ONCE = 20  # messages between two looks at whether to stop


def deliver(bench: Workbench) -> Counter[str]:
    """Send what is due and what becomes due meanwhile; how many messages came to which state.

    What a provider does not take now it puts off by itself (Receipt.retry_after_seconds).
    """
    until, done = time.monotonic() + bench.shift_seconds, Counter[str]()
    while bench.senders and not bench.is_stopping():
        sent = bench.desk.deliver_due(bench.now, bench.senders, AT_ONCE)
        done += sent
        if time.monotonic() >= until:
            break
        if not sent:
            time.sleep(REST_SECONDS)
    if done:
        logger.info("outreach.delivered", **done)
    return done
