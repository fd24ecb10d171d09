"""Which of the seven debtor types speaks, how likely each is, and by which of the borrower's words.

A linear model over the borrower's words and behaviour (reading.py), trained on handwritten talks and their beginnings,
so that it may be asked after any turn. Source of the types: domain.md, "The seven types".
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heyue.coaching.transcript import BORROWER, Transcript
from heyue.errors import Broken
from heyue.understanding.linear_text import Blocks, LinearText, blocks_of, mask

UNDETERMINED = "undetermined"
TYPES = (
    "provocative", "evasive", "victim", "confident", "stubborn", "sophisticated", "promiser", UNDETERMINED,
)  # fmt: skip
MODELS = Path(__file__).parent / "models"
MODEL_FILE = MODELS / "debtor_types.npz"
TEMPERATURE = 0.6  # chosen on held-out voices: smallest calibration error (docs/models.md)
MOST_EVIDENCE = 5
_CLAUSE = re.compile(r"[^，,。！!？?；;…~\s]+")


class Evidence(NamedTuple):
    """The borrower's own words that speak for his type: turn number, words, where they stand, how much they say."""

    turn: int
    text: str
    span: tuple[int, int]
    weight: float


@cache
def type_model() -> LinearText:
    """The trained model.

    Raises:
        Broken: there is none.
    """
    return load_model(MODEL_FILE)


def load_model(path: Path) -> LinearText:
    """A model that `make train` wrote.

    Raises:
        Broken: there is none.
    """
    if not path.exists():
        raise Broken(f"the model {path} is missing: run `make train`")
    return LinearText.load(path)


def type_probabilities(blocks: Blocks) -> dict[str, float]:
    """One calibrated probability a type, adding up to one, in the order of TYPES."""
    model = type_model()
    share = dict(zip(model.labels, model.probabilities_of(blocks, TEMPERATURE), strict=True))
    return {name: float(share.get(name, 0.0)) for name in TYPES}


def type_evidence(transcript: Transcript, debtor_type: str) -> list[Evidence]:
    """The clauses of the borrower that speak most for `debtor_type` against the other types; the strongest first."""
    found = [
        Evidence(number, match[0], match.span(), weight)
        for number, turn in enumerate(transcript.turns)
        if turn.speaker == BORROWER
        for match in _CLAUSE.finditer(turn.text)
        if (weight := _weight(blocks_of(mask(match[0])), debtor_type)) > 0
    ]
    return sorted(found, key=lambda each: -each.weight)[:MOST_EVIDENCE]


def _weight(blocks: Blocks, debtor_type: str) -> float:
    model = type_model()
    scores = model.scores(blocks) - model.bias
    return float(scores[model.labels.index(debtor_type)] - np.mean(scores))
