"""Requests that a channel does not take: answered, counted, and logged with the reason, which is the sender's fault or ours."""

from __future__ import annotations

import structlog
from sanic import response
from sanic.response import HTTPResponse

from bot.channels.body import Forged
from heyue.errors import BadInput, StoreUnavailable
from heyue.watch.logs import reason
from heyue.watch.metrics import WEBHOOK_REFUSALS

logger = structlog.get_logger(__name__)
BAD_REQUEST, FORBIDDEN, NOT_FOUND, UNAVAILABLE = 400, 403, 404, 503
NOT_TAKEN = (Forged, BadInput, StoreUnavailable)
CLOSED, FORGED, BAD_INPUT, NOT_STORED = "closed", "forged", "bad_input", "not_stored"


def closed(channel: str, variable: str) -> HTTPResponse:
    """The answer of a channel that is not configured; somebody's asking counts."""
    note_closed(channel)
    return response.json({"error": f"this channel is closed until {variable} is set"}, NOT_FOUND)


def refusal(channel: str, error: Exception) -> HTTPResponse:
    """The answer to a request that was not taken, which is counted and logged."""
    note_refusal(channel, error)
    if isinstance(error, Forged):
        return response.text("", FORBIDDEN)
    if isinstance(error, BadInput):
        return response.text(str(error), BAD_REQUEST)
    return response.text("", UNAVAILABLE)  # the provider brings it again


def note_closed(channel: str) -> None:
    """Somebody asked a channel that is not configured."""
    WEBHOOK_REFUSALS.labels(channel, CLOSED).inc()


def note_refusal(channel: str, error: Exception) -> None:
    """A request was not taken."""
    if isinstance(error, Forged):
        why, says = FORGED, str(error)
    elif isinstance(error, BadInput):
        why, says = BAD_INPUT, str(error)
    else:
        why, says = NOT_STORED, reason(error)
    WEBHOOK_REFUSALS.labels(channel, why).inc()
    note = logger.error if why == NOT_STORED else logger.warning
    note(f"webhook.{why}", channel=channel, why=says)
