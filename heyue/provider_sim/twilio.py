"""A stand-in for Twilio's messages: its API with basic authentication, signed callbacks, STOP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from heyue.provider_sim.loopback import Asked, Refusal
from heyue.provider_sim.sms import Sms, SmsProvider, plain_number

NUMBER = re.compile(r"\+\d{8,15}")
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})


@dataclass
class TwilioSms(SmsProvider):
    """One account with one number."""

    account: str = "AC0123456789abcdef0123456789abcdef"
    token: str = "a-token-of-the-stand-in"
    our_number: str = "+15005550006"
    public_url: str = ""  # how Twilio sees the bot, where a proxy stands before it

    def respond(self, asked: Asked) -> dict[str, Any]:
        proof = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {proof}":
            raise _refusal(401, 20003, "Authenticate")
        if asked.path != f"/2010-04-01/Accounts/{self.account}/Messages.json":
            raise _refusal(404, 20404, "The requested resource was not found")
        if self.is_too_fast():
            raise _refusal(429, 20429, "Too Many Requests")
        return self._send(asked.form)

    def _send(self, said: dict[str, str]) -> dict[str, Any]:
        if not NUMBER.fullmatch(said["To"]):
            raise _refusal(400, 21211, "Invalid 'To' Phone Number")
        if plain_number(said["To"]) in self.refusers:
            raise _refusal(400, 21610, "Attempt to send to unsubscribed recipient")
        sms = self.keep(plain_number(said["To"]), said["Body"], "", said.get("StatusCallback", ""))
        return {"sid": sid_of(sms), "status": "queued", "to": said["To"], "body": said["Body"]}

    # its side of the callbacks

    def said(self, number: str, text: str) -> dict[str, Any]:
        number = number if number.startswith("+") else f"+86{number}"
        found = {
            "MessageSid": f"SM{self.number():032x}", "AccountSid": self.account, "From": number, "To": self.our_number,
            "Body": text, "NumMedia": "0", "FromCity": "",
        }  # fmt: skip
        if text.strip().upper() not in STOP_WORDS:
            return found
        self.refusers.add(plain_number(number))
        return found | {"OptOutType": "STOP"}

    def push_said(self, messages: list[dict[str, Any]]) -> httpx.Response:
        return [self.push_form(f"{self.callback}/webhook", each) for each in messages][-1]

    def report(self, sms: Sms, code: str | None = None) -> httpx.Response:
        return self.push_form(sms.report_to, self.reported(sms, code))

    def reported(self, sms: Sms, code: str | None = None) -> dict[str, Any]:
        """A report that is not pushed yet."""
        status = {"MessageStatus": "undelivered", "ErrorCode": code} if code else {"MessageStatus": "delivered"}
        return {"MessageSid": sid_of(sms), "AccountSid": self.account, "From": self.our_number, "To": f"+86{sms.number}"} | status

    def push_form(self, url: str, said: dict[str, Any], signature: str | None = None) -> httpx.Response:
        """One signed request; Twilio does not repeat it."""
        parts = urlsplit(self.callback)
        bot = f"{parts.scheme}://{parts.netloc}"
        public_url = self.public_url or bot
        proof = signature or signature_of(url.replace(bot, public_url, 1), said, self.token)
        here = url.replace(public_url, bot, 1)
        try:
            answer = httpx.post(here, data=said, headers={"X-Twilio-Signature": proof}, timeout=15)
        except httpx.HTTPError:
            answer = httpx.Response(0)
        self.unanswered += signature is None and not answer.is_success
        return answer


def sid_of(sms: Sms) -> str:
    """Twilio's name of a message."""
    return f"SM{int(sms.provider_id.split('^')[0]):032x}"


def signature_of(url: str, said: dict[str, Any], token: str) -> str:
    """The signature of a callback. Source: Twilio "Webhooks security"."""
    words = url + "".join(f"{name}{said[name]}" for name in sorted(said))
    return base64.b64encode(hmac.new(token.encode(), words.encode(), hashlib.sha1).digest()).decode()


def _refusal(status: int, code: int, words: str) -> Refusal:
    return Refusal(status, {"code": code, "message": words, "status": status})
