"""Which of the seven debtor types speaks, how likely each is, and by which of the borrower's words.

A linear model over the borrower's words and behaviour (reading.py), trained on handwritten talks and their beginnings,
so that it may be asked after any turn. Source of the types: domain.md, "The seven types".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from heyue.coaching.transcript import BORROWER, Transcript
from heyue.errors import Broken
from heyue.understanding.linear_text import Blocks, LinearText, blocks_of_all, mask

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
    return types_of_all([blocks])[0]


def types_of_all(talks: Sequence[Blocks]) -> list[dict[str, float]]:
    """The same for many talks at once. Of who has not said a word nothing is known."""
    shares = named_shares(type_model(), talks, TEMPERATURE, TYPES)
    return [share if talk.words else surely(UNDETERMINED, TYPES) for talk, share in zip(talks, shares, strict=True)]


def surely(name: str, names: Sequence[str]) -> dict[str, float]:
    """All of the probability for one of the names."""
    return {each: float(each == name) for each in names}


def named_shares(
    model: LinearText, talks: Sequence[Blocks], temperature: float, names: Sequence[str]
) -> list[dict[str, float]]:
    """For each talk one probability a name, in the order of `names`; zero for what the model was not taught."""
    shares = model.probabilities_of_all(talks, temperature).tolist()
    taught = [dict(zip(model.labels, row, strict=True)) for row in shares]
    return [{name: row.get(name, 0.0) for name in names} for row in taught]


def type_evidence(transcript: Transcript, debtor_type: str) -> list[Evidence]:
    """The clauses of the borrower that speak most for `debtor_type` against the other types; the strongest first."""
    clauses = [
        (number, match)
        for number, turn in enumerate(transcript.turns)
        if turn.speaker == BORROWER
        for match in _CLAUSE.finditer(turn.text)
    ]
    weights = _weights(list({mask(match[0]) for _, match in clauses}), debtor_type)
    found = [
        Evidence(number, match[0], match.span(), weight)
        for number, match in clauses
        if (weight := weights[mask(match[0])]) > 0
    ]
    return sorted(found, key=lambda each: -each.weight)[:MOST_EVIDENCE]


def _weights(masked: Sequence[str], debtor_type: str) -> dict[str, float]:
    """How much more each masked clause speaks for the type than for the mean of all."""
    model = type_model()
    scores = model.scores_of_all(blocks_of_all([(clause, ()) for clause in masked])) - model.bias
    weights = scores[:, model.labels.index(debtor_type)] - scores.mean(axis=1)
    return dict(zip(masked, weights.tolist(), strict=True))
