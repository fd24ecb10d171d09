"""Does a line that a collector says break a rule? Which, by which words, and what may be said instead.

One linear model with a head that tells unlawful lines from lawful ones and a head for each rule, each judged for
itself, for a line can break two rules. A line is unlawful by what the first head and the likeliest rule say together:
the first head alone errs a sixth more often. The model sees the character n-grams of the line and of its outline
(line_outline.py) and flags (line_flags.py).
Source: compliance.md part B (taxonomy V01-V15 with near misses).
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heyue.conduct.line_flags import CLAUSE, line_flags, says_rule
from heyue.conduct.line_outline import outline
from heyue.errors import Broken
from heyue.understanding.linear_text import Blocks, LinearText, mask, ngrams

MODEL_FILE = Path(__file__).parent / "models" / "lines.npz"
LAWFUL = "lawful"  # what tables show for a line without a broken rule; no label of the model
UNLAWFUL = "unlawful"  # the model's first label, then come the rules
# Scores of a head run from about -1 (no) to 1 (yes).
FLAG_AT = -0.4  # sum of two from which a line is flagged, so that about as many are as break a rule
SECOND_RULE_AT = -0.25  # score from which a rule counts beside the likeliest
SAID_OUTRIGHT = 0.3  # what words of the rule itself add to a clause's score when the telling clause is chosen
READ_CHARACTERS = 400
REMEMBERED_LINES = 20_000
# Some collectors say 您 when they threaten, some 你 when they help: the n-grams may not tell them apart, one flag may.
_ONE_YOU = str.maketrans("您恁侬俺", "你你你我")
_NO_MEANING = np.zeros(0, dtype=np.float32)


class Violation(NamedTuple):
    """A rule that a line breaks, the words that break it and where they stand."""

    rule: str
    text: str
    span: tuple[int, int]


@lru_cache(REMEMBERED_LINES)
def check_line(text: str, flag_at: float = FLAG_AT) -> tuple[Violation, ...]:
    """The rules that a collector's line breaks, the likeliest first; empty when it is lawful.

    Args:
        flag_at: the sum of scores from which it counts as breaking some rule.

    Raises:
        Broken: the model has not been trained.
    """
    model = line_model()
    return tuple(_violation(model, rule, text) for rule in broken_rules(model, text, flag_at))


def broken_rules(model: LinearText, text: str, flag_at: float = FLAG_AT) -> list[str]:
    """The rules that a line breaks by this model, the likeliest first."""
    scores = model.scores(line_blocks(mask(text[:READ_CHARACTERS])))
    if scores[0] + scores[1:].max() < flag_at:
        return []
    likeliest, *others = np.argsort(-scores[1:]) + 1
    return [
        model.labels[place]
        for place in (likeliest, *others)
        if place == likeliest or scores[place] >= SECOND_RULE_AT
    ]


def line_blocks(masked: str) -> Blocks:
    """What the line model sees of a masked line."""
    return Blocks(line_ngrams(masked), outline_ngrams(masked), _NO_MEANING, line_flags(masked))


def line_ngrams(masked: str) -> list[str]:
    """The line's character n-grams, polite and familiar address alike."""
    return ngrams(masked.translate(_ONE_YOU))


def outline_ngrams(masked: str) -> list[str]:
    """The n-grams of the line's outline, each after "~" to keep them apart."""
    return ["~" + gram for gram in ngrams(outline(masked))]


@cache
def line_model() -> LinearText:
    """The trained model.

    Raises:
        Broken: there is none.
    """
    if not MODEL_FILE.exists():
        raise Broken(f"the model {MODEL_FILE} is missing: run `make train`")
    return LinearText.load(MODEL_FILE)


def _violation(model: LinearText, rule: str, text: str) -> Violation:
    start, stop = _telling_clause(model, rule, text)
    return Violation(rule, text[start:stop], (start, stop))


def _telling_clause(model: LinearText, rule: str, text: str) -> tuple[int, int]:
    """Where the clause stands whose words speak most for the rule and against the line being lawful."""
    clauses = [match.span() for match in CLAUSE.finditer(text)] or [(0, len(text))]
    if len(clauses) == 1:
        return clauses[0]
    head = model.labels.index(rule)

    def weight(span: tuple[int, int]) -> float:
        masked = mask(text[slice(*span)])
        scores = model.scores(Blocks(line_ngrams(masked), outline_ngrams(masked), _NO_MEANING))
        return float(scores[head] + scores[0] + SAID_OUTRIGHT * says_rule(rule, masked))

    return max(clauses, key=weight)
