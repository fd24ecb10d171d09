"""Which providers an installation has."""

from __future__ import annotations

import pytest

from heyue.delivery.configured import pushing_channels
from heyue.errors import BadInput


@pytest.mark.parametrize(
    ("environment", "channels"),
    [
        ({}, set()),
        ({"HEYUE_WECHAT_APP_ID": ""}, set()),
        ({"HEYUE_WECHAT_APP_ID": "wx1"}, {"wechat"}),
        ({"HEYUE_WECOM_CORP_ID": "ww1", "HEYUE_SMS_PROVIDER": "aliyun"}, {"wecom", "sms"}),
        ({"HEYUE_SMS_PROVIDER": "twilio"}, {"sms"}),
    ],
)
def test_a_channel_has_a_sender_when_it_is_configured(environment: dict[str, str], channels: set[str]) -> None:
    assert pushing_channels(environment) == channels


def test_a_provider_that_does_not_exist_is_named() -> None:
    with pytest.raises(BadInput, match="aliyun, tencent, twilio"):
        pushing_channels({"HEYUE_SMS_PROVIDER": "pigeon"})
