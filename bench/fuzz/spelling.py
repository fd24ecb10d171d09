"""Many lines spelt by one string of bytes: Hypothesis draws and shortens that much faster than line by line."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bench.fuzz.drawing import MOMENTS, spoken, written

FEWEST, MOST = 300, 1_600  # bytes of a group
ODD: tuple[Any, ...] = (None, 0, -1, 1.5, True, 10**30, float("nan"), [], {}, [[]], {"a": 1}, "", "x", "\ud800", MOMENTS[0], MOMENTS[10])
LONG, SPOILT, RAW, TYPES = 12, 13, 14, 15  # kinds of lines, of 16; the others are as they should be


class Letters:
    """Bytes that are taken one after the other; after the last there are zeros."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    @property
    def are_left(self) -> bool:
        return self._place < len(self._data)

    def take(self, below: int) -> int:
        """A number below this one, of at most 256."""
        return int.from_bytes(self.bytes(1), "big") % below

    def bytes(self, count: int) -> bytes:
        """The next ones."""
        found = self._data[self._place : self._place + count].ljust(count, b"\0")
        self._place += count
        return found

    def words(self, most: int = 24) -> str:
        """A text of so many pieces at most."""
        return spoken(self.bytes(self.take(most)))

    def moment(self) -> str:
        return MOMENTS[self.take(len(MOMENTS))]

    def odd(self) -> Any:
        return ODD[self.take(len(ODD))]


def message(letters: Letters) -> bytes:
    """A line for extract and check."""
    kind, number = letters.take(16), letters.take(10)
    text = letters.words()
    if kind == LONG:
        text += letters.words(4) * letters.take(200)
    raw: dict[str, Any] = {"id": number, "text": text}
    if number > 6:
        raw["now"] = letters.moment()
    return _line(letters, kind, raw)


def talk(letters: Letters) -> bytes:
    """A line for classify."""
    kind, number = letters.take(16), letters.take(10)
    turns = [{"speaker": ("collector", "borrower")[letters.take(2)], "text": letters.words(16)} for _ in range(1 + letters.take(6))]
    raw: dict[str, Any] = {"id": number, "turns": turns, "channel": ("phone", "sms", "wechat", None)[number % 4]}
    if kind == LONG:
        raw["turns"] = turns * (1 + letters.take(30))
    if number > 6:
        raw["case"] = {"days_overdue": letters.take(256) - 20, "amount_due": "3200.00", "broken_promises": letters.take(5)}
        turns[0]["at"] = letters.moment()
    return _line(letters, kind, raw)


def _line(letters: Letters, kind: int, raw: dict[str, Any]) -> bytes:
    """A line of a kind from what would be right."""
    if kind == RAW:
        return letters.bytes(letters.take(20))
    if kind == TYPES:
        raw[list(raw)[letters.take(len(raw))]] = letters.odd()
    line = written(raw, is_ascii=kind % 2 == 0)
    if kind == SPOILT:
        place = letters.take(256) * len(line) // 256
        return line[:place] + letters.bytes(letters.take(4)) + line[place + letters.take(4) :]
    return line


def spelt(one: Any) -> st.SearchStrategy[list[bytes]]:
    """Groups of lines, each spelt by `one`."""

    def lines(data: bytes) -> list[bytes]:
        letters, found = Letters(data), []
        while letters.are_left:
            found += one(letters).split(b"\n")
        return found

    return st.binary(min_size=FEWEST, max_size=MOST).map(lines)
