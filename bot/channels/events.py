"""Events of providers that nothing here knows: kept by name and moment, so that somebody can see that they come, and ignored."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import yaml

from heyue.desk import desk_of_process


def keep_unknown(channel: str, event: str, at: datetime) -> None:
    """Keep an event that events.yml does not name.

    Raises:
        StoreUnavailable: it was not kept; the provider brings it again.
    """
    if event.lower() not in _known()[channel]:
        desk_of_process().keep_event(channel, event, at)


@cache
def _known() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("events.yml").read_text(encoding="utf-8"))
    return found
