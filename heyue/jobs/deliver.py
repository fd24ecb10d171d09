"""Send what is due: begun every minute, goes on for most of it, so that nothing waits longer than a second."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import structlog

from heyue.jobs.workbench import Workbench

logger = structlog.get_logger(__name__)
LASTS = timedelta(seconds=50)
REST_SECONDS = 1.0
AT_ONCE = 100


def deliver(bench: Workbench, lasts: timedelta = LASTS) -> Counter[str]:
    """Send what is due and what becomes due meanwhile; how many messages came to which state.

    A provider that takes no more puts its messages off by itself (Receipt.retry_after_seconds).
    """
    until, done = bench.now() + lasts, Counter[str]()
    while bench.senders:
        sent = bench.desk.deliver_due(bench.now(), bench.senders, AT_ONCE, bench.now)
        done += sent
        if bench.now() >= until:
            break
        if not sent:
            time.sleep(REST_SECONDS)
    if done:
        logger.info("outreach.delivered", **done)
    return done
