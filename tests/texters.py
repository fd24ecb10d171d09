"""Borrowers who write SMS to a running bot, and its configuration for each stand-in."""

from __future__ import annotations

from pathlib import Path

from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.sms import SmsProvider
from heyue.provider_sim.tencent import TencentSms
from heyue.provider_sim.twilio import TwilioSms

CALLBACK_TOKEN = "0123456789abcdef0123456789abcdef"
TEMPLATES = {
    AliyunSms: "free_words: {id: SMS_FREE, fields: {text: text}}\n"
    'reminder_early: {id: "77", fields: {who: person, what: subject}}\n',
    TencentSms: 'free_words: {id: "1001", fields: {1: text}}\n'
    'reminder_early: {id: "77", fields: {1: person, 2: subject}}\n',
    TwilioSms: "{}",
}


def sms_environment(provider: SmsProvider, folder: Path, public_url: str = "http://127.0.0.1:9") -> dict[str, str]:
    """The configuration of a bot for this account. `public_url`: where the bot is reached."""
    templates = folder / "sms_templates.yml"
    templates.write_text(TEMPLATES[type(provider)], encoding="utf-8")
    shared = {
        "HEYUE_SMS_TEMPLATES": str(templates), "HEYUE_SMS_SIGNATURE": "云山消费金融",
        "HEYUE_SMS_CALLBACK_TOKEN": CALLBACK_TOKEN,
    }  # fmt: skip
    if isinstance(provider, AliyunSms):
        return shared | {
            "HEYUE_SMS_PROVIDER": "aliyun", "HEYUE_ALIYUN_URL": provider.url,
            "HEYUE_ALIYUN_ACCESS_KEY_ID": provider.key_id, "HEYUE_ALIYUN_ACCESS_KEY_SECRET": provider.secret,
        }  # fmt: skip
    if isinstance(provider, TencentSms):
        return shared | {
            "HEYUE_SMS_PROVIDER": "tencent", "HEYUE_TENCENT_URL": provider.url,
            "HEYUE_TENCENT_SECRET_ID": provider.secret_id, "HEYUE_TENCENT_SECRET_KEY": provider.secret_key,
            "HEYUE_TENCENT_SMS_APP_ID": provider.application,
        }  # fmt: skip
    assert isinstance(provider, TwilioSms)
    return {
        "HEYUE_SMS_PROVIDER": "twilio", "HEYUE_TWILIO_URL": provider.url, "TWILIO_ACCOUNT_SID": provider.account,
        "TWILIO_AUTH_TOKEN": provider.token, "HEYUE_TWILIO_FROM": provider.our_number, "HEYUE_PUBLIC_URL": public_url,
    }  # fmt: skip


def callback_of(provider: SmsProvider, bot_url: str) -> str:
    """Where the bot takes this provider's callbacks."""
    if isinstance(provider, TwilioSms):
        return f"{bot_url}/webhooks/twilio"
    name = "aliyun" if isinstance(provider, AliyunSms) else "tencent"
    return f"{bot_url}/webhooks/sms_{name}/{CALLBACK_TOKEN}"
