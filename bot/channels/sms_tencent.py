"""Tencent Cloud's SMS callbacks: /webhooks/sms_tencent/<token>/reply, one at a time, and …/report, in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.sms import Intake, Reported, Said, each_in, id_in, key_of, number_in, text_in
from bot.channels.sms_callback import SmsCallback
from heyue.delivery.sms_tencent import CODES, PROVIDER
from heyue.errors import BadInput


async def take_reply(intake: Intake, token: str, body: Any) -> None:
    """Take in what a borrower wrote."""
    if not isinstance(body, dict):
        raise BadInput("the body must be a JSON object")
    number, text = number_in(body, "mobile", _country(body)), text_in(body, "text")
    key = key_of("tencent", token, number, body.get("time"), body.get("extend"), text)
    await intake.take_said(Said(number, text, key))


async def take_reports(intake: Intake, token: str, body: Any) -> None:
    """Keep what became of messages."""

    async def take(raw: Mapping[str, Any]) -> None:
        if (provider_id := id_in(raw, "sid")) is None:
            raise BadInput("a report must name its message")
        is_delivered = raw.get("report_status") == "SUCCESS"
        number = number_in(raw, "mobile", _country(raw))
        await intake.take_report(
            Reported(PROVIDER, CODES, is_delivered, number, id_in(raw, "errmsg"), provider_id=provider_id)
        )

    await each_in(body if isinstance(body, list) else [body], take)


def _country(raw: Mapping[str, Any]) -> str:
    return str(raw.get("nationcode", "")).lstrip("+")


class HeyueSmsTencent(SmsCallback):
    """Takes SMS that borrowers write to our number at Tencent Cloud."""

    provider = "tencent"
    acknowledged = {"result": 0, "errmsg": "OK"}  # noqa: RUF012
    takers = {"reply": take_reply, "report": take_reports}  # noqa: RUF012
