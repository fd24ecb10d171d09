"""The event broker: what was understood and answered goes into the transcript, one transaction a turn."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

from heyue.desk import desk_of_process
from heyue.watch.logs import reason, unforeseen

logger = structlog.get_logger(__name__)
_verdicts: dict[int, bool] = {}


def verdict_on(turn_id: int) -> bool | None:
    """What became of the answer to a borrower's turn: True, it stands in the transcript and may be said; False, a
    human has taken over; None, there is no answer or it could not be stored. Known once, to the asking channel."""
    return _verdicts.pop(turn_id, None)


@dataclass
class OpenTurn:
    """A borrower's message and the lines said to it so far."""

    where: dict[str, Any]
    reading: dict[str, Any]
    lines: list[str] = field(default_factory=list)


class TranscriptBroker(EventBroker):
    """Gathers the events of a turn and writes them when the bot listens again."""

    def __init__(self) -> None:
        self._open: dict[str, OpenTurn] = {}

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig | None, event_loop: AbstractEventLoop | None = None
    ) -> TranscriptBroker:
        return cls()

    def publish(self, event: dict[str, Any]) -> None:
        """Take one event of Rasa's tracker."""
        session, kind = event["sender_id"], event["event"]
        if kind == "user" and (event.get("metadata") or {}).get("turn_id"):
            self._open[session] = OpenTurn(event["metadata"], understood(event))
        elif kind == "bot" and session in self._open and event.get("text"):
            self._open[session].lines.append(event["text"])
        elif kind == "action" and event["name"] == "action_listen" and session in self._open:
            turn = self._open.pop(session)
            if turn.lines:
                write(turn)


def write(turn: OpenTurn) -> None:
    """Store the turn through the desk and note the verdict. Never raises: Rasa would publish everything again."""
    where = turn.where
    try:
        _verdicts[where["turn_id"]] = desk_of_process().record_answer(
            where["conversation_id"],
            where["turn_id"],
            turn.reading,
            turn.lines,
            datetime.fromisoformat(where["at"]),
        )
    except Exception as error:
        logger.error("transcript.not_written", conversation=where["conversation_id"], turn=where["turn_id"],
                     why=reason(error), exc_info=unforeseen(error))  # fmt: skip


def understood(event: dict[str, Any]) -> dict[str, Any]:
    """Intent, confidence and reading of a user event."""
    parsed = event["parse_data"]
    intent = parsed.get("intent") or {}
    return {
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        **{name: value for name, value in (parsed.get("reading") or {}).items() if name != "text"},
    }
