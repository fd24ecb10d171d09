"""Callbacks of SMS providers that sign nothing: a secret token in the address proves where they come from."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.answering import Handler
from bot.channels.body import Forged, json_in
from bot.channels.pushing import pusher_of_process
from bot.channels.refusals import NOT_FOUND, NOT_TAKEN, closed, refusal
from bot.channels.sms import Intake
from heyue.errors import BadInput

MOST_BYTES = 524_288  # a batch
TOKEN_VARIABLE = "HEYUE_SMS_CALLBACK_TOKEN"  # the name of a variable  # nosec B105
TOKEN = re.compile(r"[A-Za-z0-9_-]{24,128}")
Taker = Callable[[Intake, str, Any], Awaitable[None]]  # where to, the token, the JSON of the body


class SmsCallback(InputChannel):
    """Takes what one provider brings to /webhooks/<name>/<token>/<what>; closed until it is the configured one."""

    provider: ClassVar[str]  # as HEYUE_SMS_PROVIDER names it
    acknowledged: ClassVar[dict[str, Any]]
    takers: ClassVar[Mapping[str, Taker]]  # by <what>

    @classmethod
    def name(cls) -> str:
        return f"sms_{cls.provider}"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The routes of the channel; Rasa mounts them below /webhooks/<name>.

        Raises:
            BadInput: the provider is configured by half.
        """
        routes = Blueprint(f"heyue_{self.name()}", __name__)
        token = token_from(os.environ, self.provider)
        intake = Intake(pusher_of_process(on_new_message)) if token else None
        if intake:
            intake.pusher.mount(routes)

        @routes.route("/<said_token:str>/<what:str>", methods=["POST"])
        async def receive(request: Request, said_token: str, what: str) -> HTTPResponse:
            if intake is None or token is None:
                return closed(self.name(), f"HEYUE_SMS_PROVIDER={self.provider}")
            try:
                check(token, said_token)
                return await self.taken(intake, token, what, request.body)
            except NOT_TAKEN as error:
                return refusal(self.name(), error)

        return routes

    async def taken(self, intake: Intake, token: str, what: str, body: bytes) -> HTTPResponse:
        """The answer to a request of the provider, once what it brings is stored.

        Raises:
            BadInput, StoreUnavailable: it is not.
        """
        if what not in self.takers:
            return response.text("", NOT_FOUND)
        await self.takers[what](intake, token, json_in(body, MOST_BYTES))
        return response.json(self.acknowledged, ensure_ascii=False)


def check(token: str, said: str) -> None:
    """Make sure that a request knows the token.

    Raises:
        Forged: it does not.
    """
    if not hmac.compare_digest(token.encode(), said.encode()):
        raise Forged("the token in the address is wrong")


def token_from(environment: Mapping[str, str], provider: str) -> str | None:
    """The token of the callbacks; None where this is not the configured provider.

    Raises:
        BadInput: there is none, or it can be guessed.
    """
    if environment.get("HEYUE_SMS_PROVIDER") != provider:
        return None
    token = environment.get(TOKEN_VARIABLE, "")
    if not TOKEN.fullmatch(token):
        raise BadInput(f"HEYUE_SMS_PROVIDER={provider} needs {TOKEN_VARIABLE}: 24 to 128 letters and digits nobody guesses")
    return token
