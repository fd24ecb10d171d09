"""What a bot needs to talk to the stand-in of an SMS provider."""

from __future__ import annotations

from pathlib import Path

from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import environment_of
from heyue.provider_sim.sms import SmsProvider
from heyue.provider_sim.tencent import TencentSms

TEMPLATES = {
    AliyunSms: "free_words: {id: SMS_FREE, fields: {text: text}}\n"
    'reminder_early: {id: "77", fields: {who: person, what: subject}}\n',
    TencentSms: 'free_words: {id: "1001", fields: {1: text}}\n'
    'reminder_early: {id: "77", fields: {1: person, 2: subject}}\n',
}


def sms_environment(provider: SmsProvider, folder: Path, public_url: str = "http://127.0.0.1:9") -> dict[str, str]:
    """The configuration of a bot for this account, with a file of templates in the folder."""
    file = folder / "sms_templates.yml"
    file.write_text(TEMPLATES.get(type(provider), "{}"), encoding="utf-8")
    return environment_of(provider, file, public_url)
