"""One record for everything read in a message; it travels as JSON and comes back the same."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from heyue.understanding.reading import READ_CHARACTERS, Reading, read

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=8)))  # a Friday
TEXTS = [
    "", "下周五发工资先还两千，月底再还三千", "5126", "不想活了", "昨天已经还了", "[语音]", "明天不行，后天吧",
    "過幾天", "2月30号还", "发了工资就还", "一半20号一半月底", "还" * 5000, "\x00\u202e",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=[text[:12] for text in TEXTS])
def test_travels_as_json(text: str) -> None:
    reading = read(text, NOW)
    assert Reading.from_dict(json.loads(json.dumps(reading.as_dict(), ensure_ascii=False))) == reading


def test_reads_everything_at_once() -> None:
    reading = read("工资没发，下周五先还两千", NOW)
    assert [promise.start.isoformat() for promise in reading.promises if promise.start] == ["2026-11-27"]
    assert [mention.amount for mention in reading.amounts] == ["2000.00"]
    assert reading.dates
    assert reading.reason == "salary_delayed"
    assert reading.id_digits is None
    assert reading.signals == frozenset()


def test_digits_of_an_id_may_be_an_amount_too() -> None:
    reading = read("3000", NOW)
    assert reading.id_digits == "3000"
    assert [mention.amount for mention in reading.amounts] == ["3000.00"]


def test_a_long_text_is_kept_whole_and_read_in_part() -> None:
    text = "啊" * READ_CHARACTERS + "不想活了，明天还三千"
    reading = read(text, NOW)
    assert reading.text == text
    assert reading.promises == ()
    assert "self_harm" not in reading.signals
