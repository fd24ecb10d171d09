"""The event broker: what was understood and answered goes into the transcript, one transaction a turn."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

from heyue.desk import desk_of_process


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
    """Store the turn through the desk."""
    desk_of_process().record_answer(
        turn.where["conversation_id"], turn.where["turn_id"], turn.reading, turn.lines,
        datetime.fromisoformat(turn.where["at"]),
    )  # fmt: skip


def understood(event: dict[str, Any]) -> dict[str, Any]:
    """Intent, confidence and reading of a user event."""
    parsed = event["parse_data"]
    intent = parsed.get("intent") or {}
    return {
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        **{name: value for name, value in (parsed.get("reading") or {}).items() if name != "text"},
    }
