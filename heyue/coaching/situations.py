"""Which situation a talk has come to (contracts.md section 1; "Situations, where several fit" in section 4).

A linear model over the borrower's words and behaviour, with what the collector speaks of as context, answers five
questions in one look; the order of precedence in contracts.md puts the answers together. So a type of borrower that
was only seen in one situation does not decide the others. A second one looks at the collector's words alone: what people
answer tells what they have heard. The log-probabilities of the two are averaged, as for debtor types.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from heyue.coaching.debtor_types import LEAST, MODELS, load_model, surely
from heyue.errors import Broken
from heyue.understanding.linear_text import Blocks, LinearText, pooled

MODEL_FILE = MODELS / "situations.npz"
COLLECTOR_MODEL_FILE = MODELS / "situations_by_collector.npz"
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
# Chosen on held-out voices (docs/models.md): of the answers, and of the two models together.
TEMPERATURE, POOL_TEMPERATURE = 0.9, 0.8


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


@cache
def collector_model() -> LinearText:
    """The trained model of the collector's words.

    Raises:
        Broken: there is none.
    """
    return load_model(COLLECTOR_MODEL_FILE)


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


def situations_of_all(talks: Sequence[Blocks], collector: Sequence[Blocks]) -> list[dict[str, float]]:
    """For each talk one probability a situation, in the order of SITUATIONS.

    Args:
        collector: what the people who speak for the lender say in each.
    """
    return situations_by(situation_model(), collector_model(), talks, collector)


def situations_by(
    model: LinearText, collector_model: LinearText, talks: Sequence[Blocks], collector: Sequence[Blocks]
) -> list[dict[str, float]]:
    """The same by any two models; by the first alone where no person speaks for the lender, or the borrower has not said a word."""
    if not talks:
        return []
    alone = [
        situation_shares(model, row, blocks.flags)
        for row, blocks in zip(model.scores_of_all(talks), talks, strict=True)
    ]
    by_collector = [dict(zip(collector_model.labels, row, strict=True)) for row in collector_model.probabilities_of_all(collector).tolist()]
    logs = [np.log([[max(share.get(name, 0.0), LEAST) for name in SITUATIONS] for share in each]) for each in (alone, by_collector)]
    together = pooled(logs, (POOL_TEMPERATURE, POOL_TEMPERATURE)).tolist()
    return [
        dict(zip(SITUATIONS, both, strict=True)) if heard.words and NO_TURN not in blocks.flags else own
        for own, both, blocks, heard in zip(alone, together, talks, collector, strict=True)
    ]


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
