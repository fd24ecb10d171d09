"""What a collector's line does: the moves of moves.yml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import yaml

from heyue.coaching.debtor_types import load_model
from heyue.settings import ZONE
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import find_dates
from heyue.understanding.linear_text import LinearText, blocks_of_all, mask


class Move(NamedTuple):
    """One move. `kind`: soothes, builds, presses or neutral. `computed`: read by code, not by the classifier."""

    name: str
    kind: str
    what: str
    computed: bool = False


@cache
def moves() -> dict[str, Move]:
    """Every move by its identifier (moves.yml)."""
    raw = yaml.safe_load((files("heyue.practice") / "moves.yml").read_text(encoding="utf-8"))
    return {name: Move(**fields) for name, fields in raw.items()}


MOVES = tuple(moves())
LEARNT = tuple(name for name, move in moves().items() if not move.computed and name != "other")
MODEL_FILE = Path(__file__).parent / "models" / "moves.npz"
MADE_AT = -0.6  # how far the logit of "yes" may be below that of "no"; chosen on held-out voices
READ_CHARACTERS = 400
REMEMBERED_LINES = 20_000
NOON = datetime(2026, 6, 15, 12, tzinfo=ZONE)  # days are only masked, whichever they are


def move_text(text: str) -> str:
    """A line as the model sees it: days and sums are masked by one letter each."""
    seen = text[:READ_CHARACTERS]
    dates = [each.span for each in find_dates(seen, NOON)]
    return mask(seen, dates, [each.span for each in find_amounts(seen)])


def move_model_moves(model: LinearText, texts: Sequence[str]) -> list[frozenset[str]]:
    """The moves that a model finds in each text."""
    scores = model.scores_of_all(blocks_of_all([(move_text(text), ()) for text in texts]))
    column = {label: place for place, label in enumerate(model.labels)}
    margins = {move: scores[:, column[f"{move}:yes"]] - scores[:, column[f"{move}:no"]] for move in LEARNT}
    return [
        frozenset(move for move, margin in margins.items() if margin[row] >= MADE_AT)
        for row in range(len(texts))
    ]


@lru_cache(REMEMBERED_LINES)
def read_moves(line: str) -> frozenset[str]:
    """The moves of a line that the model reads; what code computes comes from hearing.py.

    Raises:
        Broken: the model has not been trained.
    """
    return move_model_moves(move_model(), [line])[0]


@cache
def move_model() -> LinearText:
    """The trained model.

    Raises:
        Broken: there is none.
    """
    return load_model(MODEL_FILE)
