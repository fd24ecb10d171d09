"""A bot without accounts starts as ever, and says that its channels are closed; one that is half configured does not start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from heyue.provider_sim.configuration import CALLBACK_TOKEN
from tests.bot_process import Bot, running_bot
from tests.followers import bot_with


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(tmp_path_factory.mktemp("closed")) as running:
        yield running


@pytest.mark.parametrize(("channel", "variable"), [("wechat", "HEYUE_WECHAT_APP_ID"), ("wecom", "HEYUE_WECOM_CORP_ID")])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_channel_without_account_is_closed(bot: Bot, channel: str, variable: str, method: str) -> None:
    answer = httpx.request(method, f"{bot.url}/webhooks/{channel}/webhook")
    assert answer.status_code == 404
    assert variable in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "provider"),
    [("sms_aliyun/x/up", "aliyun"), ("sms_tencent/x/reply", "tencent"), ("twilio/webhook", "twilio"), ("twilio/status", "twilio")],
)
def test_an_sms_channel_is_closed_until_it_is_the_configured_one(bot: Bot, path: str, provider: str) -> None:
    answer = httpx.post(f"{bot.url}/webhooks/{path}", json=[])
    assert answer.status_code == 404
    assert f"HEYUE_SMS_PROVIDER={provider}" in answer.json()["error"]


ALIYUN = {
    "HEYUE_SMS_PROVIDER": "aliyun", "HEYUE_ALIYUN_ACCESS_KEY_ID": "k", "HEYUE_ALIYUN_ACCESS_KEY_SECRET": "s",
    "HEYUE_SMS_SIGNATURE": "云山消费金融",
}  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        (ALIYUN, "HEYUE_SMS_CALLBACK_TOKEN"),
        (ALIYUN | {"HEYUE_SMS_CALLBACK_TOKEN": "short"}, "HEYUE_SMS_CALLBACK_TOKEN"),
        (ALIYUN | {"HEYUE_SMS_CALLBACK_TOKEN": CALLBACK_TOKEN, "HEYUE_SMS_SIGNATURE": ""}, "HEYUE_SMS_SIGNATURE"),
        ({"HEYUE_SMS_PROVIDER": "tencent", "HEYUE_SMS_CALLBACK_TOKEN": CALLBACK_TOKEN}, "HEYUE_TENCENT_SMS_APP_ID"),
        ({"HEYUE_SMS_PROVIDER": "twilio", "TWILIO_AUTH_TOKEN": "t"}, "HEYUE_PUBLIC_URL"),
        ({"HEYUE_SMS_PROVIDER": "pigeon"}, "HEYUE_SMS_PROVIDER"),
        ({"HEYUE_WECHAT_APP_ID": "wx1", "HEYUE_WECHAT_SECRET": "s"}, "HEYUE_WECHAT_TOKEN"),
        ({"HEYUE_WECHAT_APP_ID": "wx1", "HEYUE_WECHAT_TOKEN": "t"}, "HEYUE_WECHAT_SECRET"),
        ({"HEYUE_WECHAT_APP_ID": "wx1", "HEYUE_WECHAT_SECRET": "s", "HEYUE_WECHAT_TOKEN": "t", "HEYUE_WECHAT_AES_KEY": "short"},
         "HEYUE_WECHAT_AES_KEY"),
        ({"HEYUE_WECOM_CORP_ID": "ww1", "HEYUE_WECOM_TOKEN": "t", "HEYUE_WECOM_AES_KEY": "a" * 43}, "HEYUE_WECOM_SECRET"),
        ({"HEYUE_WECOM_CORP_ID": "ww1"}, "HEYUE_WECOM_TOKEN"),
    ],
)  # fmt: skip
def test_a_half_configured_account_is_named_at_the_start(tmp_path: Path, environment: dict[str, str], says: str) -> None:
    with pytest.raises(RuntimeError, match=says), bot_with(tmp_path, environment):
        pass
    assert "Traceback" not in (tmp_path / "bot.log").read_text(encoding="utf-8")
