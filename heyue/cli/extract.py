"""`heyue extract`: promises and the reason in messages, JSON Lines in and out."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from heyue.cli.json_lines import Reader, answer_lines, text_of
from heyue.cli.options import Jobs, Now, moment, moment_or_clock
from heyue.understanding.promises import extract_promises

MOST_CHARACTERS = 100_000


def extract(now: Now = None, jobs: Jobs = 1) -> None:
    """Read messages as JSON Lines ({"id", "text", "now"}) from stdin and write their promises and reason."""
    answer_lines(Reader(partial(message, now=moment_or_clock(now)), reading), jobs)


def message(raw: dict[str, Any], now: datetime) -> tuple[str, datetime]:
    """A message and when it was written.

    Raises:
        ValueError: text or now is missing, of another type, or too long.
    """
    return text_of(raw, MOST_CHARACTERS), moment(raw["now"]) if "now" in raw else now


def reading(messages: list[tuple[str, datetime]]) -> list[list[dict[str, Any]]]:
    """The promises and the reason of each message."""
    from heyue.understanding.reasons import reasons_of  # the model loads at the first message

    promises = [extract_promises(text, now) for text, now in messages]
    reasons = reasons_of([text for text, _ in messages])
    return [
        [{"promises": [each.terms().as_dict() | {"text": each.text} for each in found], "reason": reason}]
        for found, (reason, _) in zip(promises, reasons, strict=True)
    ]
