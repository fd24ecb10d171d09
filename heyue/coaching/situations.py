"""Which situation a talk has come to (contracts.md section 1; "Situations, where several fit" in section 4).

A linear model over the borrower's words and behaviour, with what the collector speaks of as context.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from heyue.coaching.debtor_types import MODELS, load_model, named_shares
from heyue.understanding.linear_text import Blocks, LinearText

MODEL_FILE = MODELS / "situations.npz"
SITUATIONS = (
    "cooperative", "broken_promises", "unwilling", "unable_short", "unable_long", "deceased", "unreachable",
    "wrong_party", "already_paid", "dispute",
)  # fmt: skip
TEMPERATURE = 0.8  # chosen on held-out voices (docs/models.md)


@cache
def situation_model() -> LinearText:
    """The trained model.

    Raises:
        Broken: there is none.
    """
    return load_model(MODEL_FILE)


def situations_of_all(talks: Sequence[Blocks]) -> list[dict[str, float]]:
    """For each talk one probability a situation, in the order of SITUATIONS."""
    return named_shares(situation_model(), talks, TEMPERATURE, SITUATIONS)
