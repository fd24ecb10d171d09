"""Rasa's Twilio channel behind Twilio's signature, at /webhooks/twilio/webhook; reports come to /webhooks/twilio/status.

Rasa's channel reads the request; what it hands on goes over the desk, and the answer over the outbox.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.channels.twilio import TwilioInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from twilio.request_validator import RequestValidator

from bot.channels.answering import Handler
from bot.channels.body import Forged, storable
from bot.channels.pushing import pusher_of_process
from bot.channels.refusals import NOT_TAKEN, closed, refusal
from bot.channels.sms import Intake, Reported, Said, id_in, number_in
from heyue.delivery.configuration import required
from heyue.delivery.sms_twilio import CODES, PROVIDER
from heyue.errors import BadInput

logger = structlog.get_logger(__name__)
NAME = "twilio"
MOST_BYTES = 65_536
NO_CONTENT = 204
SETTLED = {"delivered": True, "undelivered": False, "failed": False}  # other states are on the way there


class HeyueTwilio(TwilioInput):
    """Takes SMS that borrowers write to our number at Twilio; closed until HEYUE_SMS_PROVIDER=twilio."""

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> HeyueTwilio:
        """The channel; what it needs stands in the environment."""
        return cls(None, None, None)

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Rasa's routes behind a check of each request, and that of reports.

        Raises:
            BadInput: Twilio is configured by half.
        """
        if os.environ.get("HEYUE_SMS_PROVIDER") != "twilio":
            return closed_routes()
        token, public_url = required(os.environ, "HEYUE_SMS_PROVIDER=twilio", "TWILIO_AUTH_TOKEN", "HEYUE_PUBLIC_URL")
        intake = Intake(pusher_of_process(on_new_message))
        routes: Blueprint = super().blueprint(partial(take, intake))
        intake.pusher.mount(routes)
        guard(routes, RequestValidator(token), public_url)
        add_reports(routes, intake)
        return routes

    def get_metadata(self, request: Request) -> dict[str, Any]:
        """What Rasa hands on with the words of a request."""
        return {name: request.form.get(name) for name in ("MessageSid", "OptOutType")}

    def get_output_channel(self) -> OutputChannel:
        """Nothing goes out but over the outbox."""
        return CollectingOutputChannel()

    @classmethod
    def _is_location_message(cls, request: Request) -> bool:
        """Rasa would write a location as a command to itself."""
        return False


async def take(intake: Intake, message: UserMessage) -> None:
    """Take in what Rasa's channel has read.

    Raises:
        BadInput: whoever wrote it has no number.
    """
    said = message.metadata or {}
    number, key = number_in({"From": message.sender_id}, "From"), f"twilio:{id_in(said, 'MessageSid')}"
    await intake.take_said(Said(number, storable(message.text or ""), key), confirms=not said.get("OptOutType"))


def guard(routes: Blueprint, validator: RequestValidator, public_url: str) -> None:
    """Let only what Twilio has signed reach the routes, and say politely what fails."""

    @routes.middleware("request")
    async def check(request: Request) -> HTTPResponse | None:
        return None if request.method == "GET" else problem_with(request, validator, public_url)

    @routes.exception(*NOT_TAKEN)
    async def not_taken(request: Request, error: Exception) -> HTTPResponse:
        return refusal(NAME, error)


def add_reports(routes: Blueprint, intake: Intake) -> None:
    """The route to which Twilio brings reports."""

    @routes.route("/status", methods=["POST"])
    async def report(request: Request) -> HTTPResponse:
        if reported := reported_in(request.args, request.form):
            await intake.take_report(reported)
        return response.text("", NO_CONTENT)


def closed_routes() -> Blueprint:
    """Routes that say that the channel is closed."""
    routes = Blueprint("heyue_twilio", __name__)

    @routes.route("/<path:path>", methods=["GET", "POST"])
    async def receive(request: Request, path: str) -> HTTPResponse:
        return closed(NAME, "HEYUE_SMS_PROVIDER=twilio")

    return routes


def problem_with(request: Request, validator: RequestValidator, public_url: str) -> HTTPResponse | None:
    """The answer to a request that is not taken; None for one that Twilio has sent and that says something."""
    try:
        if len(request.body) > MOST_BYTES:
            raise ValueError
        fields = dict(parse_qsl(request.body.decode("utf-8"), keep_blank_values=True, errors="strict"))
    except ValueError:
        return refusal(NAME, BadInput("the body must be a small form in UTF-8"))
    query = f"?{request.query_string}" if request.query_string else ""
    url = f"{public_url.rstrip('/')}{request.path}{query}"
    if not validator.validate(url, fields, request.headers.get("X-Twilio-Signature", "")):
        return refusal(NAME, Forged("the signature is wrong"))
    if request.path.endswith("/webhook") and not (fields.get("MessageSid") and fields.get("Body", "").strip()):
        logger.info("twilio.ignored", why="no words")
        return response.text("", NO_CONTENT)
    return None


def reported_in(query: Mapping[str, Any], form: Mapping[str, Any]) -> Reported | None:
    """The report in a request; None while the message is on its way.

    Raises:
        BadInput: it is none.
    """
    fields = {name: values[0] for name, values in form.items()}
    is_delivered = SETTLED.get(str(fields.get("MessageStatus")))
    if is_delivered is None:
        return None
    message_id = id_in({"message": (query.get("message") or "")}, "message")
    number = str(fields.get("To", ""))
    return Reported(
        PROVIDER, CODES, is_delivered, number, id_in(fields, "ErrorCode"), message_id, id_in(fields, "MessageSid")
    )
