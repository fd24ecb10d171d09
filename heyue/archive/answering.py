"""The columns of an answered archive, and how Spark's batches of lines become its rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd

Answer = dict[str, Any]
# The answers to each of many lines: none for a blank one; a line that is not valid has one with `error`.
AnswerEach = Callable[[list[bytes]], list[list[Answer]]]
FILE, LINE = "file", "line"
# Beside a command's own columns. `line`: only of a refused line, so that it can be mended and read again.
FIRST_COLUMNS, LAST_COLUMNS = "id string", f"error string, {LINE} binary, {FILE} string"
_SURROGATE = re.compile("[\ud800-\udfff]")


def columns_with(own: str) -> str:
    """The columns of the output as Spark writes a schema. `own`: those of the command."""
    return f"{FIRST_COLUMNS}, {own}, {LAST_COLUMNS}"


def answered_frames(
    frames: Iterator[pd.DataFrame], answer: AnswerEach, names: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """Answer frames of `file` and `line` (bytes) by frames of the output's columns."""
    for frame in frames:
        lines = [bytes(line) for line in frame[LINE]]
        rows = [
            _row(found, line, file, names)
            for file, line, answers in zip(frame[FILE], lines, answer(lines), strict=True)
            for found in answers
        ]
        yield pd.DataFrame(rows, columns=names, dtype=object)


def _row(answer: Answer, line: bytes, file: str, names: Sequence[str]) -> list[Any]:
    kept = {LINE: line} if "error" in answer else {}
    held = _writable(answer) | kept | {FILE: file, "id": _identifier(answer["id"])}
    return [held.get(name) for name in names]


def _identifier(said: Any) -> str | None:
    """An id as a string column holds it: what is no string as its JSON."""
    if said is not None and not isinstance(said, str):
        said = json.dumps(said)
    return None if said is None else _SURROGATE.sub("\ufffd", said)


def _writable(answer: Answer) -> Answer:
    """The answer without lone surrogates, which Parquet cannot hold."""
    line = json.dumps(answer, ensure_ascii=False)
    if line.isascii() or not _SURROGATE.search(line):
        return answer
    return dict(json.loads(_SURROGATE.sub("\ufffd", line)))
