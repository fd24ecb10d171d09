"""What providers tell that the product does not know: kept by name, number and moment, without anything of a person."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from heyue.desk.base import DeskBase
from heyue.store.provider_queries import UnknownEvent

NAME_LENGTH = 40
MOST_NAMES = 50  # kept apart; what comes under more names is kept together
OTHERS = "others"
KEPT = timedelta(days=180)  # after it came last


class ProviderEventDesk(DeskBase):
    """Events that nothing here knows."""

    def keep_event(self, channel: str, event: str, at: datetime) -> None:
        """Keep that an event of this name came."""
        name = re.sub(r"[^\w.-]", "?", event)[:NAME_LENGTH] or "?"
        with self.store.transaction() as tx:
            known = {(each.channel, each.name) for each in tx.unknown_events(at)}
            is_kept_apart = (channel, name) in known or len(known) < MOST_NAMES
            tx.keep_event(channel, name if is_kept_apart else OTHERS, at, at + KEPT)

    def unknown_events(self, at: datetime) -> list[UnknownEvent]:
        """Which came, the latest first."""
        with self.store.reading() as tx:
            found: list[UnknownEvent] = tx.unknown_events(at)
            return found
