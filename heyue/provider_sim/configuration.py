"""The environment in which the product takes a stand-in for the provider."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from heyue.outreach.wording import template_texts
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.loopback import Loopback
from heyue.provider_sim.sms import FIELD, SmsProvider
from heyue.provider_sim.tencent import TencentSms
from heyue.provider_sim.twilio import TwilioSms
from heyue.provider_sim.wechat import PLAIN, OfficialAccount
from heyue.provider_sim.wecom import CustomerService

CALLBACK_TOKEN = "callback-token-of-the-stand-in"  # opens nothing but a stand-in  # nosec B105


def environment_of(stand_in: Loopback, templates: Path | None = None, public_url: str = "") -> dict[str, str]:
    """The variables by which the product finds a stand-in.

    Args:
        templates: the file of our templates at this provider.
        public_url: where the provider reaches the bot, which Twilio asks for.
    """
    known = {
        OfficialAccount: _official, CustomerService: _wecom, AliyunSms: _aliyun, TencentSms: _tencent,
        TwilioSms: lambda provider: _twilio(provider) | {"HEYUE_PUBLIC_URL": public_url},
    }  # fmt: skip
    found: dict[str, str] = known[type(stand_in)](stand_in)  # type: ignore[operator]
    if templates is None or isinstance(stand_in, (CustomerService, TwilioSms)):
        return found
    return found | {f"HEYUE_{'WECHAT' if isinstance(stand_in, OfficialAccount) else 'SMS'}_TEMPLATES": str(templates)}


def _official(account: OfficialAccount) -> dict[str, str]:
    key = {} if account.mode == PLAIN else {"HEYUE_WECHAT_AES_KEY": account.aes_key}
    return key | {
        "HEYUE_WECHAT_APP_ID": account.app_id, "HEYUE_WECHAT_SECRET": account.secret,
        "HEYUE_WECHAT_TOKEN": account.token, "HEYUE_WECHAT_URL": account.url,
    }  # fmt: skip


def _wecom(service: CustomerService) -> dict[str, str]:
    return {
        "HEYUE_WECOM_CORP_ID": service.corp_id, "HEYUE_WECOM_SECRET": service.secret,
        "HEYUE_WECOM_OPEN_KFID": service.open_kfid, "HEYUE_WECOM_URL": service.url,
        "HEYUE_WECOM_TOKEN": service.token, "HEYUE_WECOM_AES_KEY": service.aes_key,
    }  # fmt: skip


def _aliyun(provider: AliyunSms) -> dict[str, str]:
    return {
        "HEYUE_SMS_PROVIDER": "aliyun", "HEYUE_ALIYUN_URL": provider.url, "HEYUE_SMS_SIGNATURE": provider.signature,
        "HEYUE_ALIYUN_ACCESS_KEY_ID": provider.key_id, "HEYUE_ALIYUN_ACCESS_KEY_SECRET": provider.secret,
        "HEYUE_SMS_CALLBACK_TOKEN": CALLBACK_TOKEN,
    }  # fmt: skip


def _tencent(provider: TencentSms) -> dict[str, str]:
    return {
        "HEYUE_SMS_PROVIDER": "tencent", "HEYUE_TENCENT_URL": provider.url, "HEYUE_SMS_SIGNATURE": provider.signature,
        "HEYUE_TENCENT_SECRET_ID": provider.secret_id, "HEYUE_TENCENT_SECRET_KEY": provider.secret_key,
        "HEYUE_TENCENT_SMS_APP_ID": provider.application, "HEYUE_SMS_CALLBACK_TOKEN": CALLBACK_TOKEN,
    }  # fmt: skip


def _twilio(provider: TwilioSms) -> dict[str, str]:
    return {
        "HEYUE_SMS_PROVIDER": "twilio", "HEYUE_TWILIO_URL": provider.url, "TWILIO_ACCOUNT_SID": provider.account,
        "TWILIO_AUTH_TOKEN": provider.token, "HEYUE_TWILIO_FROM": provider.our_number,
    }  # fmt: skip


def callback_of(stand_in: Loopback, bot_url: str) -> str:
    """Where the bot takes what a stand-in brings."""
    paths = {
        OfficialAccount: "wechat/webhook", CustomerService: "wecom/webhook", TwilioSms: "twilio",
        AliyunSms: f"sms_aliyun/{CALLBACK_TOKEN}", TencentSms: f"sms_tencent/{CALLBACK_TOKEN}",
    }  # fmt: skip
    return f"{bot_url}/webhooks/{paths[type(stand_in)]}"


def approve_templates(stand_in: Loopback, file: Path) -> None:
    """Have all wordings of heyue/outreach approved by a stand-in, and write down under which names."""
    texts = {name: said["sms"] for name, said in template_texts().items()} | {"free_words": "{text}"}
    if isinstance(stand_in, OfficialAccount):  # it shows the fields of whatever template
        fields = {"thing1": "person", "thing2": "creditor"}
        ours = {name: {"id": f"TM_{name}", "by": "template", "fields": fields} for name in template_texts()}
    elif isinstance(stand_in, SmsProvider):
        ours = {name: _approved(stand_in, f"{1001 + place}", text) for place, (name, text) in enumerate(texts.items())}
    else:
        return
    file.write_text(yaml.safe_dump(ours, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _approved(provider: SmsProvider, number: str, text: str) -> dict[str, Any]:
    """One template: named fields at Alibaba Cloud, numbered ones at Tencent Cloud."""
    names = list(dict.fromkeys(FIELD.findall(text)))
    if isinstance(provider, TencentSms):
        fields = {str(place): name for place, name in enumerate(names, 1)}
        text = re.sub(FIELD, lambda found: f"{{{names.index(found[1]) + 1}}}", text)
    else:
        number, fields = f"SMS_{number}", {name: name for name in names}
    provider.templates[number] = text
    return {"id": number, "fields": fields}
