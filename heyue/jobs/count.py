"""Every five minutes: count what became of the campaigns whose last count is old."""

from __future__ import annotations

import uuid

import structlog

from heyue.jobs.workbench import Workbench

logger = structlog.get_logger(__name__)


def count(bench: Workbench) -> None:
    """Keep what became of campaigns, so that nobody waits for it who looks."""
    done = bench.desk.count_campaigns(bench.now(), uuid.uuid4().hex, bench.is_stopping)
    if done:
        logger.info("campaigns.counted", campaigns=done)
