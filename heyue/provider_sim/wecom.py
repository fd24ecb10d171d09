"""A stand-in for 微信客服 of WeCom: callback, sync_msg with a cursor, send_msg, session states."""

from __future__ import annotations

import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import xmltodict
from wechatpy.enterprise.crypto import WeChatCrypto

from heyue.provider_sim.loopback import Asked, Loopback
from heyue.provider_sim.wechat import FREE_MESSAGES, OK, Shown, xml_of

CUSTOMER, SYSTEM = 3, 4  # origin of a message
NEW, BOT, POOL, HUMAN = 0, 1, 2, 3  # service_state


@dataclass
class CustomerService(Loopback):
    """One 微信客服 account of one corporation. `page`: the most messages that one sync_msg gives."""

    corp_id: str = "ww0123456789abcdef"
    secret: str = "a-secret-of-the-stand-in"
    token: str = "tokenofthestandin"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    open_kfid: str = "wkStandIn"
    callback: str = ""
    page: int = 1000
    shown: list[Shown] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._access_token = ""  # none yet  # nosec B105
        self._numbers = itertools.count(1)
        self._free: dict[str, int] = {}

    def respond(self, asked: Asked) -> dict[str, Any]:
        if asked.path == "/cgi-bin/gettoken":
            return self._give_token(asked.query)
        if asked.query.get("access_token") != self._access_token:
            return {"errcode": 40014, "errmsg": "invalid access_token"}
        ways = {"sync_msg": self._sync, "send_msg": self._send, "trans": self._transfer}
        return ways[asked.path.rsplit("/", 1)[-1]](asked.json)

    def _give_token(self, query: dict[str, str]) -> dict[str, Any]:
        if (query.get("corpid"), query.get("corpsecret")) != (self.corp_id, self.secret):
            return {"errcode": 40001, "errmsg": "invalid credential"}
        self._access_token = secrets.token_hex(32)
        return OK | {"access_token": self._access_token, "expires_in": 7200}

    def _sync(self, said: dict[str, Any]) -> dict[str, Any]:
        if said.get("open_kfid") != self.open_kfid:
            return {"errcode": 95000, "errmsg": "invalid open_kfid"}
        start = int(said.get("cursor") or 0)
        end = min(start + min(self.page, said.get("limit", 1000)), len(self.log))
        return OK | {"next_cursor": str(end), "has_more": int(end < len(self.log)), "msg_list": self.log[start:end]}

    def _send(self, said: dict[str, Any]) -> dict[str, Any]:
        customer = said["touser"]
        if said.get("open_kfid") != self.open_kfid:
            return {"errcode": 95000, "errmsg": "invalid open_kfid"}
        if self.states.get(customer, NEW) not in (NEW, BOT):
            return {"errcode": 95018, "errmsg": "send msg session status invalid"}
        if customer not in self._free:
            return {"errcode": 95002, "errmsg": "send msg time limit"}
        if self._free[customer] == 0:
            return {"errcode": 95001, "errmsg": "send msg count limit"}
        self._free[customer] -= 1
        self.shown.append(Shown(customer, said["text"]["content"], "send_msg"))
        return OK | {"msgid": said.get("msgid") or secrets.token_hex(16)}

    def _transfer(self, said: dict[str, Any]) -> dict[str, Any]:
        self.states[said["external_userid"]] = said["service_state"]
        return OK | {"msg_code": secrets.token_hex(8)}

    # its side of the callback

    def keep(self, customer: str, text: str, kind: str = "text") -> None:
        """A customer's message that waits to be fetched."""
        content = {"content": text} if kind == "text" else {"media_id": "m"}
        self._free[customer] = FREE_MESSAGES
        self._add(CUSTOMER, kind, {"external_userid": customer, kind: content})

    def keep_event(self, event: str, **fields: Any) -> None:
        """An event that waits to be fetched."""
        self._add(SYSTEM, "event", {"event": {"event_type": event, "open_kfid": self.open_kfid} | fields})

    def _add(self, origin: int, kind: str, fields: dict[str, Any]) -> None:
        self.log.append(
            {"msgid": f"kf{next(self._numbers)}", "open_kfid": self.open_kfid, "send_time": int(time.time()),
             "origin": origin, "msgtype": kind} | fields
        )  # fmt: skip

    def say(self, customer: str, text: str) -> httpx.Response:
        """A customer writes, and the callback is told that something is there."""
        self.keep(customer, text)
        return self.notify()

    def notify(self, **changes: str) -> httpx.Response:
        """Tell the callback to fetch. `changes`: query parameters in place of the right ones."""
        fields = {
            "ToUserName": self.corp_id, "CreateTime": str(int(time.time())), "MsgType": "event",
            "Event": "kf_msg_or_event", "Token": secrets.token_hex(8), "OpenKfId": self.open_kfid,
        }  # fmt: skip
        query, sealed = self.sealed(xml_of(fields))
        body = xml_of({"ToUserName": self.corp_id, "Encrypt": sealed, "AgentID": ""})
        return httpx.post(self.callback, params=query | changes, content=body.encode(), timeout=5)

    def verify_address(self, **changes: str) -> httpx.Response:
        """Ask the callback to prove that it knows token and key: the echo must come back opened."""
        query, sealed = self.sealed("1616140317555161061")
        return httpx.get(self.callback, params=query | {"echostr": sealed} | changes)

    def sealed(self, text: str, timestamp: int | None = None) -> tuple[dict[str, str], str]:
        """The query that proves a text, and the text encrypted."""
        at, nonce = str(timestamp or int(time.time())), secrets.token_hex(5)
        crypto = WeChatCrypto(self.token, self.aes_key, self.corp_id)
        found = xmltodict.parse(crypto.encrypt_message(text, nonce, at))["xml"]
        return {"msg_signature": found["MsgSignature"], "timestamp": at, "nonce": nonce}, found["Encrypt"]

    def seen_by(self, customer: str) -> list[str]:
        """What a customer has seen, in order."""
        return [each.text for each in self.shown if each.openid == customer]
