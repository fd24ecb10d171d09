"""The WeChat Official Account at /webhooks/wechat/webhook: plain, compatible or encrypted mode.

WeChat waits 5 s and asks up to three times again. What the bot has said in time stands in the response; otherwise the
message is acknowledged and its answer goes out as a customer-service message.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import structlog
import yaml
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply

from bot.channels.answering import Handler
from bot.channels.body import Forged
from bot.channels.callback import callback_routes
from bot.channels.delivering import now
from bot.channels.events import keep_unknown
from bot.channels.passive import PassiveReply
from bot.channels.pushing import Pusher, pusher_of_process
from bot.channels.wechat_envelope import Envelope, fields_in, is_aes_key
from heyue.delivery.sender import DeliveryReport
from heyue.desk import STRANGER, desk_of_process
from heyue.desk.replies import Waiting
from heyue.errors import BadInput

logger = structlog.get_logger(__name__)
CHANNEL, PROVIDER = "wechat", "wechat_official"
SUCCESS = "success"
ANSWER_SECONDS = 4.0  # of the 5 that WeChat waits
MOST_ADDRESS, MOST_KEY = 128, 100
DELIVERED, BLOCKED = "success", "failed:user block"
REFUSED = "43101"


@dataclass(frozen=True)
class Opened:
    """A message or event that is proved to be WeChat's."""

    fields: Mapping[str, str]
    is_sealed: bool

    @property
    def openid(self) -> str:
        return self.fields["FromUserName"]

    @property
    def kind(self) -> str:
        return self.fields["MsgType"].lower()

    @property
    def key(self) -> str:
        """What is the same when WeChat sends it again."""
        number = self.fields.get("MsgId") or f"{self.openid}{self.fields.get('CreateTime', '')}"
        return f"wechat:{number}"[:MOST_KEY]


class HeyueWechat(InputChannel):
    """Takes a follower's messages; closed until HEYUE_WECHAT_APP_ID is set."""

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The routes of the channel; Rasa mounts them below /webhooks/wechat."""
        return callback_routes(CHANNEL, "HEYUE_WECHAT_APP_ID", callback_from(os.environ, on_new_message))


@dataclass
class Callback:
    """What happens to WeChat's requests."""

    envelope: Envelope
    pusher: Pusher
    answer_seconds: float = ANSWER_SECONDS

    async def respond(self, request: Request) -> HTTPResponse | None:
        """The response; None when it has been written, with the answer in it.

        Raises:
            Forged, BadInput, StoreUnavailable: nothing was taken in.
        """
        started = time.monotonic()
        query = {name: values[0] for name, values in request.args.items()}
        self.envelope.check(query, now())
        if request.method == "GET":
            return response.text(str(query.get("echostr", "")))
        opened = self.opened(query, request.body)
        if opened.kind == "event":
            await self.pusher.entry.run(partial(take_event, opened, now()))
        else:
            await self.reply_to(opened, started, PassiveReply(request, partial(self.sealed, opened)))
        return None if request.responded else response.text(SUCCESS)

    def opened(self, query: Mapping[str, Any], body: bytes) -> Opened:
        """The message in a body. An account with a key takes nothing that is not encrypted."""
        fields = fields_in(body)
        sealed = fields.get("Encrypt", "")
        if self.envelope.crypto:
            if not sealed:
                raise Forged("the account is not in plain mode, the message is")
            fields = fields_in(self.envelope.decrypted(query, sealed, now()).encode())
        else:
            if sealed and "MsgType" not in fields:
                raise BadInput("an encrypted message needs HEYUE_WECHAT_AES_KEY")
            self.envelope.bind(str(query["signature"]), body)
        if not 0 < len(fields.get("FromUserName", "")) <= MOST_ADDRESS or not fields.get("MsgType"):
            raise BadInput("a message must have FromUserName and MsgType")
        return Opened(fields, self.envelope.crypto is not None)

    async def reply_to(self, opened: Opened, started: float, reply: PassiveReply) -> None:
        """Take a message in, and write the answer into the response if it stands in time."""
        text = said_in(opened)
        waits = self.answer_seconds > 0 and not self.pusher.is_crowded
        received, job = await self.pusher.take_in(CHANNEL, opened.openid, text, now(), opened.key, waits)
        if job and waits:
            await self.pusher.passive(job, self.answer_seconds - (time.monotonic() - started), reply)
        elif job is None and received.outcome != STRANGER:
            # with a human, or sent again because no response arrived: then the answer that was given is given again
            await self.pusher.deliveries.give(Waiting(received.conversation_id, received.turn_id, CHANNEL), reply)

    def sealed(self, opened: Opened, text: str) -> str:
        """A passive reply, encrypted where the account is."""
        reply = TextReply(
            source=opened.fields.get("ToUserName", ""), target=opened.openid, time=int(now().timestamp()),
            content=text.replace("]]>", "]] >"),
        )  # fmt: skip
        rendered: str = reply.render()
        if self.envelope.crypto is None:
            return rendered
        return str(self.envelope.crypto.encrypt_message(rendered, secrets.token_hex(8)))


