"""微信客服 of WeCom: messages sent, what came in fetched from a cursor, a session given to a human."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import requests
import structlog
from wechatpy.exceptions import WeChatClientException

from heyue.delivery.sender import ACCEPTED, UNKNOWN, ProviderState, Receipt
from heyue.delivery.wechat_client import Account, NoToken, SharedTokenClient, number_of, receipt_of
from heyue.errors import BadInput
from heyue.records import OutboundMessage

logger = structlog.get_logger(__name__)
URL = "https://qyapi.weixin.qq.com"
CURSOR, TRANSFERRED = "wecom.cursor.", "wecom.transferred."
PAGE, MOST_PAGES = 200, 500
POOL, HUMAN = 2, 3  # service_state: waits for a human, served by one
PROVIDER = "wecom"


class Wecom:
    """One 微信客服 account."""

    name = PROVIDER
    channel = "wecom"

    def __init__(self, client: SharedTokenClient, state: ProviderState, open_kfid: str, human: str | None) -> None:
        self._client = client
        self._state = state
        self.open_kfid = open_kfid
        self.human = human

    def send(self, message: OutboundMessage, at: datetime) -> Receipt:
        """Give a message to WeCom under a number of ours: what it reports later names that."""
        msgid = number_of(message.message_id)
        data = {
            "touser": message.address, "open_kfid": self.open_kfid, "msgid": msgid, "msgtype": "text",
            "text": {"content": message.text},
        }  # fmt: skip
        receipt = receipt_of(self._client, lambda: self._client.call("kf/send_msg", data, at))
        return replace(receipt, provider_id=msgid) if receipt.outcome in (ACCEPTED, UNKNOWN) else receipt

    def fetch(self, at: datetime, take: Callable[[dict[str, Any]], None], token: str | None = None) -> int:
        """Hand over everything that has come in since last time, in order; how many messages and events.

        The cursor moves when a page has been taken: after a crash the page comes again (whoever takes it knows a msgid
        that it has seen), and nothing is left out.

        Args:
            token: of the callback; without it WeCom lets this be asked rarely.

        Raises:
            WeChatClientException, NoToken, requests.RequestException: nothing to be had now. What `take` raises.
        """
        count, has_more = 0, True
        for _ in range(MOST_PAGES):
            with self._state.exclusive(CURSOR + self.open_kfid):
                page = self._page(at, token)
                for each in page.get("msg_list", []):
                    take(each)
                if page.get("next_cursor"):
                    self._state.put(CURSOR + self.open_kfid, page["next_cursor"])
            count += len(page.get("msg_list", []))
            has_more = bool(page.get("has_more")) and bool(page.get("next_cursor"))
            if not has_more:
                break
        return count

    def _page(self, at: datetime, token: str | None) -> dict[str, Any]:
        cursor = self._state.get(CURSOR + self.open_kfid, at)
        data = {"open_kfid": self.open_kfid, "limit": PAGE, "voice_format": 0}
        data |= {name: value for name, value in (("cursor", cursor), ("token", token)) if value}
        return self._client.call("kf/sync_msg", data, at)

    def hand_over(self, address: str, conversation_id: str, at: datetime) -> bool:
        """Give the session with this customer to a human in WeCom, once for a conversation; False when it failed or
        no human is configured (then collectors answer in the coach)."""
        key = TRANSFERRED + conversation_id
        if self.human is None or self._state.get(key, at):
            return self.human is not None
        data: dict[str, Any] = {"open_kfid": self.open_kfid, "external_userid": address, "service_state": POOL}
        if self.human != "pool":
            data |= {"service_state": HUMAN, "servicer_userid": self.human}
        try:
            self._client.call("kf/service_state/trans", data, at)
        except (WeChatClientException, NoToken, requests.RequestException) as error:
            code = getattr(error, "errcode", getattr(error, "code", None))
            logger.error("wecom.not_handed_over", conversation=conversation_id, code=code, error=type(error).__name__)
            return False
        self._state.put(key, "1")
        return True


def sender_from(environment: Mapping[str, str], state: ProviderState) -> Wecom:
    """The configured account.

    Raises:
        BadInput: a part of the configuration is missing.
    """
    needed = ("HEYUE_WECOM_SECRET", "HEYUE_WECOM_OPEN_KFID")
    if missing := [name for name in needed if not environment.get(name)]:
        raise BadInput(f"HEYUE_WECOM_CORP_ID needs {' and '.join(missing)} beside it")
    corp_id = environment["HEYUE_WECOM_CORP_ID"]
    account = Account(
        "wecom", corp_id, environment.get("HEYUE_WECOM_URL") or URL, "gettoken",
        {"corpid": corp_id, "corpsecret": environment["HEYUE_WECOM_SECRET"]},
    )  # fmt: skip
    client = SharedTokenClient(account, state)
    return Wecom(client, state, environment["HEYUE_WECOM_OPEN_KFID"], environment.get("HEYUE_WECOM_HUMAN") or None)
