"""Every night: restrict what is settled, delete what no rule keeps any longer."""

from __future__ import annotations

import uuid

import structlog

from heyue.jobs.workbench import Workbench

logger = structlog.get_logger(__name__)


def retain(bench: Workbench) -> None:
    """Do what retention.yml says; a run that was cut off goes on at the next hour of the night."""
    done = bench.desk.run_retention(bench.now(), uuid.uuid4().hex, bench.is_stopping)
    if done:
        logger.info("retention.done", **done)
