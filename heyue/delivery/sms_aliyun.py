"""SMS by Alibaba Cloud: SendSms with an approved signature and template; our message id travels as OutId."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

from heyue.delivery.configuration import required
from heyue.delivery.network import TIMEOUT_SECONDS, receipt_of_no_answer, receipt_of_status
from heyue.delivery.sender import ACCEPTED, REFUSED, UNKNOWN, ProviderState, Receipt
from heyue.delivery.sms_codes import is_known, receipt_of_code
from heyue.delivery.sms_templates import Filled, NotFillable, SmsTemplate, counted, filled, templates_of
from heyue.records import OutboundMessage

PROVIDER, CODES = "sms_aliyun", "aliyun"
URL, VERSION = "https://dysmsapi.aliyuncs.com", "2017-05-25"
HTTP_ERROR = "SDK.HttpError"  # the SDK's word for: no answer
logging.getLogger("aliyunsdkcore.client").setLevel(logging.CRITICAL)  # it logs answers, and numbers in them


class SmsAliyun:
    """Sends SMS of one account under one signature."""

    name = PROVIDER
    channel = "sms"

    def __init__(self, client: AcsClient, url: str, signature: str, templates: Mapping[str, SmsTemplate]) -> None:
        self._client = client
        self._url = urlsplit(url)
        self._signature = signature
        self._templates = templates

    def send(self, message: OutboundMessage, at: datetime) -> Receipt:
        """Give a message to Alibaba Cloud."""
        try:
            request = self._request(message, filled(message, self._templates))
            receipt = _receipt_of(json.loads(self._client.do_action_with_exception(request)))
            return counted(receipt, message, self._signature)
        except NotFillable as error:
            return Receipt(REFUSED, code=error.code)
        except ServerException as error:
            return _receipt_of_error(str(error.get_error_code()), error.get_http_status())
        except ClientException as error:
            if error.get_error_code() == HTTP_ERROR:
                return receipt_of_no_answer(error.get_error_msg())
            return Receipt(REFUSED, code=error.get_error_code())
        except ValueError:
            return Receipt(UNKNOWN, code="no_json")

    def _request(self, message: OutboundMessage, said: Filled) -> CommonRequest:
        """All of it in the body: an address of a request may be logged on its way."""
        request = CommonRequest(self._url.hostname, VERSION, "SendSms")
        request.set_method("POST")
        request.set_protocol_type(self._url.scheme)
        for name, value in {
            "PhoneNumbers": message.address, "SignName": self._signature, "TemplateCode": said.template_id,
            "TemplateParam": json.dumps(said.values, ensure_ascii=False), "OutId": message.message_id,
        }.items():  # fmt: skip
            request.add_body_params(name, value)
        return request


def _receipt_of(answer: Any) -> Receipt:
    if not isinstance(answer, dict) or "Code" not in answer:
        return Receipt(UNKNOWN, code="no_code")
    if answer["Code"] == "OK":
        return Receipt(ACCEPTED, provider_id=answer.get("BizId"))
    return receipt_of_code(CODES, str(answer["Code"]))


def _receipt_of_error(code: str, status: int) -> Receipt:
    return receipt_of_code(CODES, code) if is_known(CODES, code) or status < 429 else receipt_of_status(status)


def sender_from(environment: Mapping[str, str], state: ProviderState) -> SmsAliyun:
    """The sender of the configured account.

    Raises:
        BadInput: a part of the configuration is missing, or the file of templates is not one.
    """
    key_id, secret, signature = required(
        environment, "HEYUE_SMS_PROVIDER=aliyun",
        "HEYUE_ALIYUN_ACCESS_KEY_ID", "HEYUE_ALIYUN_ACCESS_KEY_SECRET", "HEYUE_SMS_SIGNATURE",
    )  # fmt: skip
    url = environment.get("HEYUE_ALIYUN_URL") or URL
    client = AcsClient(
        key_id, secret, auto_retry=False, port=urlsplit(url).port or 443,
        connect_timeout=TIMEOUT_SECONDS[0], timeout=TIMEOUT_SECONDS[1],
    )  # fmt: skip
    return SmsAliyun(client, url, signature, templates_of(environment.get("HEYUE_SMS_TEMPLATES")))
