"""JSON Lines in and out, as every command that reads texts does it: order kept, a bad line answered in its place."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any, BinaryIO, Generic, TypeVar

import typer

from heyue.errors import BadInput

Answer = dict[str, Any]
Item = TypeVar("Item")
MOST_LINES = 64  # read together: more gain no time, and each costs memory
READ_BYTES = 1 << 18
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Reader(Generic[Item]):
    """How a command answers. With several jobs both must be functions that another process can import.

    `parse`: what one JSON object says; it raises BadInput or ValueError for a bad one. `answer`: the answers to each of
    many parsed objects, without their ids.
    """

    parse: Callable[[dict[str, Any]], Item]
    answer: Callable[[list[Item]], list[list[Answer]]]


def answer_lines(reader: Reader[Any], jobs: int = 1) -> None:
    """Answer each line of standard input on standard output; exit status 1 when one was not valid.

    Lines that have arrived are read together; none waits for a later one. `jobs`: processes to work with.
    """
    failed = False
    for answer in answers(arriving(sys.stdin.buffer), reader, jobs):
        failed |= "error" in answer
        sys.stdout.write(written(answer) + "\n")
    if failed:
        raise typer.Exit(1)


def arriving(source: BinaryIO) -> Iterator[list[bytes]]:
    """The lines of `source` that are there, at most MOST_LINES at a time."""
    unfinished: list[bytes] = []
    while read := source.read1(READ_BYTES):  # type: ignore[attr-defined]
        first, *more = read.split(b"\n")
        unfinished.append(first)
        if more:
            yield from together([b"".join(unfinished), *more[:-1]])
            unfinished = [more[-1]]
    yield from together([b"".join(unfinished)])


def together(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The lines that are not blank, at most MOST_LINES at a time."""
    said = [line for line in lines if line.strip()]
    for start in range(0, len(said), MOST_LINES):
        yield said[start : start + MOST_LINES]


def written(answer: Answer) -> str:
    """The answer as one line that UTF-8 can hold: a lone surrogate of the input comes back as its escape."""
    line = json.dumps(answer, ensure_ascii=False)
    return line if line.isascii() or not _SURROGATE.search(line) else json.dumps(answer)


def answers(groups: Iterable[list[bytes]], reader: Reader[Any], jobs: int = 1) -> Iterator[Answer]:
    """The answers to each line, in order; memory does not grow with their number."""
    if jobs == 1:
        for lines in groups:
            yield from answers_to(lines, reader)
        return
    with get_context("fork").Pool(jobs) as pool:
        for found in pool.imap(partial(answers_to, reader=reader), groups):
            yield from found


def answers_to(lines: list[bytes], reader: Reader[Any]) -> list[Answer]:
    """The answers to lines, each with its line's id, or what is wrong with it."""
    return [each for found in answers_by_line(lines, reader) for each in found]


def answers_by_line(lines: list[bytes], reader: Reader[Any]) -> list[list[Answer]]:
    """The same, apart for each line."""
    parsed = [_parsed(line, reader) for line in lines]
    found = iter(_answered([item for _, item, error in parsed if error is None], reader))
    return [
        [{"id": identifier} | each for each in (next(found) if error is None else [{"error": error}])]
        for identifier, _, error in parsed
    ]


def _parsed(line: bytes, reader: Reader[Any]) -> tuple[Any, Any, str | None]:
    """A line's id, what it says, and what is wrong with it."""
    identifier = None
    try:
        raw = json.loads(line, parse_constant=_no_number, parse_float=_finite)
        if not isinstance(raw, dict):
            raise ValueError("the line must be a JSON object")
        identifier = raw.get("id")
        return identifier, reader.parse(raw), None
    except UnicodeDecodeError:
        return identifier, None, "the line is not UTF-8"
    except (BadInput, ValueError, RecursionError) as error:
        return identifier, None, str(error) or "the line is not valid JSON"


def _no_number(said: str) -> None:
    """NaN and Infinity are no JSON (RFC 8259, section 6), and an id that comes back must be."""
    raise ValueError(f"{said} is no number of JSON")


def _finite(said: str) -> float:
    number = float(said)
    if math.isinf(number):
        raise ValueError(f"the number {said[:20]} is too large")
    return number


def _answered(items: list[Any], reader: Reader[Any]) -> list[list[Answer]]:
    """The answers to each item; one that cannot be read does not spoil the others."""
    try:
        return reader.answer(items)
    except (BadInput, ValueError, RecursionError) as error:
        if len(items) == 1:
            return [[{"error": str(error)}]]
        return [answer for item in items for answer in _answered([item], reader)]


def text_of(raw: dict[str, Any], most_characters: int) -> str:
    """The field `text` of a line.

    Raises:
        ValueError: it is missing, of another type, or too long.
    """
    text = raw.get("text")
    if not isinstance(text, str):
        raise ValueError("text must be a string")
    if len(text) > most_characters:
        raise ValueError(f"text has {len(text)} characters; at most {most_characters} are read")
    return text
