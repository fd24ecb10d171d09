"""Sums against the table tests/data/amounts.jsonl, and what holds for any text."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heyue.understanding.amounts import AmountMention, find_amounts
from heyue.understanding.numerals import whole_number

TABLE = Path(__file__).parents[2] / "data/amounts.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
PIECES = [
    "三", "十", "百", "千", "万", "两", "零", "半", "k", "w", ".", ",", "5", "2000", "元", "块", "¥", "还", "全", "清", "最低", "一半",
    "剩下的", "月", "号", "圓", "壹", "仟", " ", "，", "\u200b", "１", "👍", "(",
]  # fmt: skip
anything = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
DIGITS, UNITS = "零一二三四五六七八九", ("", "十", "百", "千")


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['given']}" for case in CASES])
def test_amounts(case: dict) -> None:
    assert [mention.amount for mention in find_amounts(case["given"])] == case["expect"], case["why"]


@settings(deadline=None, max_examples=400)
@given(text=anything)
def test_any_text_gives_ordered_sums_inside_it(text: str) -> None:
    position = 0
    for mention in find_amounts(text):
        begin, end = mention.span
        assert position <= begin < end <= len(text)
        assert text[begin:end] == mention.text
        assert mention.amount in ("full", "half", "minimum") or re.fullmatch(r"\d+\.\d\d", mention.amount)
        assert AmountMention.from_dict(json.loads(json.dumps(mention.as_dict()))) == mention
        position = end


def in_chinese(value: int) -> str:
    """The usual way to write 1-99,999,999."""
    if value >= 10_000:
        rest = value % 10_000
        return (
            in_chinese(value // 10_000)
            + "万"
            + ("零" if 0 < rest < 1000 else "")
            + (in_chinese(rest) if rest else "")
        )
    said, gap = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + DIGITS[digit] + UNITS[place]
            gap = False
        else:
            gap = bool(said)
    return said


@given(value=st.integers(1, 99_999_999))
def test_numerals_come_back(value: int) -> None:
    assert whole_number(in_chinese(value)) == value
    assert whole_number(str(value)) == value


@given(value=st.integers(100, 999_999))
def test_ways_to_write_one_sum(value: int) -> None:
    for said in (f"{value}元", f"{in_chinese(value)}块", f"¥{value:,}", f"{value}.00元"):
        assert [mention.amount for mention in find_amounts(f"还{said}")] == [f"{value}.00"], said


@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_with_length_only(piece: str) -> None:
    """Four times the text takes about four times as long (no pattern backtracks badly)."""
    find_amounts(piece)
    small, large = seconds(piece * 200), seconds(piece * 800)
    assert large < 12 * small + 0.05


def seconds(text: str) -> float:
    """Processor seconds, the best of three: other processes do not count."""
    times = []
    for _ in range(3):
        begun = time.process_time()
        find_amounts(text)
        times.append(time.process_time() - begun)
    return min(times)
