"""Which SMS mean that somebody wants no more."""

from __future__ import annotations

import pytest

from bot.channels.sms import refuses


@pytest.mark.parametrize(
    "text",
    [
        "退订", "TD", "T", "R", "td", "t", "r", "Td", "ＴＤ", "Ｔ", "ｒ", " 退 订 ", "退订。", "“退订”", "回复TD", "回T", "TD退订", "我要退订",
        "请退订吧", "退订，谢谢", "T!", "\nTD\n", "STOP", "Stop.", "unsubscribe", "拒收", "取消订阅", "退订短信",
    ],
)  # fmt: skip
def test_a_refusal_is_heard_in_any_writing(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "。", "好", "退订酒店", "怎么退订", "我没退订", "退订费多少", "TDD", "T恤", "ATM", "TR", "R1", "明天还，别发TD了", "人工", "Tomorrow",
        "不退订", "收到", "退", "订", "t" * 50,
    ],
)  # fmt: skip
def test_other_words_are_no_refusal(text: str) -> None:
    assert not refuses(text)
