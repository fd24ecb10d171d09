"""`heyue read-talks`: the coach's reader, which reads every talk with new turns and keeps what it finds."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import structlog
import typer

from heyue.cli.options import Database
from heyue.desk import Desk, open_desk
from heyue.desk.reading import LEASE
from heyue.errors import StoreUnavailable
from heyue.jobs.heartbeat import Heartbeat
from heyue.settings import ZONE, Settings
from heyue.watch import logs
from heyue.watch.exposition import serve_where_configured

logger = structlog.get_logger(__name__)
MOST_AT_ONCE = 10  # talks that a reader claims: the others wait for it, or for its lease where it dies
IDLE_SECONDS, AWAY_SECONDS = 0.05, 1.0


def read_talks(
    database: Database = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes, until stopped.")] = False,
) -> None:
    """Read the talks that have turns the coach has not seen, and keep types, tension, promises and suggestions."""
    logs.configure("reader")
    settings = Settings.from_environment(database)
    desk = open_desk(settings)
    unreadable: dict[str, int] = {}
    if not follow:
        count = read_all(desk, unreadable)
        print(f"read {count} talks, {len(unreadable)} could not be read")
        if any(unreadable.get(here) != turns for here, turns in desk.unread_talks(len(unreadable) + 1)):
            print(f"others are in the hands of another reader; where that has stopped, read again in {LEASE.seconds} s")
        raise typer.Exit(1 if unreadable else 0)
    serve_where_configured()
    heartbeat = Heartbeat(settings.data_folder, "reader")
    while True:
        heartbeat.beat()
        try:
            time.sleep(0 if read_waiting(desk, unreadable) else IDLE_SECONDS)
        except StoreUnavailable as error:
            logger.error("reader.store_away", error=logs.reason(error))
            time.sleep(AWAY_SECONDS)


def read_all(desk: Desk, unreadable: dict[str, int]) -> int:
    """Read until nothing waits but what cannot be read; how many were read."""
    count, before = 0, (-1, 0)
    while (now := (count, len(unreadable))) != before:
        before = now
        count += read_waiting(desk, unreadable)
    return count


def read_waiting(desk: Desk, unreadable: dict[str, int]) -> int:
    """Read the talks that wait now; how many were read.

    A talk that cannot be read is logged and left until it has more turns (`unreadable` counts them): it must not keep
    the others waiting.
    """
    count = 0
    for conversation_id, turn_count in desk.claim_talks(MOST_AT_ONCE + len(unreadable), datetime.now(ZONE)):
        if unreadable.get(conversation_id) == turn_count:
            continue
        try:
            desk.read_talk(conversation_id, datetime.now(ZONE))
            count += 1
        except StoreUnavailable:
            raise
        except Exception as error:
            unreadable[conversation_id] = turn_count
            logger.error("reader.talk_unreadable", conversation=conversation_id, error=type(error).__name__)
    return count
