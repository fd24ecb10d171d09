"""Which of the seven debtor types speaks, how likely each is, and by which of the borrower's words.

Two linear models together, trained on handwritten talks: one over all that the borrower has said and how he behaves (reading.py), taught
on talks and their beginnings, so that it may be asked after any turn; one over each turn by itself. Their log-probabilities are
averaged. Source of the types: domain.md, "The seven types".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heyue.coaching.transcript import BORROWER, Transcript
from heyue.errors import Broken
from heyue.understanding.linear_text import Blocks, LinearText, blocks_of_all, mask, pooled

UNDETERMINED = "undetermined"
TYPES = (
    "provocative", "evasive", "victim", "confident", "stubborn", "sophisticated", "promiser", UNDETERMINED,
)  # fmt: skip
MODELS = Path(__file__).parent / "models"
MODEL_FILE = MODELS / "debtor_types.npz"
TURN_MODEL_FILE = MODELS / "debtor_type_turns.npz"
# of the model of talks and that of turns, chosen on held-out voices: greatest likelihood of the two together (docs/models.md)
TALK_TEMPERATURE, TURN_TEMPERATURE = 0.8, 0.45
LEAST = 1e-9  # probability by one of several models, or of one turn, so that it never decides alone
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
    """The trained model of what the borrower has said so far.

    Raises:
        Broken: there is none.
    """
    return load_model(MODEL_FILE)


@cache
def turn_model() -> LinearText:
    """The trained model of single turns.

    Raises:
        Broken: there is none, or it knows other types than that of talks.
    """
    model = load_model(TURN_MODEL_FILE)
    if model.labels != type_model().labels:
        raise Broken(f"{TURN_MODEL_FILE} and {MODEL_FILE} know other types: run `make train`")
    return model


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
    shares = pooled_shares(type_model(), turn_model(), talks)
    return [share if talk.words else surely(UNDETERMINED, TYPES) for talk, share in zip(talks, shares, strict=True)]


def surely(name: str, names: Sequence[str]) -> dict[str, float]:
    """All of the probability for one of the names."""
    return {each: float(each == name) for each in names}


def pooled_shares(talk_model: LinearText, turn_model: LinearText, talks: Sequence[Blocks]) -> list[dict[str, float]]:
    """For each talk one probability a type, by both models together; zero for what they were not taught.

    Args:
        turn_model: one of the same labels in the same order.
    """
    if not talks:
        return []
    turns = [talk.words.split("\n") for talk in talks]
    by_turn = turn_model.probabilities_of_all(blocks_of_all([(turn, ()) for each in turns for turn in each]))
    sizes = np.array([len(each) for each in turns])
    means = np.add.reduceat(np.log(np.maximum(by_turn, LEAST)), np.cumsum(sizes) - sizes, axis=0) / sizes[:, None]
    shares = pooled([talk_model.scores_of_all(talks), means], (TALK_TEMPERATURE, TURN_TEMPERATURE))
    taught = [dict(zip(talk_model.labels, row, strict=True)) for row in shares.tolist()]
    return [{name: row.get(name, 0.0) for name in TYPES} for row in taught]


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
