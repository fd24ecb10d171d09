"""`heyue read-talks`: the coach's reader, which reads every talk with new turns and keeps what it finds."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import structlog
import typer

from heyue.cli.options import Database
from heyue.desk import Desk, open_desk
from heyue.errors import StoreUnavailable
from heyue.settings import ZONE, Settings
from heyue.watch import logs
from heyue.watch.exposition import serve_where_configured

logger = structlog.get_logger(__name__)
IDLE_SECONDS, AWAY_SECONDS = 0.05, 1.0


def read_talks(
    database: Database = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes, until stopped.")] = False,
) -> None:
    """Read the talks that have turns the coach has not seen, and keep types, tension, promises and suggestions."""
    logs.configure("reader")
    desk = open_desk(Settings.from_environment(database))
    unreadable: dict[str, int] = {}
    if not follow:
        count = 0
        while read := read_waiting(desk, unreadable):
            count += read
        print(f"read {count} talks, {len(unreadable)} could not be read")
        raise typer.Exit(1 if unreadable else 0)
    serve_where_configured()
    while True:
        try:
            time.sleep(0 if read_waiting(desk, unreadable) else IDLE_SECONDS)
        except StoreUnavailable as error:
            logger.error("reader.store_away", error=logs.reason(error))
            time.sleep(AWAY_SECONDS)


def read_waiting(desk: Desk, unreadable: dict[str, int]) -> int:
    """Read the talks that wait now; how many were read.

    A talk that cannot be read is logged and left until it has more turns (`unreadable` counts them): it must not keep
    the others waiting.
    """
    count = 0
    for conversation_id, turn_count in desk.unread_talks():
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
