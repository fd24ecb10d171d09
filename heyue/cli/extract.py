"""`heyue extract`: promises and the reason in messages, JSON Lines in and out."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from heyue.cli.engines import Work, answer_by
from heyue.cli.json_lines import Reader, text_of
from heyue.cli.options import Engine, EngineName, Jobs, Master, Now, Source, Target, moment, moment_or_clock
from heyue.understanding.promises import extract_promises

MOST_CHARACTERS = 100_000
# the fields of an answer as an archive keeps them
COLUMNS = "promises array<struct<start: string, end: string, amount: string, certainty: string, text: string>>, reason string"


def extract(
    now: Now = None,
    jobs: Jobs = 1,
    engine: Engine = EngineName.process,
    source: Source = None,
    target: Target = None,
    master: Master = None,
) -> None:
    """Read messages as JSON Lines ({"id", "text", "now"}) from stdin, or an archive, and write their promises and reason."""
    reader = Reader(partial(message, now=moment_or_clock(now)), reading)
    answer_by(Work(engine, jobs, source, target, master), reader, COLUMNS)


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
