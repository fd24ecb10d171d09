"""Trains the decision on promises from labelled messages. Never imported where messages are read."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from heyue.errors import BadInput
from heyue.understanding.amounts import find_amounts
from heyue.understanding.clauses import clauses_of, readable
from heyue.understanding.dates import DateMention, find_dates
from heyue.understanding.promise_features import Sketch, day_features, message_features, sum_features
from heyue.understanding.promise_model import SCALE, Decision, PromiseModel
from heyue.understanding.promise_rules import TODAY, judge_by_rules
from heyue.understanding.promise_second import (
    DATED,
    DATED_WAITS,
    NOTHING,
    OFFERED,
    FirstLook,
    Forest,
    day_row,
    message_row,
)

INVERSE_PENALTY = 0.1  # this and what follows was chosen on held-out voices (bench/promises_messages.py)
RAREST = 3
VALUE_OF_FACT, VALUE_OF_OUTLINE, VALUE_OF_WORDS = 1.5, 1.0, 0.6
LOOSE = (
    60,
    1e-2,
)  # rounds and tolerance for the whole message: more of either costs time and changes no label
PARTS = 4  # of the messages, in their order so that a voice stays together
TREES, STEP, LEAVES = 150, 0.1, 8
SOMETHING = "promise"  # the label of a message that promises without a day
# what rare labels gain: fits held back by penalties undervalue them
DAY_LEAN = {"conditional": 0.3}
WHOLE_LEAN = {SOMETHING: 0.5}
LEAST_WEIGHT = 5  # thousandths below which no label's weight is kept

Features = list[str]
Labelled = tuple[Features, str]
Message = dict[str, Any]


@dataclass
class Lesson:
    """What one message teaches: features with their label of each day, each sum, and the whole; None: teaches nothing."""

    sketch: Sketch
    days: list[Labelled]
    sums: list[tuple[Features, str | None]]
    whole: tuple[Features, str | None]


class FirstDecisions(NamedTuple):
    """The decisions of the first look."""

    day: Decision
    sum: Decision
    whole: Decision

    def look(self, lesson: Lesson) -> FirstLook:
        """What they say of a message."""
        return FirstLook(
            [self.day.scores(features) for features, _ in lesson.days],
            [self.sum.scores(features) for features, _ in lesson.sums],
            self.whole.scores(lesson.whole[0]),
        )


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
    lessons = []
    for message in messages:
        try:
            now = datetime.fromisoformat(message["now"])
            lessons.append(lesson_of(message["text"], now, message["gold"]["promises"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"not a labelled message ({error!r}): {str(message)[:80]}") from error
    return PromiseModel(*fit_first(lessons), *fit_second(lessons))


def lesson_of(text: str, now: datetime, promises: list[dict[str, Any]]) -> Lesson:
    """What one message teaches."""
    plain, today = readable(text), now.date()
    clauses = clauses_of(plain, find_dates(text, now), find_amounts(text))
    sketch = Sketch(plain, clauses, judge_by_rules(plain, clauses, today), today)
    labels = day_labels(sketch.placed_days, promises, today.isoformat())
    days = [(day_features(sketch, day), label) for day, label in zip(sketch.placed_days, labels, strict=True)]
    amounts = {promise["amount"] for promise in promises}
    sums = [
        (sum_features(sketch, each), (OFFERED if each.amount in amounts else NOTHING) if promises else None)
        for each in sketch.placed_sums
    ]
    label: str | None = DATED_WAITS if "conditional" in labels else DATED
    if not set(labels) - {NOTHING}:
        label = undated_label(promises, today.isoformat())
    return Lesson(sketch, days, sums, (message_features(sketch), label))


def fit_first(lessons: Sequence[Lesson]) -> FirstDecisions:
    """The decisions of the first look, each fitted to all that the lessons have of its kind."""
    sums = [(features, label) for each in lessons for features, label in each.sums if label is not None]
    wholes = [(features, label) for features, label in (each.whole for each in lessons) if label is not None]
    return FirstDecisions(fit([day for each in lessons for day in each.days]), fit(sums), fit(wholes, *LOOSE))


def fit_second(lessons: Sequence[Lesson]) -> tuple[Forest, Forest]:
    """The trees of the second look, fitted to what first looks say of messages that they were not fitted to."""
    days: list[tuple[list[float], str]] = []
    wholes: list[tuple[list[float], str]] = []
    for number in range(PARTS):
        begin, stop = (len(lessons) * each // PARTS for each in (number, number + 1))
        first = fit_first([*lessons[:begin], *lessons[stop:]])
        for lesson in lessons[begin:stop]:
            look, label = first.look(lesson), lesson.whole[1]
            days += [
                (day_row(lesson.sketch, place, look), of_day) for place, (_, of_day) in enumerate(lesson.days)
            ]
            if label not in (None, DATED, DATED_WAITS):
                wholes.append((message_row(lesson.sketch, look), NOTHING if label == NOTHING else SOMETHING))
    return fit_forest(days, DAY_LEAN), fit_forest(wholes, WHOLE_LEAN)


def fit_forest(lessons: Sequence[tuple[list[float], str]], lean: Mapping[str, float]) -> Forest:
    """Trees that give the lessons' labels, by gradient boosting; `lean`: what labels gain beside."""
    rows = np.array([row for row, _ in lessons], dtype=np.float32)
    model = GradientBoostingClassifier(
        n_estimators=TREES, learning_rate=STEP, max_leaf_nodes=LEAVES, max_depth=None, min_samples_leaf=15,
        max_features=0.5, random_state=0,
    )  # fmt: skip
    model.fit(rows, [label for _, label in lessons])
    labels, parts = tuple(str(label) for label in model.classes_), model.estimators_.T
    grown = np.array([STEP * sum(each.predict(rows[:1])[0] for each in part) for part in parts])
    base = model.decision_function(rows[:1]).ravel() - grown
    gains = [lean.get(label, 0.0) for label in labels]
    if len(labels) == 2:
        gains = [gains[1] - gains[0]]
    trees = [[branch(each.tree_, 0) for each in part] for part in parts]
    return Forest(labels, tuple(round(float(each), 4) for each in base + gains), trees)


def branch(tree: Any, node: int) -> Any:
    """A tree of scikit-learn from a node on, as Forest keeps it."""
    if tree.children_left[node] == tree.children_right[node]:
        return round(STEP * float(tree.value[node][0][0]), 4)
    below, above = (branch(tree, child) for child in (tree.children_left[node], tree.children_right[node]))
    return [int(tree.feature[node]), round(float(tree.threshold[node]), 1), below, above]


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


def fit(lessons: Sequence[Labelled], rounds: int = 200, tolerance: float = 1e-3) -> Decision:
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
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=rounds, tol=tolerance)
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
