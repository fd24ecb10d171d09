"""JSON Lines in and out, as every command that reads texts does it: order kept, a bad line answered in its place."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from multiprocessing import get_context
from typing import Any

import typer

from heyue.errors import BadInput

Answer = dict[str, Any]
ReadOne = Callable[[dict[str, Any]], list[Answer]]
LINES_A_TASK = 32
_SURROGATE = re.compile("[\ud800-\udfff]")


def answer_lines(read_one: ReadOne, jobs: int = 1) -> None:
    """Answer each line of standard input on standard output; exit status 1 when one was not valid.

    Args:
        read_one: the answers to one valid object, without their id; it raises BadInput or ValueError for a bad one.
            With several jobs it must be a function that another process can import.
        jobs: processes to work with.
    """
    failed = False
    for answer in answers(sys.stdin.buffer, read_one, jobs):
        failed |= "error" in answer
        sys.stdout.write(written(answer) + "\n")
    if failed:
        raise typer.Exit(1)


def written(answer: Answer) -> str:
    """The answer as one line that UTF-8 can hold: a lone surrogate of the input comes back as its escape."""
    line = json.dumps(answer, ensure_ascii=False)
    return line if line.isascii() or not _SURROGATE.search(line) else json.dumps(answer)


def answers(lines: Iterable[bytes], read_one: ReadOne, jobs: int = 1) -> Iterator[Answer]:
    """The answers to each line that is not blank, in order; memory does not grow with their number."""
    said = (line for line in lines if line.strip())
    if jobs == 1:
        for line in said:
            yield from answers_to(line, read_one)
        return
    with get_context("fork").Pool(jobs) as pool:
        for found in pool.imap(partial(answers_to, read_one=read_one), said, chunksize=LINES_A_TASK):
            yield from found


def answers_to(line: bytes, read_one: ReadOne) -> list[Answer]:
    """The answers to one line, each with the line's id, or what is wrong with it."""
    identifier: Answer = {"id": None}
    try:
        raw = json.loads(line)
        if not isinstance(raw, dict):
            raise ValueError("the line must be a JSON object")
        identifier["id"] = raw.get("id")
        return [identifier | found for found in read_one(raw)]
    except UnicodeDecodeError:
        return [identifier | {"error": "the line is not UTF-8"}]
    except (BadInput, ValueError, RecursionError) as error:
        return [identifier | {"error": str(error) or "the line is not valid JSON"}]


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
