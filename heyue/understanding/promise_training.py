"""Trains the decision on promises from labelled messages. Never imported where messages are read."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from heyue.errors import BadInput
from heyue.understanding.amounts import find_amounts
from heyue.understanding.clauses import clauses_of, readable
from heyue.understanding.dates import DateMention, find_dates
from heyue.understanding.promise_features import Sketch, day_features, message_features, sum_features
from heyue.understanding.promise_model import NOTHING, OFFERED, SCALE, Decision, PromiseModel
from heyue.understanding.promise_rules import TODAY, judge_by_rules

INVERSE_PENALTY = 0.1  # this and what follows was chosen on held-out voices (bench/promises_messages.py)
RAREST = 3
VALUE_OF_FACT, VALUE_OF_OUTLINE, VALUE_OF_WORDS = 1.5, 1.0, 0.6
LEAST_WEIGHT = 5  # thousandths below which no label's weight is kept

Features = list[str]
Labelled = tuple[Features, str]
Message = dict[str, Any]


@dataclass
class Lessons:
    """What the messages teach each decision: features with their label."""

    day: list[Labelled] = field(default_factory=list)
    sum: list[Labelled] = field(default_factory=list)
    message: list[Labelled] = field(default_factory=list)


def read_messages(folder: Path) -> list[Message]:
    """The messages of every nlu_data/messages/<voice>.jsonl in `folder`: `now`, `text` and `gold`.

    Raises:
        BadInput: a line is no JSON.
    """
    return [message for path in sorted(folder.glob("*.jsonl")) for message in _messages_of(path)]


def _messages_of(path: Path) -> Iterator[Message]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise BadInput(f"{path}, line {number}: no JSON ({error})") from error


def train_promises(messages: Iterable[Message]) -> PromiseModel:
    """The model of labelled messages (as `read_messages` gives them); the same messages in the same order give the same model.

    Raises:
        BadInput: a message lacks `now`, `text` or `gold.promises`.
    """
    lessons = Lessons()
    for message in messages:
        try:
            learn(
                lessons, message["text"], datetime.fromisoformat(message["now"]), message["gold"]["promises"]
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"not a labelled message ({error!r}): {str(message)[:80]}") from error
    return PromiseModel(fit(lessons.day), fit(lessons.sum), fit(lessons.message))


def learn(lessons: Lessons, text: str, now: datetime, promises: list[dict[str, Any]]) -> None:
    """Add what one message teaches."""
    plain, today = readable(text), now.date()
    clauses = clauses_of(plain, find_dates(text, now), find_amounts(text))
    sketch = Sketch(plain, clauses, judge_by_rules(plain, clauses, today), today)
    labels = day_labels(sketch.placed_days, promises, today.isoformat())
    lessons.day += zip((day_features(sketch, day) for day in sketch.placed_days), labels, strict=True)
    amounts = {promise["amount"] for promise in promises}
    if promises:
        lessons.sum += (
            (sum_features(sketch, each), OFFERED if each.amount in amounts else NOTHING)
            for each in sketch.placed_sums
        )
    label = None if set(labels) - {NOTHING} else undated_label(promises, today.isoformat())
    if label is not None:
        lessons.message.append((message_features(sketch), label))


def day_labels(days: list[DateMention], promises: list[dict[str, Any]], today: str) -> list[str]:
    """How firmly each day is promised; two days that make one span ("最快周五，最慢周一") both are."""
    spans = [(max(str(day.start), today), day.end and day.end.isoformat()) for day in days]
    labels = [NOTHING] * len(days)
    for promise in promises:
        wanted = (promise["start"], promise["end"])
        for index, span in enumerate(spans):
            if span == wanted:
                labels[index] = promise["certainty"]
        for index, (first, last) in enumerate(pairwise(spans)):
            if (first[0], last[1]) == wanted and wanted not in (first, last):
                labels[index] = labels[index + 1] = promise["certainty"]
    return labels


def undated_label(promises: list[dict[str, Any]], today: str) -> str | None:
    """The label of a message in which no day is promised; None where its day was not found."""
    if not promises:
        return NOTHING
    (first, *more) = promises
    if more:
        return None
    if first["start"] is None:
        return str(first["certainty"])
    return TODAY if first["start"] == first["end"] == today else None


def value_of(feature: str) -> float:
    """How much a feature counts before anything is learnt."""
    return {"=": VALUE_OF_FACT, "+": VALUE_OF_OUTLINE}.get(feature[0], VALUE_OF_WORDS)


def fit(lessons: Sequence[Labelled]) -> Decision:
    """A decision that gives the lessons' labels."""
    rows = [set(features) for features, _ in lessons]
    spread = Counter(feature for row in rows for feature in row)
    vocabulary = sorted(feature for feature, count in spread.items() if count >= RAREST)
    index = {feature: place for place, feature in enumerate(vocabulary)}
    values = np.array([value_of(feature) for feature in vocabulary])
    columns = [sorted(index[feature] for feature in row if feature in index) for row in rows]
    flat = np.concatenate([np.array(row, dtype=np.int64) for row in columns])
    starts = np.cumsum([0] + [len(row) for row in columns])
    matrix = csr_matrix((values[flat], flat, starts), shape=(len(rows), len(vocabulary)))
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=200, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix, [label for _, label in lessons])
    weights, bias = model.coef_.T * values[:, None], model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    rounded = np.rint(SCALE * weights).astype(int)
    kept = np.flatnonzero(abs(rounded).max(axis=1) >= LEAST_WEIGHT)
    return Decision(
        tuple(str(label) for label in model.classes_),
        tuple(round(SCALE * float(each)) for each in bias),
        {vocabulary[place]: rounded[place].tolist() for place in kept},
    )
