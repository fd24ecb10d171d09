"""All stand-ins of one machine together: what goes out is shown, and one may write as any borrower."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from heyue.delivery.sms_text import segments
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import approve_templates, callback_of, environment_of
from heyue.provider_sim.loopback import Loopback
from heyue.provider_sim.sms import SmsProvider
from heyue.provider_sim.tencent import TencentSms
from heyue.provider_sim.twilio import TwilioSms
from heyue.provider_sim.wechat import OfficialAccount
from heyue.provider_sim.wecom import CustomerService

SMS_PROVIDERS: dict[str, Callable[..., SmsProvider]] = {
    "aliyun": AliyunSms, "tencent": TencentSms, "twilio": TwilioSms,
}  # fmt: skip
NUMBER = re.compile(r"\+?\d{5,20}")
CUSTOMER = "wm"  # how the ids of WeCom's customers begin


@dataclass(frozen=True)
class Line:
    """What a borrower gets. `channel`: also how, or in how many segments."""

    channel: str
    address: str
    text: str


class StandIns:
    """A WeChat Official Account, a WeCom customer service and an SMS provider, on three ports in a row."""

    def __init__(self, sms: str, bot_url: str, port: int, folder: Path) -> None:
        self.wechat = OfficialAccount(port=port)
        self.wecom = CustomerService(port=port + 1)
        self.sms = SMS_PROVIDERS[sms](port=port + 2, reports_itself=True)
        self._bot_url = bot_url
        self._folder = folder
        self._stack = ExitStack()
        self._shown = {"wechat": 0, "wecom": 0, "sms": 0}

    @property
    def all(self) -> tuple[Loopback, ...]:
        return self.wechat, self.wecom, self.sms

    def __enter__(self) -> StandIns:
        for stand_in in self.all:
            self._stack.enter_context(stand_in)
        for each in (self.wechat, self.wecom, self.sms):
            each.callback = callback_of(each, self._bot_url)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def environment(self) -> dict[str, str]:
        """What to set so that the product talks to them. Writes the files of templates."""
        self._folder.mkdir(parents=True, exist_ok=True)
        found: dict[str, str] = {}
        for stand_in in self.all:
            file = self._folder / f"templates_{type(stand_in).__name__}.yml"
            approve_templates(stand_in, file)
            found |= environment_of(stand_in, file, self._bot_url)
        return found

    def say(self, address: str, text: str) -> None:
        """Write as the borrower at this address: a telephone number, a WeCom customer (wm…), else an openid.

        Raises:
            httpx.HTTPError: the bot could not be asked.
        """
        if NUMBER.fullmatch(address):
            self.sms.say(address, text)
        elif address.startswith(CUSTOMER):
            self.wecom.say(address, text)
        else:
            self.wechat.say(address, text)

    def news(self) -> Iterator[Line]:
        """What has gone out since the last call."""
        for channel, stand_in in (("wechat", self.wechat), ("wecom", self.wecom)):
            for shown in stand_in.shown[self._shown[channel] :]:
                yield Line(f"{channel} {shown.how}", shown.openid, shown.text)
            self._shown[channel] = len(stand_in.shown)
        for sms in self.sms.sent[self._shown["sms"] :]:
            self._shown["sms"] += 1
            yield Line(f"sms {segments(sms.text)}", sms.number, sms.text)

    def failures(self) -> int:
        """How often the bot did not take what was brought to it."""
        return self.sms.unanswered + len(self.wechat.broken)
