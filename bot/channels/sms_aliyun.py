"""Alibaba Cloud's SMS callbacks: /webhooks/sms_aliyun/<token>/up (SmsUp) and …/report (SmsReport), in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.sms import Intake, Reported, Said, each_in, id_in, key_of, number_in, text_in
from bot.channels.sms_callback import SmsCallback
from heyue.delivery.sms_aliyun import CODES, PROVIDER
from heyue.errors import BadInput


async def take_up(intake: Intake, token: str, body: Any) -> None:
    """Take in what borrowers wrote, in their order."""

    async def take(raw: Mapping[str, Any]) -> None:
        number, text = number_in(raw, "phone_number"), text_in(raw, "content")
        key = key_of("aliyun", token, number, raw.get("send_time"), raw.get("sequence_id"), text)
        await intake.take_said(Said(number, text, key))

    await each_in(sorted(batch(body), key=_sent_at), take)


async def take_reports(intake: Intake, token: str, body: Any) -> None:
    """Keep what became of messages."""

    async def take(raw: Mapping[str, Any]) -> None:
        reported = Reported(
            PROVIDER, CODES, raw.get("success") is True, number_in(raw, "phone_number"), id_in(raw, "err_code"),
            id_in(raw, "out_id"), id_in(raw, "biz_id"),
        )  # fmt: skip
        if reported.message_id is None and reported.provider_id is None:
            raise BadInput("a report must name its message")
        await intake.take_report(reported)

    await each_in(batch(body), take)


def batch(body: Any) -> list[Any]:
    """The items of a body.

    Raises:
        BadInput: it is no array.
    """
    if not isinstance(body, list):
        raise BadInput("the body must be a JSON array")
    return body


def _sent_at(raw: Any) -> str:
    return str(raw.get("send_time", "")) if isinstance(raw, dict) else ""


class HeyueSmsAliyun(SmsCallback):
    """Takes SMS that borrowers write to our number at Alibaba Cloud."""

    provider = "aliyun"
    acknowledged = {"code": 0, "msg": "接收成功"}  # noqa: RUF012
    takers = {"up": take_up, "report": take_reports}  # noqa: RUF012
