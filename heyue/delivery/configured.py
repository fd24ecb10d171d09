"""Which providers this installation has: by the environment, each imported only when it is configured."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from heyue.delivery.sender import ProviderState, Sender
from heyue.errors import BadInput

BY_VARIABLE = {
    "HEYUE_WECHAT_APP_ID": ("wechat", "wechat_official"),
    "HEYUE_WECOM_CORP_ID": ("wecom", "wecom"),
}
SMS_PROVIDERS = {"aliyun": "sms_aliyun", "tencent": "sms_tencent", "twilio": "sms_twilio"}


def senders(environment: Mapping[str, str], state: ProviderState) -> dict[str, Sender]:
    """The senders of this installation by channel. Each provider's module offers `sender_from(environment, state)`.

    Raises:
        BadInput: a provider is not known, or lacks a part of its configuration.
    """
    return {
        channel: import_module(f"heyue.delivery.{module}").sender_from(environment, state)
        for channel, module in _modules(environment).items()
    }


def pushing_channels(environment: Mapping[str, str]) -> frozenset[str]:
    """The channels on which this installation can write of its own accord.

    Raises:
        BadInput: HEYUE_SMS_PROVIDER names no provider.
    """
    return frozenset(_modules(environment))


def sms_signature(environment: Mapping[str, str]) -> str | None:
    """What the configured SMS provider puts before each message: nothing with Twilio; None where none is configured."""
    provider = environment.get("HEYUE_SMS_PROVIDER")
    if not provider:
        return None
    return "" if provider == "twilio" else environment.get("HEYUE_SMS_SIGNATURE", "")


def _modules(environment: Mapping[str, str]) -> dict[str, str]:
    found = {channel: module for name, (channel, module) in BY_VARIABLE.items() if environment.get(name)}
    if provider := environment.get("HEYUE_SMS_PROVIDER"):
        if provider not in SMS_PROVIDERS:
            raise BadInput(f"HEYUE_SMS_PROVIDER must be one of {', '.join(SMS_PROVIDERS)}, not {provider!r}")
        found["sms"] = SMS_PROVIDERS[provider]
    return found
