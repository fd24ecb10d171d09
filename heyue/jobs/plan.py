"""Every minute: carry out the campaigns that are due (each every quarter of an hour, by one worker)."""

from __future__ import annotations

import structlog

from heyue.jobs.workbench import Workbench

logger = structlog.get_logger(__name__)


def plan(bench: Workbench) -> None:
    """Put what campaigns want into the outbox, and give cases to people."""
    done = bench.desk.run_campaigns(bench.now())
    if done:
        logger.info("outreach.planned", **done)
