"""A bot without accounts starts as ever, and says that its channels are closed; one that is half configured does not start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

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
    ("environment", "says"),
    [
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
