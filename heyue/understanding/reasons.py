"""Why the payment is late: one of the sixteen codes of contracts.md section 1, or None.

A linear model decides, trained on nlu_data/messages; until it has been trained the wordings of data/reasons.yml do.
Whole talks are read by reason_talks.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from heyue.understanding.dialect import standard_text
from heyue.understanding.lexicon import load_data
from heyue.understanding.linear_text import LinearText, blocks_of_all, mask
from heyue.understanding.reason_concepts import concept_flags

MODEL_FILE = Path(__file__).parent / "models" / "reasons.npz"
NO_REASON = "none"
REASONS = (
    "forgot", "salary_delayed", "unemployment", "business_loss", "receivable_late", "illness", "family_emergency",
    "disaster", "over_indebted", "payment_failure", "dispute", "fraud", "third_party_use", "unwilling", "away", "other",
)  # fmt: skip
GAP = "〇"
WORDING_CONFIDENCE = 0.5
DOUBTED = 0.55  # chosen on held-out voices: "周五还两千，忘了", where the promise drowns the reason
# Of several wordings the one further left is the rarer and the more telling.
MORE_TELLING_FIRST = (
    "fraud", "third_party_use", "dispute", "disaster", "family_emergency", "illness", "salary_delayed",
    "receivable_late", "unemployment", "business_loss", "payment_failure", "over_indebted", "unwilling", "forgot",
    "away", "other",
)  # fmt: skip


@cache
def _wordings() -> tuple[re.Pattern[str], dict[str, re.Pattern[str]]]:
    raw = load_data("reasons.yml")
    blank = re.compile("|".join(raw["blank"]))
    return blank, {code: re.compile("|".join(raw[code])) for code in REASONS}


def worded_reasons(plain: str) -> list[str]:
    """Codes whose wording stands in `plain` (standard text), the more telling first."""
    blank, wordings = _wordings()
    cleared = blank.sub(GAP, plain)
    return [code for code in MORE_TELLING_FIRST if wordings[code].search(cleared)]


def worded_reason(text: str) -> str | None:
    """The most telling code whose wording stands in a text as it was written, or None."""
    return next(iter(worded_reasons(standard_text(text))), None)


def reason_input(text: str) -> tuple[str, tuple[str, ...]]:
    """What the reason model is trained on and asked with: the masked text without courtesies, and its concepts."""
    masked = _wordings()[0].sub(GAP, mask(text))
    return masked, tuple(sorted(concept_flags(masked)))


@cache
def reason_model() -> LinearText | None:
    """The trained model that reads single messages, or None."""
    return LinearText.load(MODEL_FILE) if MODEL_FILE.exists() else None


def reason_of(text: str) -> tuple[str | None, float]:
    """The reason that `text` states and how sure that is (0 to 1); None when it states none."""
    return reasons_of([text])[0]


def reasons_of(texts: Sequence[str]) -> list[tuple[str | None, float]]:
    """The same for many texts at once."""
    model = reason_model()
    if model is None:
        return [(worded_reason(text), WORDING_CONFIDENCE) for text in texts]
    return reasons_by(model, texts)


def reasons_by(model: LinearText, texts: Sequence[str]) -> list[tuple[str | None, float]]:
    """What a model reads; where it doubts that there is a reason, and the wording of one stands there, that one."""
    found = likeliest(model.labels, model.probabilities_of_all(blocks_of_all([reason_input(text) for text in texts])))
    return [
        (worded, WORDING_CONFIDENCE)
        if code is None and sure < DOUBTED and (worded := worded_reason(text))
        else (code, sure)
        for text, (code, sure) in zip(texts, found, strict=True)
    ]


def likeliest(labels: Sequence[str], shares: np.ndarray) -> list[tuple[str | None, float]]:
    """The likeliest reason of each text, None for NO_REASON, and its probability. `shares`: one row a text, one column a label."""
    codes = [labels[place] for place in shares.argmax(axis=1)]
    return [
        (None if code == NO_REASON else code, float(row.max()))
        for code, row in zip(codes, shares, strict=True)
    ]
