"""A stand-in for Tencent Cloud SMS: SendSms with the TC3 signature, callbacks of replies and reports."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from heyue.provider_sim.loopback import Asked
from heyue.provider_sim.sms import Sms, SmsProvider, plain_number

CREDENTIAL = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/([\d-]+)/sms/tc3_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})"
)
FRESH_SECONDS = 300


@dataclass
class TencentSms(SmsProvider):
    """One application."""

    secret_id: str = "AKID-stand-in"
    secret_key: str = "a-key-of-the-stand-in"
    application: str = "1400006666"
    signature: str = "云山消费金融"
    templates: dict[str, str] = field(default_factory=lambda: {"1001": "{1}"})

    def __post_init__(self) -> None:
        super().__post_init__()
        self._last_said = 0

    def respond(self, asked: Asked) -> dict[str, Any]:
        if problem := self._problem(asked):
            return self._response({"Error": {"Code": problem, "Message": problem}})
        return self._response({"SendStatusSet": [self._send(asked.json)]})

    def _response(self, content: dict[str, Any]) -> dict[str, Any]:
        return {"Response": content | {"RequestId": str(self.number())}}

    def _problem(self, asked: Asked) -> str | None:
        found = CREDENTIAL.fullmatch(asked.headers.get("authorization", ""))
        if found is None or found[1] != self.secret_id:
            return "AuthFailure.SecretIdNotFound"
        if abs(int(asked.headers["x-tc-timestamp"]) - time.time()) > FRESH_SECONDS:
            return "AuthFailure.SignatureExpire"
        if not hmac.compare_digest(found[4], signature_of(asked, found[2], found[3], self.secret_key)):
            return "AuthFailure.SignatureFailure"
        if (asked.headers["x-tc-action"], asked.headers["x-tc-version"]) != ("SendSms", "2021-01-11"):
            return "InvalidAction"
        return "RequestLimitExceeded" if self.is_too_fast() else None

    def _send(self, said: dict[str, Any]) -> dict[str, Any]:
        number = plain_number(said["PhoneNumberSet"][0])
        code, serial = self._taken(number, said)
        return {
            "Code": code, "SerialNo": serial, "PhoneNumber": said["PhoneNumberSet"][0], "Fee": int(code == "Ok"),
            "SessionContext": said.get("SessionContext", ""), "Message": "send success", "IsoCode": "CN",
        }  # fmt: skip

    def _taken(self, number: str, said: dict[str, Any]) -> tuple[str, str]:
        if (said["SmsSdkAppId"], said["SignName"]) != (self.application, self.signature):
            return "FailedOperation.SignatureIncorrectOrUnapproved", ""
        if not (number.isdigit() and len(number) == 11):
            return "InvalidParameterValue.IncorrectPhoneNumber", ""
        if number in self.refusers:
            return "FailedOperation.PhoneNumberInBlacklist", ""
        try:
            values = dict(enumerate(said.get("TemplateParamSet", []), 1))
            text = self.filled(said["TemplateId"], {str(place): value for place, value in values.items()})
        except KeyError:
            return "FailedOperation.TemplateIncorrectOrUnapproved", ""
        if text is None:
            return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate", ""
        return "Ok", self.keep(number, text, said.get("SessionContext", "")).provider_id

    # its side of the callbacks

    def said(self, number: str, text: str) -> dict[str, Any]:
        """Nobody writes twice in a second: a message has no other number."""
        self._last_said = max(int(time.time()), self._last_said + 1)
        return {
            "extend": "", "mobile": number, "nationcode": "86", "sign": self.signature, "text": text,
            "time": self._last_said,
        }  # fmt: skip

    def push_said(self, messages: list[dict[str, Any]]) -> httpx.Response:
        answers = [self.push(f"{self.callback}/reply", _is_taken, json=each) for each in messages]
        return answers[-1]

    def report(self, sms: Sms, code: str | None = None) -> httpx.Response:
        return self.push(f"{self.callback}/report", _is_taken, json=[self.reported(sms, code)])

    def reported(self, sms: Sms, code: str | None = None) -> dict[str, Any]:
        """A report that is not pushed yet."""
        return {
            "user_receive_time": time.strftime("%Y-%m-%d %H:%M:%S"), "nationcode": "86", "mobile": sms.number,
            "report_status": "FAIL" if code else "SUCCESS", "errmsg": code or "DELIVRD", "description": "",
            "sid": sms.provider_id,
        }  # fmt: skip


def signature_of(asked: Asked, day: str, signed_headers: str, key: str) -> str:
    """The signature of a request. Source: Tencent Cloud "签名方法 v3"."""
    headers = "".join(f"{name}:{asked.headers[name].lower()}\n" for name in signed_headers.split(";"))
    payload = hashlib.sha256(asked.body).hexdigest()
    request = f"{asked.method}\n{asked.path}\n\n{headers}\n{signed_headers}\n{payload}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    words = f"TC3-HMAC-SHA256\n{asked.headers['x-tc-timestamp']}\n{day}/sms/tc3_request\n{digest}"
    secret = f"TC3{key}".encode()
    for part in (day, "sms", "tc3_request"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    return hmac.new(secret, words.encode(), hashlib.sha256).hexdigest()


def _is_taken(answer: httpx.Response) -> bool:
    return bool(answer.json().get("result") == 0)
