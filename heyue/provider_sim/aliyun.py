"""A stand-in for Alibaba Cloud SMS: SendSms with the RPC signature, SmsUp and SmsReport."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

import httpx

from heyue.provider_sim.loopback import Asked, Refusal
from heyue.provider_sim.sms import Sms, SmsProvider, plain_number

FRESH_SECONDS = 900


@dataclass
class AliyunSms(SmsProvider):
    """One account."""

    key_id: str = "LTAI-stand-in"
    secret: str = "a-secret-of-the-stand-in"
    signature: str = "云山消费金融"
    templates: dict[str, str] = field(default_factory=lambda: {"SMS_FREE": "{text}"})

    def __post_init__(self) -> None:
        super().__post_init__()
        self._nonces: set[str] = set()

    def respond(self, asked: Asked) -> dict[str, Any]:
        said = asked.query | asked.form
        self._check_signature(asked.method, said)
        if (said.get("Action"), said.get("Version")) != ("SendSms", "2017-05-25"):
            raise Refusal(404, {"Code": "InvalidAction.NotFound", "Message": "no such API"})
        if self.is_too_fast():
            raise Refusal(400, {"Code": "Throttling.User", "Message": "Request was denied due to user flow control."})
        return {"RequestId": str(self.number())} | self._send(said)

    def _check_signature(self, method: str, said: dict[str, str]) -> None:
        if said.get("AccessKeyId") != self.key_id:
            raise Refusal(404, {"Code": "InvalidAccessKeyId.NotFound", "Message": "Specified access key is not found."})
        if said.get("Signature") != signature_of(method, said, self.secret):
            raise Refusal(400, {"Code": "SignatureDoesNotMatch", "Message": "server string to sign is:?"})
        stamp = datetime.strptime(said["Timestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
        if abs(stamp.timestamp() - time.time()) > FRESH_SECONDS:
            raise Refusal(400, {"Code": "InvalidTimeStamp.Expired", "Message": "the time stamp has expired"})
        if said["SignatureNonce"] in self._nonces:
            raise Refusal(400, {"Code": "SignatureNonceUsed", "Message": "the nonce was used"})
        self._nonces.add(said["SignatureNonce"])

    def _send(self, said: dict[str, str]) -> dict[str, Any]:
        number = plain_number(said["PhoneNumbers"])
        if not (number.isdigit() and len(number) == 11):
            return {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "号码格式错误"}
        if said["SignName"] != self.signature:
            return {"Code": "isv.SMS_SIGNATURE_ILLEGAL", "Message": "签名不合法"}
        try:
            text = self.filled(said["TemplateCode"], json.loads(said["TemplateParam"]))
        except KeyError:
            return {"Code": "isv.SMS_TEMPLATE_ILLEGAL", "Message": "模板不合法"}
        if text is None:
            return {"Code": "isv.TEMPLATE_MISSING_PARAMETERS", "Message": "模板变量缺少参数"}
        sms = self.keep(number, text, said.get("OutId", ""))
        return {"Code": "OK", "Message": "OK", "BizId": sms.provider_id}

    # its side of the callbacks

    def said(self, number: str, text: str) -> dict[str, Any]:
        return {
            "phone_number": number, "send_time": _now(), "content": text, "sign_name": self.signature,
            "dest_code": "1234", "sequence_id": self.number(),
        }  # fmt: skip

    def push_said(self, messages: list[dict[str, Any]]) -> httpx.Response:
        return self.push(f"{self.callback}/up", _is_taken, json=messages)

    def report(self, sms: Sms, code: str | None = None) -> httpx.Response:
        return self.push(f"{self.callback}/report", _is_taken, json=[self.reported(sms, code)])

    def reported(self, sms: Sms, code: str | None = None) -> dict[str, Any]:
        """A report that is not pushed yet."""
        code = code or ("MOBILE_IN_BLACK" if sms.number in self.refusers else None)
        return {
            "phone_number": sms.number, "send_time": _now(), "report_time": _now(), "success": code is None,
            "err_code": code or "DELIVERED", "err_msg": "" if code else "用户接收成功", "sms_size": "1",
            "biz_id": sms.provider_id, "out_id": sms.message_id,
        }  # fmt: skip


def signature_of(method: str, said: dict[str, str], secret: str) -> str:
    """The signature of an RPC request. Source: Alibaba Cloud "RPC 机制", signature version 1.0."""
    fields = sorted((name, value) for name, value in said.items() if name != "Signature")
    query = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in fields)
    words = f"{method}&%2F&{_encoded(query)}"
    return base64.b64encode(hmac.new(f"{secret}&".encode(), words.encode(), hashlib.sha1).digest()).decode()


def _encoded(words: str) -> str:
    return quote(words, safe="-_.~")


def _is_taken(answer: httpx.Response) -> bool:
    return bool(answer.json().get("code") == 0)


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")
