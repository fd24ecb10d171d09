"""The REST channel at /webhooks/rest/webhook: {"sender", "message", "metadata"} in, a list of lines out.

`sender` is a phone number or an openid of the case file. Rasa itself never sees it. What a human wrote since the last message
stands before the bot's lines: this channel can only answer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.answering import Handler, bot_lines, in_work
from bot.channels.body import json_in, storable, string
from bot.channels.refusals import note_refusal
from bot.wording import channel_line
from heyue.desk import ANSWER, STRANGER, Received, desk_of_process
from heyue.desk.replies import Owed
from heyue.errors import BadInput
from heyue.settings import ZONE, Settings, moment_of
from heyue.watch.metrics import ANSWER_SECONDS, ANSWERS_FAILED

logger = structlog.get_logger(__name__)
MOST_BYTES, MOST_SENDER, MOST_KEY = 65_536, 128, 128
KEY_HEADER = "X-Message-Key"  # of nginx.conf: new with each request, the same when a dying process has it sent once more
OK, BAD_REQUEST, UNAVAILABLE = 200, 400, 503


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
        trust_message_time = Settings.from_environment().trust_message_time

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            try:
                incoming = parse(request.body, trust_message_time, request.headers.get(KEY_HEADER))
            except BadInput as error:
                note_refusal("rest", error)
                return response.json({"error": str(error)}, status=BAD_REQUEST)
            lines, status = await answer(incoming, on_new_message)
            return response.json(
                [{"recipient_id": incoming.sender, "text": line} for line in lines],
                status=status,
                ensure_ascii=False,
            )

        return routes


def parse(body: bytes, trust_message_time: bool, request_key: str | None = None) -> Incoming:
    """The message in a request body. `request_key` counts where the body has no message_id of its own.

    Raises:
        BadInput: too large, no JSON object, or a field that is missing or of another type.
    """
    raw = json_in(body, MOST_BYTES)
    if not isinstance(raw, dict):
        raise BadInput('the body must be a JSON object such as {"sender": "…", "message": "…"}')
    metadata = raw.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise BadInput('"metadata" must be an object')
    sender, text = string(raw, "sender").strip(), string(raw, "message")
    if not 0 < len(sender) <= MOST_SENDER:
        raise BadInput(f'"sender" must be a string of 1 to {MOST_SENDER} characters')
    key = metadata.get("message_id") or request_key
    return Incoming(
        sender, text, arrival(metadata, trust_message_time), storable(str(key))[:MOST_KEY] if key else None
    )


def arrival(metadata: dict[str, Any], trusted: bool) -> datetime:
    """When the message arrived: its own word where that is trusted, else the clock.

    Raises:
        BadInput: metadata.at is trusted and no ISO time with an offset.
    """
    if not trusted or "at" not in metadata:
        return datetime.now(ZONE)
    at = moment_of(metadata["at"])
    if at is None:
        raise BadInput(
            '"metadata.at" must be an ISO 8601 time with an offset, such as 2026-11-22T10:00:00+08:00'
        )
    return at


async def answer(incoming: Incoming, on_new_message: Handler) -> tuple[list[str], int]:
    """The bot's lines to a message and the HTTP status. What fails on our side is said politely, and logged."""
    received, begun = Received(ANSWER), time.monotonic()
    channel = "sms" if incoming.sender.lstrip("+").isdigit() else "wechat"
    try:
        received = desk_of_process().receive(
            channel, incoming.sender, incoming.text, incoming.at, incoming.message_key
        )
        if received.outcome == STRANGER:
            return ([channel_line("stranger")] if received.first_time else []), OK
        turn = Owed(received.conversation_id, received.session_id, received.turn_id, "rest", incoming.text, incoming.at,
                    received.is_behind)  # fmt: skip
        lines = await bot_lines(turn, on_new_message) if is_due(received) else []
        ANSWER_SECONDS.labels(channel).observe(time.monotonic() - begun)
        return [*received.said_meanwhile, *lines], OK
    except Exception as error:  # whatever failed, Rasa or the store: the borrower reads one polite line
        ANSWERS_FAILED.labels(channel).inc()
        logger.error("rest.turn_failed", conversation=received.conversation_id, turn=received.turn_id, exc_info=error)
        return [channel_line("technical_fault")], UNAVAILABLE


def is_due(received: Received) -> bool:
    """Whether the bot answers: a new message, or one that comes again because its answer was lost in a crash."""
    if received.outcome == ANSWER:
        return True
    return received.turn_id not in in_work and desk_of_process().owes_answer(
        received.conversation_id, received.turn_id
    )
