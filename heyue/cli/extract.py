"""`heyue extract`: promises and the reason in messages, JSON Lines in and out."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from heyue.cli.json_lines import answer_lines, text_of
from heyue.cli.options import Jobs, Now, moment, moment_or_clock
from heyue.understanding.promises import extract_promises

MOST_CHARACTERS = 100_000


def extract(now: Now = None, jobs: Jobs = 1) -> None:
    """Read messages as JSON Lines ({"id", "text", "now"}) from stdin and write their promises and reason."""
    answer_lines(partial(reading, now=moment_or_clock(now)), jobs)


def reading(raw: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The promises and the reason of one message.

    Raises:
        ValueError: text or now is missing, of another type, or too long.
    """
    from heyue.understanding.reasons import reason_of  # the model loads at the first message

    text = text_of(raw, MOST_CHARACTERS)
    promises = extract_promises(text, moment(raw["now"]) if "now" in raw else now)
    return [{
        "promises": [promise.terms().as_dict() | {"text": promise.text} for promise in promises],
        "reason": reason_of(text)[0],
    }]  # fmt: skip
