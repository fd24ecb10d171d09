"""SMS by Tencent Cloud: SendSms with an approved signature and template; our message id travels as SessionContext."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.models import SendSmsRequest, SendSmsResponse
from tencentcloud.sms.v20210111.sms_client import SmsClient

from heyue.delivery.configuration import required, with_country
from heyue.delivery.network import TIMEOUT_SECONDS, receipt_of_no_answer, receipt_of_status
from heyue.delivery.sender import ACCEPTED, REFUSED, UNKNOWN, ProviderState, Receipt
from heyue.delivery.sms_codes import receipt_of_code
from heyue.delivery.sms_templates import Filled, NotFillable, SmsTemplate, counted, filled, templates_of
from heyue.records import OutboundMessage

PROVIDER, CODES = "sms_tencent", "tencent"
URL, REGION = "https://sms.tencentcloudapi.com", "ap-guangzhou"
HTTP_STATUS, NO_ANSWER = "http_", "ClientNetworkError"


class StatusClient(SmsClient):
    """Tencent Cloud's client, which tells the HTTP status of an answer that is not 200."""

    def _check_status(self, response: Any) -> None:
        if response.status_code != 200:
            raise TencentCloudSDKException(f"{HTTP_STATUS}{response.status_code}")


class SmsTencent:
    """Sends SMS of one application under one signature."""

    name = PROVIDER
    channel = "sms"

    def __init__(
        self, client: SmsClient, application: str, signature: str, templates: Mapping[str, SmsTemplate]
    ) -> None:
        self._client = client
        self._application = application
        self._signature = signature
        self._templates = templates

    def send(self, message: OutboundMessage, at: datetime) -> Receipt:
        """Give a message to Tencent Cloud."""
        try:
            receipt = _receipt_of(self._client.SendSms(self._request(message, filled(message, self._templates))))
            return counted(receipt, message, self._signature)
        except NotFillable as error:
            return Receipt(REFUSED, code=error.code)
        except TencentCloudSDKException as error:
            return _receipt_of_error(error)

    def _request(self, message: OutboundMessage, said: Filled) -> SendSmsRequest:
        request = SendSmsRequest()
        request.SmsSdkAppId = self._application
        request.SignName = self._signature
        request.PhoneNumberSet = [with_country(message.address)]
        request.TemplateId = said.template_id
        request.TemplateParamSet = list(said.values.values())
        request.SessionContext = message.message_id
        return request


def _receipt_of(answer: SendSmsResponse) -> Receipt:
    if not answer.SendStatusSet:
        return Receipt(UNKNOWN, code="no_status")
    status = answer.SendStatusSet[0]
    if status.Code == "Ok":
        return Receipt(ACCEPTED, provider_id=status.SerialNo)
    return receipt_of_code(CODES, str(status.Code))


def _receipt_of_error(error: TencentCloudSDKException) -> Receipt:
    """An error of the API has a request id; without one it is the SDK's or the network's."""
    code = str(error.code)
    if error.requestId:
        return receipt_of_code(CODES, code)
    if code.startswith(HTTP_STATUS):
        return receipt_of_status(int(code.removeprefix(HTTP_STATUS)))
    return receipt_of_no_answer(str(error.message)) if code == NO_ANSWER else Receipt(UNKNOWN, code=code)


def sender_from(environment: Mapping[str, str], state: ProviderState) -> SmsTencent:
    """The sender of the configured application.

    Raises:
        BadInput: a part of the configuration is missing, or the file of templates is not one.
    """
    secret_id, secret_key, application, signature = required(
        environment, "HEYUE_SMS_PROVIDER=tencent",
        "HEYUE_TENCENT_SECRET_ID", "HEYUE_TENCENT_SECRET_KEY", "HEYUE_TENCENT_SMS_APP_ID", "HEYUE_SMS_SIGNATURE",
    )  # fmt: skip
    url = urlsplit(environment.get("HEYUE_TENCENT_URL") or URL)
    http = HttpProfile(protocol=url.scheme, endpoint=url.netloc, reqTimeout=TIMEOUT_SECONDS)
    profile = ClientProfile(signMethod="TC3-HMAC-SHA256", httpProfile=http, disable_region_breaker=True)
    region = environment.get("HEYUE_TENCENT_REGION") or REGION
    client = StatusClient(Credential(secret_id, secret_key), region, profile)
    return SmsTencent(client, application, signature, templates_of(environment.get("HEYUE_SMS_TEMPLATES")))
