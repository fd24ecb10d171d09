"""`heyue worker`: plans campaigns, sends messages, looks promises up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from heyue.cli.options import Database
from heyue.desk import open_desk
from heyue.jobs.queue import open_queue
from heyue.jobs.worker import bench_of, run_worker
from heyue.settings import ZONE, Settings


def worker(
    database: Database = None,
    threads: Annotated[int, typer.Option(min=3, max=64, help="Tasks at once.")] = 4,
) -> None:
    """Plan the campaigns that run, send what is due and follow promises up, until stopped. Start as many as you like."""
    settings = Settings.from_environment(database)
    run_worker(open_queue(settings), bench_of(open_desk(settings), lambda: datetime.now(ZONE)), threads)
