"""Promises as the rules judge them against the table tests/data/promises.jsonl, and what holds for any text."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heyue.understanding.promise_rules import judge_by_rules
from heyue.understanding.promises import Promise, extract_promises, judged_promises

TABLE = Path(__file__).parents[2] / "data/promises.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
CHINA = timezone(timedelta(hours=8))
TODAY = "2026-11-20"  # a Friday
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=CHINA)
PIECES = [
    "明天", "下周五", "月底", "25号", "还", "給", "转", "两千", "一半", "全部", "不行", "不对", "已经", "了", "吗", "等", "工资", "到账",
    "就", "说", "过几天", "尽快", "，", "。", "？", " ", "之前", "最晚", "我", "没钱", "…", "１", "\u200b", "👍", "(",
]  # fmt: skip
anything = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
moments = st.datetimes(datetime(2019, 1, 1), datetime(2050, 12, 31), timezones=st.just(CHINA))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['given']}" for case in CASES])
def test_promises(case: dict) -> None:
    now = datetime.fromisoformat(f"{case.get('now', TODAY)}T10:00:00+08:00")
    found = [promise.terms().as_dict() for promise in judged_promises(case["given"], now, judge_by_rules)]
    assert found == case["expect"], case["why"]


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("不，下周五还不了五百块。", []),
        ("下周五五百块都不还", []),
        ("周五没钱还五百", []),
        ("下周五我还不起一千", []),
        ("25号不会还的", []),
        ("下周五还不了全部，先还五百", ["2026-11-27"]),
        ("下周五还不上，25号还五百", ["2026-11-25"]),
        ("明天不还你是孙子，25号还五百", ["2026-11-25"]),
    ],
)
def test_a_day_turned_down_at_once_is_never_promised(said: str, days: list[str]) -> None:
    """Whatever the trained model makes of the rest: an invented promise is the worst mistake."""
    found = extract_promises(said, NOW)
    assert [each.start.isoformat() for each in found if each.start] == days
    assert found or not days


@settings(deadline=None, max_examples=500)
@given(text=anything, now=moments)
def test_any_text_gives_promises_inside_it(text: str, now: datetime) -> None:
    for promise in extract_promises(text, now):
        begin, end = promise.span
        assert 0 <= begin < end <= len(text)
        assert text[begin:end] == promise.text
        assert promise.start is None or promise.start >= now.date()
        assert promise.start is None or promise.end is None or promise.start <= promise.end
        assert promise.certainty in ("firm", "conditional", "vague")
        assert promise.certainty != "vague" or promise.start is promise.end is None
        assert Promise.from_dict(json.loads(json.dumps(promise.as_dict()))) == promise


@settings(deadline=None, max_examples=200)
@given(text=st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_the_time_of_day_changes_nothing(text: str) -> None:
    early, late = (NOW.replace(hour=hour) for hour in (0, 23))
    assert extract_promises(text, early) == extract_promises(text, late)


@pytest.mark.parametrize("piece", [*PIECES, "明天还，", "还两千，不对，", "等我发了工资", "说下月初给 "])
def test_time_grows_with_length_only(piece: str) -> None:
    """Four times the text takes about four times as long (no pattern backtracks badly)."""
    extract_promises(piece, NOW)
    small, large = seconds(piece * 150), seconds(piece * 600)
    assert large < 12 * small + 0.05


def seconds(text: str) -> float:
    """The best of three."""
    times = []
    for _ in range(3):
        begun = time.process_time()  # what other processes take does not count
        extract_promises(text, NOW)
        times.append(time.process_time() - begun)
    return min(times)
