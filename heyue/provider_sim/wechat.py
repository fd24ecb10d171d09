"""A stand-in for a WeChat Official Account: its API, and its side of the callback with signatures, encryption and retries."""

from __future__ import annotations

import hashlib
import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape  # writes XML, reads none  # nosec B406

import httpx
import xmltodict
from wechatpy.crypto import WeChatCrypto

from heyue.provider_sim.loopback import Asked, Loopback

PLAIN, COMPATIBLE, ENCRYPTED = "plain", "compatible", "encrypted"
ANSWER_SECONDS, RETRIES = 5.0, 3
FREE_MESSAGES = 5
OK = {"errcode": 0, "errmsg": "ok"}


@dataclass(frozen=True)
class Shown:
    """What a follower sees. `how`: passive, custom, template or subscription."""

    openid: str
    text: str
    how: str


@dataclass
class OfficialAccount(Loopback):
    """One account. `speed`: how much faster than WeChat it gives up waiting; `callback`: where it sends messages."""

    app_id: str = "wx0123456789abcdef"
    secret: str = "a-secret-of-the-stand-in"
    token: str = "a-token-of-the-stand-in"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    mode: str = PLAIN
    callback: str = ""
    speed: float = 1.0
    token_seconds: int = 7200
    shown: list[Shown] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # answers that make WeChat say 该公众号暂时无法提供服务
    attempts: int = 0
    refusers: set[str] = field(default_factory=set)
    unfollowed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._access_token, self._expires_at = "", 0.0
        self._numbers = itertools.count(10_000_000_001)
        self._free: dict[str, int] = {}  # messages that may still go to an openid; missing: no window
        self._replied: set[str] = set()

    # the API

    def respond(self, asked: Asked) -> dict[str, Any]:
        if asked.path == "/cgi-bin/token":
            return self._give_token(asked.query)
        if asked.query.get("access_token") != self._access_token:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        if time.monotonic() >= self._expires_at:
            return {"errcode": 42001, "errmsg": "access_token expired"}
        ways = {
            "/cgi-bin/message/custom/send": self._custom,
            "/cgi-bin/message/template/send": self._template,
            "/cgi-bin/message/subscribe/bizsend": self._subscription,
        }
        return ways[asked.path](asked.json) if asked.path in ways else {"errcode": 48001, "errmsg": "api unauthorized"}

    def _give_token(self, query: dict[str, str]) -> dict[str, Any]:
        if query.get("appid") != self.app_id:
            return {"errcode": 40013, "errmsg": "invalid appid"}
        if query.get("secret") != self.secret:
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        self._access_token, self._expires_at = secrets.token_hex(32), time.monotonic() + self.token_seconds
        return {"access_token": self._access_token, "expires_in": self.token_seconds}

    def forget_token(self) -> None:
        """The token is not valid any more, as when somebody else has asked for one."""
        self._access_token = secrets.token_hex(32)

    def _custom(self, said: dict[str, Any]) -> dict[str, Any]:
        openid, content = said["touser"], said["text"]["content"]
        if len(content.encode()) > 2048:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if openid in self.unfollowed or openid not in self._free:
            return {"errcode": 45015, "errmsg": "response out of time limit or subscription is canceled"}
        if self._free[openid] == 0:
            return {"errcode": 45047, "errmsg": "out of response count limit"}
        self._free[openid] -= 1
        self.shown.append(Shown(openid, content, "custom"))
        return OK

    def _template(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["touser"] in self.unfollowed:
            return {"errcode": 43004, "errmsg": "require subscribe"}
        self.shown.append(Shown(said["touser"], _fields(said), "template"))
        return OK | {"msgid": next(self._numbers)}

    def _subscription(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["touser"] in self.refusers:
            return {"errcode": 43101, "errmsg": "user refuse to accept the msg"}
        self.shown.append(Shown(said["touser"], _fields(said), "subscription"))
        return OK

    # its side of the callback

    def message(self, openid: str, text: str = "", kind: str = "text", **fields: str) -> dict[str, str]:
        """A message of a follower that is not sent yet: XML fields in order."""
        content = {"Content": text} if kind == "text" else {}
        return self._envelope(openid, kind) | content | fields | {"MsgId": str(next(self._numbers))}

    def event(self, openid: str, event: str, **fields: str) -> dict[str, str]:
        """An event that is not sent yet."""
        return self._envelope(openid, "event") | {"Event": event} | fields

    def _envelope(self, openid: str, kind: str) -> dict[str, str]:
        return {
            "ToUserName": "gh_standin", "FromUserName": openid, "CreateTime": str(int(time.time())), "MsgType": kind
        }  # fmt: skip

    def say(self, openid: str, text: str) -> None:
        """A follower writes."""
        self.push(self.message(openid, text))

    def push(self, fields: dict[str, str]) -> None:
        """Send a message or event to the callback, again up to three times while there is no answer in time."""
        if fields["MsgType"] != "event":
            self._free[fields["FromUserName"]] = FREE_MESSAGES
        for _ in range(1 + RETRIES):
            self.attempts += 1
            try:
                answer = self.post(fields)
            except httpx.HTTPError:
                continue
            if answer.status_code == 200:
                self._show(answer.text, fields)
                return
        self.broken.append("no answer")

    def post(self, fields: dict[str, str], **changes: str) -> httpx.Response:
        """One signed request. `changes`: query parameters in place of the right ones."""
        query, body = self.signed(fields)
        return httpx.post(
            self.callback, params=query | changes, content=body.encode(), timeout=ANSWER_SECONDS / self.speed,
            headers={"content-type": "text/xml"},
        )  # fmt: skip

    def signed(self, fields: dict[str, str]) -> tuple[dict[str, str], str]:
        """Query and body of a request in the account's mode."""
        query = self.signature() | {"openid": fields.get("FromUserName", "")}
        if self.mode == PLAIN:
            return query, xml_of(fields)
        crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
        sealed = crypto.encrypt_message(xml_of(fields), query["nonce"], query["timestamp"])
        found = xmltodict.parse(sealed)["xml"]
        visible = fields if self.mode == COMPATIBLE else {"ToUserName": fields.get("ToUserName", "")}
        query |= {"encrypt_type": "aes", "msg_signature": found["MsgSignature"]}
        return query, xml_of(visible | {"Encrypt": found["Encrypt"]})

    def signature(self, timestamp: int | None = None) -> dict[str, str]:
        """The query parameters that prove a request."""
        query = {"timestamp": str(timestamp or int(time.time())), "nonce": secrets.token_hex(5)}
        parts = "".join(sorted([self.token, query["timestamp"], query["nonce"]]))
        return query | {"signature": hashlib.sha1(parts.encode(), usedforsecurity=False).hexdigest()}

    def verify_address(self, **changes: str) -> httpx.Response:
        """Ask the callback to prove that it knows the token."""
        return httpx.get(self.callback, params=self.signature() | {"echostr": "5838479218127813673"} | changes)

    def _show(self, answer: str, fields: dict[str, str]) -> None:
        """Show a passive reply; one for each message, however often that was sent."""
        if answer in ("", "success"):
            return
        try:
            reply = self.opened(answer)
        except Exception as error:  # whatever it is: WeChat says that the account is out of order
            self.broken.append(f"{type(error).__name__}: {answer[:100]}")
            return
        number = fields.get("MsgId") or fields["FromUserName"] + fields["CreateTime"]
        if number not in self._replied:
            self._replied.add(number)
            self.shown.append(Shown(reply["ToUserName"], reply["Content"], "passive"))

    def opened(self, answer: str) -> dict[str, str]:
        """The fields of a passive reply; an encrypted one must be signed."""
        found = xmltodict.parse(answer)["xml"]
        if self.mode != PLAIN:
            crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
            proof = (found["MsgSignature"], found["TimeStamp"], found["Nonce"])
            found = xmltodict.parse(crypto.decrypt_message(answer, *proof))["xml"]
        return dict(found)

    def seen_by(self, openid: str) -> list[str]:
        """What a follower has seen, in order."""
        return [each.text for each in self.shown if each.openid == openid]


def xml_of(fields: dict[str, str]) -> str:
    """The fields as WeChat writes them."""
    return "<xml>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items()) + "</xml>"


def _fields(said: dict[str, Any]) -> str:
    return "，".join(f"{name}：{each['value']}" for name, each in said["data"].items())
