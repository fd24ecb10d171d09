"""`heyue extract`: promises and the reason in messages, JSON Lines in and out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Optional

import typer

from heyue.settings import ZONE
from heyue.understanding.promises import extract_promises

MOST_CHARACTERS = 100_000


def extract(
    now: Annotated[
        Optional[str],  # noqa: UP045  typer reads the annotation at run time
        typer.Option(help="Time of arrival of lines that have no `now` of their own (ISO 8601 with offset)"),
    ] = None,
) -> None:
    """Read messages as JSON Lines ({"id", "text", "now"}) from stdin and write their promises and reason."""
    failed = False
    for answer in answers(sys.stdin.buffer, moment(now) if now else datetime.now(ZONE)):
        failed |= "error" in answer
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    if failed:
        raise typer.Exit(1)


def answers(lines: Iterable[bytes], now: datetime) -> Iterator[dict[str, Any]]:
    """One answer a line, in order; a line that is not valid gets its error in its place."""
    for line in lines:
        if line.strip():
            yield answer(line, now)


def answer(line: bytes, now: datetime) -> dict[str, Any]:
    """The promises and the reason in one line of input, or what is wrong with it."""
    found: dict[str, Any] = {"id": None}
    try:
        raw = json.loads(line)
        if not isinstance(raw, dict):
            raise ValueError("the line must be a JSON object with id and text")
        found["id"] = raw.get("id")
        return found | reading(raw, now)
    except UnicodeDecodeError:
        return found | {"error": "the line is not UTF-8"}
    except (ValueError, RecursionError) as error:
        return found | {"error": str(error) or "the line is not valid JSON"}


def reading(raw: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The promises and the reason of one message.

    Raises:
        ValueError: text or now is missing, of another type, or too long.
    """
    from heyue.understanding.reasons import reason_of  # the model loads at the first message

    text = raw.get("text")
    if not isinstance(text, str):
        raise ValueError("text must be a string")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"text has {len(text)} characters; at most {MOST_CHARACTERS} are read")
    if "now" in raw:
        now = moment(raw["now"])
    promises = extract_promises(text, now)
    return {
        "promises": [promise.terms().as_dict() | {"text": promise.text} for promise in promises],
        "reason": reason_of(text)[0],
    }


def moment(said: Any) -> datetime:
    """An ISO time with offset, in Asia/Shanghai.

    Raises:
        ValueError: anything else.
    """
    try:
        at = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(f"now must be an ISO 8601 time with an offset, not {said!r}")
    return at.astimezone(ZONE)
