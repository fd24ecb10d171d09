"""`heyue worker`: plans campaigns, sends messages, looks promises up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from heyue.cli.options import Database
from heyue.desk import open_desk
from heyue.desk.figures import StoreFigures
from heyue.jobs.heartbeat import Heartbeat
from heyue.jobs.queue import open_queue
from heyue.jobs.worker import bench_of, run_worker
from heyue.settings import ZONE, Settings
from heyue.watch import logs
from heyue.watch.exposition import serve_where_configured


def worker(
    database: Database = None,
    threads: Annotated[int, typer.Option(min=3, max=64, help="Tasks at once.")] = 4,
) -> None:
    """Plan the campaigns that run, send what is due and follow promises up, until stopped. Start as many as you like."""
    logs.configure("worker")
    settings = Settings.from_environment(database)
    desk = open_desk(settings)
    serve_where_configured(StoreFigures(lambda: desk, _now))
    run_worker(open_queue(settings), bench_of(desk, _now), threads, Heartbeat(settings.data_folder, "worker"))


def _now() -> datetime:
    return datetime.now(ZONE)
