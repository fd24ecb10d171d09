"""The REST channel at /webhooks/rest/webhook: {"sender", "message", "metadata"} in, a list of lines out.

`sender` is a phone number or an openid of the case file. Rasa itself never sees it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.wording import channel_line
from heyue.desk import ANSWER, STRANGER, Desk, Received, desk_of_process
from heyue.errors import BadInput, HeyueError
from heyue.settings import Settings

logger = structlog.get_logger(__name__)
ZONE = ZoneInfo("Asia/Shanghai")
MOST_BYTES = 65_536
Handler = Callable[[UserMessage], Awaitable[Any]]


@dataclass(frozen=True)
class Incoming:
    """A message as it came in."""

    sender: str
    text: str
    at: datetime
    message_key: str | None


class HeyueRest(InputChannel):
    """Takes messages for the bot over HTTP and gives its lines back in the answer."""

    @classmethod
    def name(cls) -> str:
        return "rest"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The routes of the channel; Rasa mounts them below /webhooks/rest."""
        routes = Blueprint("heyue_rest", __name__)

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            try:
                incoming = parse(request.body, Settings.from_environment().trust_message_time)
            except BadInput as error:
                return response.json({"error": str(error)}, status=400)
            lines, status = await answer(incoming, on_new_message)
            return response.json(
                [{"recipient_id": incoming.sender, "text": line} for line in lines], status=status, ensure_ascii=False
            )

        return routes


def parse(body: bytes, trust_message_time: bool) -> Incoming:
    """The message in a request body.

    Raises:
        BadInput: too large, no JSON object, or a field that is missing or of another type.
    """
    if len(body) > MOST_BYTES:
        raise BadInput(f"the body is larger than {MOST_BYTES} bytes")
    try:
        raw = json.loads(body)
    except ValueError:
        raise BadInput("the body must be a JSON object in UTF-8") from None
    if not isinstance(raw, dict):
        raise BadInput('the body must be a JSON object such as {"sender": "…", "message": "…"}')
    sender, text, metadata = raw.get("sender"), raw.get("message"), raw.get("metadata") or {}
    if not isinstance(sender, str) or not sender.strip() or len(sender) > 128:
        raise BadInput('"sender" must be a string of 1 to 128 characters')
    if not isinstance(text, str):
        raise BadInput('"message" must be a string')
    if not isinstance(metadata, dict):
        raise BadInput('"metadata" must be an object')
    key = metadata.get("message_id")
    clean = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be stored
    return Incoming(sender, clean, arrival(metadata, trust_message_time), str(key)[:128] if key else None)


def arrival(metadata: dict[str, Any], trusted: bool) -> datetime:
    """When the message arrived: its own word where that is trusted, else the clock.

    Raises:
        BadInput: metadata.at is trusted and no ISO time with an offset.
    """
    if not trusted or "at" not in metadata:
        return datetime.now(ZONE)
    try:
        at = datetime.fromisoformat(metadata["at"])
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise BadInput('"metadata.at" must be an ISO 8601 time with an offset, such as 2026-11-22T10:00:00+08:00')
    return at.astimezone(ZONE)


async def answer(incoming: Incoming, on_new_message: Handler) -> tuple[list[str], int]:
    """The bot's lines to a message and the HTTP status. What fails on our side is said politely, and logged."""
    try:
        desk = desk_of_process()
        channel = "sms" if incoming.sender.lstrip("+").isdigit() else "wechat"
        received = desk.receive(channel, incoming.sender, incoming.text, incoming.at, incoming.message_key)
        if received.outcome == STRANGER:
            return ([channel_line("stranger")] if received.first_time else []), 200
        if received.outcome != ANSWER:
            return [], 200
        return await bot_lines(desk, received, incoming, on_new_message), 200
    except HeyueError as error:
        logger.error("rest.turn_failed", error=type(error).__name__, reason=str(error))
        return [channel_line("technical_fault")], 503


async def bot_lines(desk: Desk, received: Received, incoming: Incoming, on_new_message: Handler) -> list[str]:
    """What Rasa says to the message, once it stands in the transcript and no human has taken over."""
    collector = CollectingOutputChannel()
    where = {
        "conversation_id": received.conversation_id,
        "turn_id": received.turn_id,
        "at": incoming.at.isoformat(),
    }
    try:
        await on_new_message(
            UserMessage(
                incoming.text or " ", collector, received.session_id, input_channel="rest", metadata=where
            )
        )
    except Exception as error:  # Rasa's own faults have no common root; the borrower still gets an answer
        logger.error("rest.rasa_failed", error=type(error).__name__, conversation=received.conversation_id)
    if desk.may_deliver(received.conversation_id, received.turn_id):
        return [message["text"] for message in collector.messages if message.get("text")]
    if not desk.bot_may_speak(received.conversation_id):
        return []
    logger.error("rest.no_answer_recorded", conversation=received.conversation_id, turn=received.turn_id)
    return [channel_line("technical_fault")]
