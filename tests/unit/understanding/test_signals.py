"""Signals against the table tests/data/signals.jsonl: what they must find, and the near misses they must leave."""

import json
import time
from pathlib import Path

import pytest

from heyue.understanding.signals import id_digits_of, signals_of

TABLE = Path(__file__).parents[2] / "data" / "signals.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['given']}" for case in CASES])
def test_signals(case: dict) -> None:
    assert sorted(signals_of(case["given"])) == case["expect"], case["why"]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("身份证后四位是2231你看对不", "2231"),
        ("我身份证11010119900307844x", "844X"),
        ("后四位五一二六", "5126"),
        ("八四四叉", "844X"),
        ("3000", "3000"),
        ("后四位我不想说", None),
        ("我还5126", None),
        ("尾号5126元", None),
        ("13800138000", None),
    ],
)
def test_id_digits(text: str, digits: str | None) -> None:
    assert id_digits_of(text) == digits


@pytest.mark.parametrize(
    "piece", ["不想", "别再", "走了", "他", "我妈", "(", "死", "五 ", "[语音]", "a", "👍", "退"]
)
def test_time_grows_with_length_only(piece: str) -> None:
    """Ten times the text takes no more than about ten times as long (no pattern backtracks badly)."""
    small, large = piece * 50, piece * 500
    signals_of(small)
    assert _seconds(large) < 40 * _seconds(small) + 0.05


def _seconds(text: str) -> float:
    begun = time.process_time()
    for _ in range(3):
        signals_of(text)
    return time.process_time() - begun