def said_in(opened: Opened) -> str:
    """The words of a message; for one without words what stands for it, which the bot knows."""
    fields, kind = opened.fields, opened.kind
    words = {"text": fields.get("Content", ""), "voice": fields.get("Recognition", "")}.get(kind, "")
    return words if words or kind == "text" else stand_in_for(kind)


@cache
def _media() -> dict[str, str]:
    found: dict[str, str] = yaml.safe_load(Path(__file__).with_name("media.yml").read_text(encoding="utf-8"))
    return found


def stand_in_for(kind: str) -> str:
    """What stands in the transcript for a message that has no words."""
    return _media().get(kind, _media()["other"])


def take_event(opened: Opened, at: datetime) -> None:
    """What an event changes: who leaves has opted out (who comes back has not opted in by that), reports are kept, and so are
    names that nothing here knows."""
    event, fields = opened.fields.get("Event", "").lower(), opened.fields
    logger.info("wechat.event", event_type=event[:40])
    keep_unknown(CHANNEL, event, at)
    if event == "unsubscribe":
        desk_of_process().opt_out(CHANNEL, opened.openid, at)
    elif event == "templatesendjobfinish":
        status = fields.get("Status", "").lower()
        _report(fields.get("MsgID"), status == DELIVERED, status, at)
        if status == BLOCKED:
            desk_of_process().opt_out(CHANNEL, opened.openid, at)
    elif event == "subscribe_msg_sent_event":
        code = fields.get("ErrorCode", "0")
        _report(fields.get("MsgID"), code == "0", code, at)
        if code == REFUSED:
            desk_of_process().opt_out(CHANNEL, opened.openid, at)
    elif event == "subscribe_msg_change_event" and fields.get("SubscribeStatusString") == "reject":
        desk_of_process().opt_out(CHANNEL, opened.openid, at)


def _report(number: str | None, is_delivered: bool, code: str, at: datetime) -> None:
    if number:
        outcome = "delivered" if is_delivered else "failed"
        desk_of_process().record_report(
            DeliveryReport(PROVIDER, outcome, at, provider_id=number, code=None if is_delivered else code[:60])
        )


def callback_from(environment: Mapping[str, str], on_new_message: Handler) -> Callback | None:
    """The configured account; None when there is none.

    Raises:
        BadInput: a part of the configuration is missing or wrong.
    """
    app_id = environment.get("HEYUE_WECHAT_APP_ID")
    if not app_id:
        return None
    token, key = environment.get("HEYUE_WECHAT_TOKEN"), environment.get("HEYUE_WECHAT_AES_KEY")
    if not token:
        raise BadInput("HEYUE_WECHAT_APP_ID needs HEYUE_WECHAT_TOKEN beside it")
    if key and not is_aes_key(key):
        raise BadInput("HEYUE_WECHAT_AES_KEY must be the 43 characters of the EncodingAESKey")
    envelope = Envelope(token, WeChatCrypto(token, key, app_id) if key else None)
    seconds = float(environment.get("HEYUE_WECHAT_ANSWER_SECONDS") or ANSWER_SECONDS)
    return Callback(envelope, pusher_of_process(on_new_message), seconds)
