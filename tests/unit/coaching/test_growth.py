"""The coach's readers take time that grows with a text's length only: no expression of theirs backtracks badly."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import pytest

from heyue.coaching.assessment import assess
from heyue.coaching.transcript import BORROWER, COLLECTOR, CaseFacts, Said, Transcript
from heyue.practice.move_cues import move_flags
from heyue.practice.moves import masked_line
from heyue.settings import ZONE

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)
PIECES = (
    "不还", "你们", "催", "要是不还就起诉", "家里人知道吗", "我妈住院", "没工作", "已经还了", "一直骗", "！", "？", "再说，",
    "您看能不能", "3200元", "的", "a ", "👍", "(", "{name}", "欠一半",
)  # fmt: skip


def talk(speaker: str) -> Callable[[str], object]:
    return lambda text: assess(Transcript((Said(speaker, text, None),), "phone", CaseFacts()), NOW)


READERS: dict[str, Callable[[str], object]] = {
    "a borrower's turn": talk(BORROWER),
    "a collector's turn": talk(COLLECTOR),
    "the moves of a line": lambda text: move_flags(masked_line(text)),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_with_length_only(reader: str, piece: str) -> None:
    """Four times the text takes about four times as long. Longer texts than these are not remembered."""
    READERS[reader](piece)
    small, large = (seconds(READERS[reader], piece * (length // len(piece))) for length in (1_200, 4_800))
    assert large < 12 * small + 0.05


def seconds(read: Callable[[str], object], text: str) -> float:
    """Processor seconds, the best of two: other processes do not count."""
    times = []
    for salt in "甲乙":  # what was read before may be remembered
        begun = time.process_time()
        read(salt + text)
        times.append(time.process_time() - begun)
    return min(times)
