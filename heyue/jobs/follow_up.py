"""Every ten minutes: look up what became of promises whose day has come or passed."""

from __future__ import annotations

import structlog

from heyue.jobs.workbench import Workbench

logger = structlog.get_logger(__name__)


def follow_up(bench: Workbench) -> None:
    """Write down where promises stand; the plan then thanks, asks why, or calls a person."""
    changed = bench.desk.settle_promises(bench.now())
    if changed:
        logger.info("outreach.promises", **changed)
