"""Does a line that a collector says break a rule? Which, by which words, and what may be said instead.

One linear model with a head that tells unlawful lines from lawful ones and a head for each rule, each judged for
itself, for a line can break two rules. A line is unlawful by what the first head and the likeliest rule say together:
the first head alone errs a sixth more often. The model sees the character n-grams of the line and of its outline
(line_outline.py) and flags (line_flags.py).
Source: compliance.md part B (taxonomy V01-V15 with near misses).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heyue.conduct.line_flags import CLAUSE, line_flags, says_rule
from heyue.conduct.line_outline import outline
from heyue.errors import Broken
from heyue.understanding.linear_text import Blocks, LinearText, mask, ngrams
from heyue.understanding.remembered import Remembered
from heyue.understanding.script import respelling, respelt

MODEL_FILE = Path(__file__).parent / "models" / "lines.npz"
LAWFUL = "lawful"  # what tables show for a line without a broken rule; no label of the model
UNLAWFUL = "unlawful"  # the model's first label, then come the rules
# Scores of a head run from about -1 (no) to 1 (yes).
FLAG_AT = -0.32  # sum of two from which a line is flagged: as many lines of held-out voices as break a rule
SECOND_RULE_AT = -0.22  # score from which a rule counts beside the likeliest; chosen on held-out voices
SAID_OUTRIGHT = 0.3  # what words of the rule itself add to a clause's score when the telling clause is chosen
READ_CHARACTERS = 400
REMEMBERED_LINES = 20_000
# Some collectors say 您 when they threaten, some 你 when they help: the n-grams may not tell them apart, one flag may.
_ONE_YOU = respelling("您恁侬俺", "你你你我")
OUTLINE_MARK = "~"  # before a token that is an n-gram of an outline
_NO_MEANING = np.zeros(0, dtype=np.float32)


class Violation(NamedTuple):
    """A rule that a line breaks, the words that break it and where they stand."""

    rule: str
    text: str
    span: tuple[int, int]


known_lines: Remembered[tuple[str, float], tuple[Violation, ...]] = Remembered(REMEMBERED_LINES)


def check_line(text: str, flag_at: float = FLAG_AT) -> tuple[Violation, ...]:
    """The rules that a collector's line breaks, the likeliest first; empty when it is lawful.

    Args:
        flag_at: the sum of scores from which it counts as breaking some rule.

    Raises:
        Broken: the model has not been trained.
    """
    return check_lines([text], flag_at)[0]


def check_lines(texts: Sequence[str], flag_at: float = FLAG_AT) -> list[tuple[Violation, ...]]:
    """The same for many lines at once."""
    return known_lines.of_all([(text, flag_at) for text in texts], _violations)


def _violations(lines: Sequence[tuple[str, float]]) -> list[tuple[Violation, ...]]:
    return violations_by(line_model(), lines)


def violations_by(model: LinearText, lines: Sequence[tuple[str, float]]) -> list[tuple[Violation, ...]]:
    """The rules that lines break by this model. `lines`: each with the sum of scores from which it is flagged."""
    scores = _scores(model, [text for text, _ in lines])
    broken = [_rules(model, row, flag_at) for (_, flag_at), row in zip(lines, scores, strict=True)]
    clauses = _clause_scores(model, [text for (text, _), rules in zip(lines, broken, strict=True) if rules])
    return [
        tuple(_violation(model, rule, text, clauses[text]) for rule in rules)
        for (text, _), rules in zip(lines, broken, strict=True)
    ]


def broken_rules(model: LinearText, text: str, flag_at: float = FLAG_AT) -> list[str]:
    """The rules that a line breaks by this model, the likeliest first."""
    return _rules(model, _scores(model, [text])[0], flag_at)


def _scores(model: LinearText, texts: Sequence[str]) -> np.ndarray:
    return model.scores_of_all([line_blocks(mask(text[:READ_CHARACTERS])) for text in texts])


def _rules(model: LinearText, scores: np.ndarray, flag_at: float) -> list[str]:
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
    return _blocks(masked, line_flags(masked))


def _blocks(masked: str, flags: tuple[str, ...] = ()) -> Blocks:
    return Blocks(respelt(masked, _ONE_YOU), outline(masked), _NO_MEANING, flags, OUTLINE_MARK)


def line_ngrams(masked: str) -> list[str]:
    """The line's character n-grams, polite and familiar address alike."""
    return ngrams(respelt(masked, _ONE_YOU))


def outline_ngrams(masked: str) -> list[str]:
    """The n-grams of the line's outline, each after "~" to keep them apart."""
    return [OUTLINE_MARK + gram for gram in ngrams(outline(masked))]


@cache
def line_model() -> LinearText:
    """The trained model.

    Raises:
        Broken: there is none.
    """
    if not MODEL_FILE.exists():
        raise Broken(f"the model {MODEL_FILE} is missing: run `make train`")
    return LinearText.load(MODEL_FILE)


class _Clause(NamedTuple):
    """A clause of a line: where it stands, its masked text, and the logits of its own words."""

    span: tuple[int, int]
    masked: str
    scores: np.ndarray


def _clause_scores(model: LinearText, texts: Sequence[str]) -> dict[str, list[_Clause]]:
    """The clauses of each text."""
    spans = {text: [match.span() for match in CLAUSE.finditer(text)] or [(0, len(text))] for text in texts}
    masked = [mask(text[slice(*span)]) for text, places in spans.items() for span in places]
    scored = iter(zip(masked, model.scores_of_all([_blocks(clause) for clause in masked]), strict=True))
    return {text: [_Clause(span, *next(scored)) for span in places] for text, places in spans.items()}


def _violation(model: LinearText, rule: str, text: str, clauses: Sequence[_Clause]) -> Violation:
    """The rule with the clause whose words speak most for it and against the line being lawful."""
    head = model.labels.index(rule)

    def weight(clause: _Clause) -> float:
        said = SAID_OUTRIGHT * says_rule(rule, clause.masked)
        return float(clause.scores[head] + clause.scores[0] + said)

    span = max(clauses, key=weight).span
    return Violation(rule, text[slice(*span)], span)
