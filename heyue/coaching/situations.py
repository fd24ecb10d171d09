"""Which situation a talk has come to (contracts.md section 1; "Situations, where several fit" in section 4).

A linear model over the borrower's words and behaviour, with what the collector speaks of as context, answers five
questions in one look; the order of precedence in contracts.md puts the answers together. So a type of borrower that
was only seen in one situation does not decide the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from heyue.coaching.debtor_types import MODELS, load_model, surely
from heyue.errors import Broken
from heyue.understanding.linear_text import Blocks, LinearText

MODEL_FILE = MODELS / "situations.npz"
SITUATIONS = (
    "cooperative", "broken_promises", "unwilling", "unable_short", "unable_long", "deceased", "unreachable",
    "wrong_party", "already_paid", "dispute",
)  # fmt: skip
# What stops every reminder, and that nobody speaks for the borrower: asked first.
OUTRIGHT = frozenset({"deceased", "wrong_party", "already_paid", "dispute", "unreachable"})
# Two or more broken promises, on file or in the talk (behaviour.py), need no model.
ENOUGH_BROKEN = frozenset({"broken_by_now:2", "broken_by_now:3+"})
NO_TURN = "turns:0"
UNREACHABLE = "unreachable"
REST, YES, NO = "rest", "yes", "no"
# The other questions in the order of precedence: the question, what follows on yes, what on no.
Question = tuple[str, "Question | str", "Question | str"]
QUESTIONS: Question = (
    "broken", "broken_promises",
    ("unable", ("in_sight", "unable_short", "unable_long"), ("day", "cooperative", "unwilling")),
)  # fmt: skip
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


def has_broken_enough(flags: Sequence[str]) -> bool:
    """Whether the flags of a talk tell of two or more broken promises."""
    return not ENOUGH_BROKEN.isdisjoint(flags)


def answers_of(situation: str, broken_enough: bool) -> dict[str, str]:
    """The answers that lead to `situation`, by question; a question that it does not come to is left out.

    Args:
        broken_enough: two or more promises are known to be broken, so that the words need not show it.
    """
    if situation in OUTRIGHT:
        return {"outright": situation}
    answers = {"outright": REST} | (_way_to(situation, QUESTIONS) or {})
    return {
        question: answer
        for question, answer in answers.items()
        if not (broken_enough and question == "broken")
    }


def _way_to(situation: str, at: Question | str) -> dict[str, str] | None:
    """The answers from one question on; None where they lead elsewhere."""
    if isinstance(at, str):
        return {} if at == situation else None
    question, yes, no = at
    for answer, following in ((YES, yes), (NO, no)):
        rest = _way_to(situation, following)
        if rest is not None:
            return {question: answer} | rest
    return None


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
    """The probabilities that follow from the scores of the questions' answers; who has not said a word was not reached."""
    if NO_TURN in flags:
        return surely(UNREACHABLE, SITUATIONS)
    share = answered(model, scores)
    if has_broken_enough(flags):
        share |= {"broken:yes": 1.0, "broken:no": 0.0}
    outright = {name: share.get(f"outright:{name}", 0.0) for name in OUTRIGHT}
    rest = dict(_shared_out(QUESTIONS, share.get(f"outright:{REST}", 0.0), share))
    return {name: (outright | rest)[name] for name in SITUATIONS}


def _shared_out(at: Question | str, reached: float, share: dict[str, float]) -> Iterator[tuple[str, float]]:
    """The situations that one question leads to, each with its part of the probability that `reached` it."""
    if isinstance(at, str):
        yield at, reached
        return
    question, yes, no = at
    for answer, following in ((YES, yes), (NO, no)):
        yield from _shared_out(following, reached * share.get(f"{question}:{answer}", 0.0), share)


def answered(model: LinearText, scores: np.ndarray) -> dict[str, float]:
    """One probability a label "question:answer"; those of each question add up to one."""
    odds = dict(zip(model.labels, np.exp(scores.astype(np.float64) / TEMPERATURE).tolist(), strict=True))
    totals: dict[str, float] = {}
    for label, value in odds.items():
        question = label.partition(":")[0]
        totals[question] = totals.get(question, 0.0) + value
    return {label: value / totals[label.partition(":")[0]] for label, value in odds.items()}
