"""The borrower's turns of labelled talks as labelled messages, so that talks teach what is promised too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heyue.coaching.suggestions import pairs
from heyue.coaching.transcript import BORROWER, Said, transcript_from_dict
from heyue.understanding.dates import find_dates

FOUND = 0.6  # share of the character pairs of a promise's words that its turn must hold
FIELDS = ("start", "end", "amount", "certainty")
Message = dict[str, Any]


def talk_messages(folder: Path) -> list[Message]:
    """Messages with `now`, `text` and `gold.promises` from every <voice>.jsonl in `folder`."""
    return [
        message
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for message in messages_of(json.loads(line))
    ]


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """What one talk teaches: the turns in which its promises were made, and those that surely promise nothing.

    A turn that names a day which no label explains is left out: it may have been promised first and changed later.
    """
    own = {
        number: turn
        for number, turn in enumerate(transcript_from_dict(raw).turns)
        if turn.speaker == BORROWER and turn.at
    }
    promises = raw["gold"]["promises"]
    places = [turn_of(promise.get("text", ""), own) for promise in promises]
    if None in places:
        return
    for number, turn in own.items():
        made = [promise for promise, place in zip(promises, places, strict=True) if place == number]
        if made or not promises or not names_day(turn):
            yield {
                "now": turn.at.isoformat() if turn.at else "",
                "text": turn.text,
                "gold": {"promises": [{name: promise[name] for name in FIELDS} for promise in made]},
            }


def turn_of(words: str, own: dict[int, Said]) -> int | None:
    """The number of the turn in which a promise's words stand; None when they stand in none."""
    wanted = pairs(words)
    if not wanted or not own:
        return None
    share = {number: len(wanted & pairs(turn.text)) / len(wanted) for number, turn in own.items()}
    best = max(share, key=share.__getitem__)
    return best if share[best] >= FOUND else None


def names_day(turn: Said) -> bool:
    """A day to come is named."""
    return turn.at is not None and any(day.kind == "future" for day in find_dates(turn.text, turn.at))
