"""微信客服 of WeCom at /webhooks/wecom/webhook: the callback only says that something is there; it is fetched from a cursor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.channels.answering import Handler
from bot.channels.body import storable
from bot.channels.callback import callback_routes
from bot.channels.delivering import now
from bot.channels.events import keep_unknown
from bot.channels.pushing import Pusher, pusher_of_process
from bot.channels.wechat import stand_in_for
from bot.channels.wechat_envelope import Envelope, fields_in, is_aes_key
from heyue.delivery.sender import DeliveryReport
from heyue.delivery.wecom import PROVIDER, Wecom, sender_from
from heyue.desk import SILENT, desk_of_process
from heyue.errors import BadInput
from heyue.settings import ZONE

logger = structlog.get_logger(__name__)
CHANNEL = "wecom"
CUSTOMER = 3  # origin of what a customer wrote
USER_REFUSES = 10  # fail_type: the customer has blocked messages
MOST_ADDRESS = 128


class HeyueWecom(InputChannel):
    """Takes customers' messages; closed until HEYUE_WECOM_CORP_ID is set."""

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The routes of the channel; Rasa mounts them below /webhooks/wecom."""
        return callback_routes(CHANNEL, "HEYUE_WECOM_CORP_ID", callback_from(os.environ, on_new_message))


@dataclass
class Callback:
    """What happens to WeCom's requests, and to what is fetched then."""

    envelope: Envelope
    pusher: Pusher
    wecom: Wecom
    is_due: bool = True  # something may be there to fetch
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.pusher.each_tick.append(self.fetch)
        self.pusher.deliveries.after[CHANNEL] = self.hand_over

    async def respond(self, request: Request) -> HTTPResponse:
        """The response: the proof of the address, or nothing.

        Raises:
            Forged, BadInput: nothing is fetched.
        """
        query = {name: values[0] for name, values in request.args.items()}
        if request.method == "GET":
            return response.text(self.envelope.decrypted(query, str(query.get("echostr", "")), now()))
        sealed = fields_in(request.body).get("Encrypt", "")
        fields = fields_in(self.envelope.decrypted(query, sealed, now()).encode())
        event, account = fields.get("Event", ""), fields.get("OpenKfId")
        if event != "kf_msg_or_event" or account != self.wecom.open_kfid:
            logger.info("wecom.ignored", event_type=event[:40], is_ours=account == self.wecom.open_kfid)
            await self.pusher.entry.run(partial(keep_unknown, CHANNEL, event, now()))
        else:
            self.is_due = True
            self.pusher.in_background(self.fetch(fields.get("Token")))
        return response.text("")

    async def fetch(self, token: str | None = None) -> None:
        """Take in what is there. When that fails it stays due, for the next tick."""
        async with self._fetching:
            if not self.is_due:
                return
            self.is_due = False
            loop = asyncio.get_running_loop()
            try:
                take = partial(self._take, loop)
                await self.pusher.deliveries.in_thread(lambda: self.wecom.fetch(now(), take, token))
            except Exception as error:  # the provider or the store is away
                self.is_due = True
                logger.error("wecom.not_fetched", error=type(error).__name__)

    def _take(self, loop: asyncio.AbstractEventLoop, raw: dict[str, Any]) -> None:
        """Take in one message or event. Called in a thread; a message that was taken in before changes nothing.

        What cannot be read is left out: the cursor would stay before it, and nobody's message behind it be read any more.
        """
        if not isinstance(raw, dict):
            logger.warning("wecom.bad_item")
            return
        if raw.get("msgtype") == "event":
            take_event(_object(raw, "event"), now())
            return
        address = _words(raw, "external_userid")
        if raw.get("origin") != CUSTOMER or not 0 < len(address) <= MOST_ADDRESS:
            return
        taken = self.pusher.take_in(
            CHANNEL, address, said_in(raw), moment_in(raw, now()), f"wecom:{_words(raw, 'msgid')}"[:100]
        )
        received, job = asyncio.run_coroutine_threadsafe(taken, loop).result()
        if received.outcome == SILENT and job is None:
            self.hand_over(received.conversation_id)

    def hand_over(self, conversation_id: str) -> None:
        """Give the session to a human in WeCom, if the bot has handed the conversation over and said its farewell."""
        if self.wecom.human is None:
            return
        if address := desk_of_process().address_handed_over(conversation_id):
            self.wecom.hand_over(address, conversation_id, now())


def said_in(raw: Mapping[str, Any]) -> str:
    """The words of a message; for one without words what stands for it."""
    kind = str(raw.get("msgtype", ""))
    return _words(_object(raw, "text"), "content") if kind == "text" else stand_in_for(kind)


def _object(raw: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """What a field holds, empty where that is no object."""
    found = raw.get(field)
    return found if isinstance(found, dict) else {}


def _words(raw: Mapping[str, Any], field: str) -> str:
    """What a field says."""
    return storable(str(raw.get(field, "")))


def moment_in(raw: Mapping[str, Any], latest: datetime) -> datetime:
    """When a message was written; it may have waited for us."""
    sent = raw.get("send_time")
    return min(datetime.fromtimestamp(sent, ZONE), latest) if isinstance(sent, int) and 0 < sent < 2**33 else latest


def take_event(event: Mapping[str, Any], at: datetime) -> None:
    """What an event changes: a message failed, a customer refuses messages. Of others those that nothing here knows are kept."""
    kind, address = _words(event, "event_type"), _words(event, "external_userid")
    logger.info("wecom.event", event_type=kind[:40])
    keep_unknown(CHANNEL, kind, at)
    desk = desk_of_process()
    if kind == "msg_send_fail" and event.get("fail_msgid"):
        code = event.get("fail_type")
        desk.record_report(
            DeliveryReport(PROVIDER, "failed", at, provider_id=_words(event, "fail_msgid"), code=f"fail_type_{code}"[:60])
        )
        if code == USER_REFUSES and address:
            desk.opt_out(CHANNEL, address, at)
    elif kind == "reject_customer_msg_switch_change" and event.get("reject_switch") == 1 and address:
        desk.opt_out(CHANNEL, address, at)


def callback_from(environment: Mapping[str, str], on_new_message: Handler) -> Callback | None:
    """The configured account; None when there is none.

    Raises:
        BadInput: a part of the configuration is missing or wrong.
    """
    if not (corp_id := environment.get("HEYUE_WECOM_CORP_ID")):
        return None
    token, key = environment.get("HEYUE_WECOM_TOKEN", ""), environment.get("HEYUE_WECOM_AES_KEY", "")
    if not token or not is_aes_key(key):
        raise BadInput("HEYUE_WECOM_CORP_ID needs HEYUE_WECOM_TOKEN and HEYUE_WECOM_AES_KEY (43 characters) beside it")
    wecom = sender_from(environment, desk_of_process().provider_state(now))
    return Callback(Envelope(token, WeChatCrypto(token, key, corp_id)), pusher_of_process(on_new_message), wecom)
