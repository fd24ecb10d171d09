"""Which situation a talk has come to (contracts.md section 1; "Situations, where several fit" in section 4).

A linear model over the borrower's words and behaviour, with what the collector speaks of as context, answers five
questions in one look; the order of precedence in contracts.md puts the answers together. So a type of borrower that
was only seen in one situation does not decide the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from heyue.coaching.debtor_types import MODELS, load_model
from heyue.errors import Broken
from heyue.understanding.linear_text import Blocks, LinearText

MODEL_FILE = MODELS / "situations.npz"
SITUATIONS = (
    "cooperative", "broken_promises", "unwilling", "unable_short", "unable_long", "deceased", "unreachable",
    "wrong_party", "already_paid", "dispute",
)  # fmt: skip
# What stops every reminder, and that nobody speaks for the borrower: asked first.
OUTRIGHT = frozenset({"deceased", "wrong_party", "already_paid", "dispute", "unreachable"})
# Two or more broken promises on file (behaviour.py) need no model.
BROKEN_ON_FILE = frozenset({"broken:2", "broken:3+"})
REST, YES, NO = "rest", "yes", "no"
# The other questions in their order, with the situation that yes and that no leads to; None leads on.
BY_QUESTION = (
    ("broken", "broken_promises", None),
    ("day", "cooperative", None),
    ("unable", None, "unwilling"),
    ("in_sight", "unable_short", "unable_long"),
)
TEMPERATURE = 0.9  # chosen on held-out voices (docs/models.md)


@cache
def situation_model() -> LinearText:
    """The trained model.

    Raises:
        Broken: there is none, or it is of a version that asked no questions.
    """
    model = load_model(MODEL_FILE)
    if f"outright:{REST}" not in model.labels:
        raise Broken(f"{MODEL_FILE} is no model of this version; train again with `make train`")
    return model


def answers_of(situation: str, broken_on_file: bool) -> dict[str, str | None]:
    """The answers that lead to `situation`, a question each in their order; None where a talk does not tell.

    Args:
        broken_on_file: two or more broken promises are on file, so that the talk need not show them.
    """
    rest = situation not in OUTRIGHT
    broken = situation == "broken_promises"
    committed = situation == "cooperative"
    unable = situation in ("unable_short", "unable_long")
    return {
        "outright": REST if rest else situation,
        "broken": _yes(broken) if rest and not broken_on_file else None,
        "day": _yes(committed) if rest and not broken else None,
        "unable": _yes(unable) if rest and not broken and not committed else None,
        "in_sight": _yes(situation == "unable_short") if unable else None,
    }


def _yes(holds: bool) -> str:
    return YES if holds else NO


def situations_of_all(talks: Sequence[Blocks]) -> list[dict[str, float]]:
    """For each talk one probability a situation, in the order of SITUATIONS."""
    model = situation_model()
    return [
        situation_shares(model, row, blocks.flags)
        for row, blocks in zip(model.scores_of_all(talks), talks, strict=True)
    ]


def situations_by(model: LinearText, blocks: Blocks) -> dict[str, float]:
    """The probabilities of one talk by any model of these questions."""
    return situation_shares(model, model.scores(blocks), blocks.flags)


def situation_shares(model: LinearText, scores: np.ndarray, flags: Sequence[str]) -> dict[str, float]:
    """The probabilities that follow from the scores of the questions' answers."""
    share = answered(model, scores)
    if not BROKEN_ON_FILE.isdisjoint(flags):
        share |= {"broken:yes": 1.0, "broken:no": 0.0}
    found = {name: share.get(f"outright:{name}", 0.0) for name in SITUATIONS}
    reached = share.get(f"outright:{REST}", 0.0)
    for question, yes, no in BY_QUESTION:
        if yes:
            found[yes] = reached * share.get(f"{question}:{YES}", 0.0)
        if no:
            found[no] = reached * share.get(f"{question}:{NO}", 0.0)
        reached *= share.get(f"{question}:{NO if yes else YES}", 0.0)
    return found


def answered(model: LinearText, scores: np.ndarray) -> dict[str, float]:
    """One probability a label "question:answer"; those of each question add up to one."""
    odds = dict(zip(model.labels, np.exp(scores.astype(np.float64) / TEMPERATURE).tolist(), strict=True))
    totals: dict[str, float] = {}
    for label, value in odds.items():
        question = label.partition(":")[0]
        totals[question] = totals.get(question, 0.0) + value
    return {label: value / totals[label.partition(":")[0]] for label, value in odds.items()}
