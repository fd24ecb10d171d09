"""Requests that a channel does not take: counted, and logged with the reason, which is the sender's fault or ours."""

from __future__ import annotations

import structlog

from bot.channels.body import Forged
from heyue.errors import BadInput
from heyue.watch.logs import reason
from heyue.watch.metrics import WEBHOOK_REFUSALS

logger = structlog.get_logger(__name__)
CLOSED, FORGED, BAD_INPUT, NOT_STORED = "closed", "forged", "bad_input", "not_stored"


def note_closed(channel: str) -> None:
    """Somebody asked a channel that is not configured."""
    WEBHOOK_REFUSALS.labels(channel, CLOSED).inc()


def note_refusal(channel: str, error: Exception, **where: str) -> None:
    """A request was not taken. `where`: what the log says besides."""
    if isinstance(error, Forged):
        why, says = FORGED, str(error)
    elif isinstance(error, BadInput):
        why, says = BAD_INPUT, str(error)
    else:
        why, says = NOT_STORED, reason(error)
    WEBHOOK_REFUSALS.labels(channel, why).inc()
    note = logger.error if why == NOT_STORED else logger.warning
    note(f"webhook.{why}", channel=channel, why=says, **where)
